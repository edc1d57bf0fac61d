// Package assets finds the programs that envtest starts: an API server and etcd,
// with the kubectl that belongs to them.
package assets

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/cache"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/command"
)

const (
	setupEnvtest = "sigs.k8s.io/controller-runtime/tools/setup-envtest@v0.25.1"
	// downloadTimeout covers compiling the downloader too.
	downloadTimeout = 5 * time.Minute
	// offline is remembered for so long.
	offline = 24 * time.Hour
)

// Finder finds the programs without docker.
type Finder struct {
	Cache cache.Cache
	// Kubernetes is the version wanted: a patch release need not be published as
	// test binaries, its minor release is.
	Kubernetes string
	// Built returns the folder of programs compiled here, if there is one.
	Built func(ctx context.Context) (dir string, found bool, err error)
	// Build compiles them.
	Build func(ctx context.Context) (dir string, err error)
	Say   func(format string, args ...any)
}

// Dir returns the folder of the programs: what was compiled here, else what can be
// downloaded, else it compiles.
func (f Finder) Dir(ctx context.Context) (string, error) {
	return f.find(ctx, f.download)
}

func (f Finder) find(ctx context.Context, download func(context.Context) (string, error)) (string, error) {
	dir, found, err := f.Built(ctx)
	if err != nil || found {
		return dir, err
	}
	const none = ""
	dir, err = f.Cache.Remember("envtest-"+f.Kubernetes, offline, func() (string, error) {
		f.Say("test binaries: downloading Kubernetes %s", minor(f.Kubernetes))
		dir, err := download(ctx)
		if ctx.Err() != nil {
			return none, ctx.Err()
		}
		if err != nil {
			f.Say("test binaries: they can not be downloaded and are compiled")
			return none, nil
		}
		return dir, nil
	})
	if err != nil || dir != none {
		return dir, err
	}
	return f.Build(ctx)
}

func (f Finder) download(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, downloadTimeout)
	defer cancel()
	return command.Command{
		Env: []string{"GOFLAGS="},
		Args: []string{"go", "run", setupEnvtest, "use", minor(f.Kubernetes) + ".x",
			"--print", "path", "--bin-dir", f.Cache.Path("envtest")},
	}.Output(ctx)
}

// minor returns 1.37 of v1.37.2.
func minor(version string) string {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) < 2 {
		return version
	}
	return fmt.Sprintf("%s.%s", parts[0], parts[1])
}
