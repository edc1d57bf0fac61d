package nodeimage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/cache"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/command"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/progress"
)

// Builder builds what a machine without a registry needs.
type Builder struct {
	Source   Source
	Cache    cache.Cache
	Progress *progress.Reporter
}

const programsKind = "programs"

// programsKey names the programs by their sources, the compiler and its flags.
func (b Builder) programsKey(ctx context.Context) (string, error) {
	compiler, err := command.Command{Dir: b.Source.Dir, Args: []string{"go", "version"}}.Output(ctx)
	if err != nil {
		return "", err
	}
	versions, err := b.Source.Versions()
	if err != nil {
		return "", err
	}
	return cache.Key(b.Source.files(), []string{"go.mod", "go.sum", "pause", "provisioner"},
		compiler, ldflags(versions), programsRecipe)
}

// programsRecipe changes with the way the programs are built.
const programsRecipe = "CGO_ENABLED=0 trimpath"

// FindPrograms returns the folder of the programs if they have been built.
func (b Builder) FindPrograms(ctx context.Context) (string, bool, error) {
	key, err := b.programsKey(ctx)
	if err != nil {
		return "", false, err
	}
	dir, found := b.Cache.Find(programsKind, key)
	return dir, found, nil
}

// Programs returns a folder with all programs of the node, of its pods and kubectl.
func (b Builder) Programs(ctx context.Context) (string, error) {
	key, err := b.programsKey(ctx)
	if err != nil {
		return "", err
	}
	return b.Cache.Make(programsKind, key, func(dir string) error {
		versions, err := b.Source.Versions()
		if err != nil {
			return err
		}
		b.Progress.Step("compiling Kubernetes %s and what a node needs (5 to 10 minutes, only the first time)", versions.Kubernetes)
		// One invocation compiles what the programs share only once.
		build := command.Command{
			Dir: b.Source.Dir,
			// The flags of whoever calls us are not part of the key.
			Env: []string{"CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off"},
			Args: []string{
				"go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false",
				"-ldflags", ldflags(versions), "-o", dir + string(filepath.Separator),
				"tool", "./pause", "./provisioner",
			},
		}
		if err := build.Run(ctx); err != nil {
			return err
		}
		// etcd's main package is its module's root, and is named after the folder.
		return os.Rename(filepath.Join(dir, "server"), filepath.Join(dir, "etcd"))
	})
}

const agentKind = "network-agent"

// agent returns a folder with the program that enforces network policies. Its module is small, and a change of it compiles
// nothing else anew.
func (b Builder) agent(ctx context.Context) (string, error) {
	compiler, err := command.Command{Dir: b.Source.Dir, Args: []string{"go", "version"}}.Output(ctx)
	if err != nil {
		return "", err
	}
	key, err := cache.Key(b.Source.files(), []string{"network/go.mod", "network/go.sum"}, compiler, programsRecipe)
	if err != nil {
		return "", err
	}
	return b.Cache.Make(agentKind, key, func(dir string) error {
		b.Progress.Step("compiling what enforces network policies (a minute, only the first time)")
		return command.Command{
			Dir: filepath.Join(b.Source.Dir, "network"),
			Env: []string{"CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off"},
			Args: []string{
				"go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w",
				"-o", dir + string(filepath.Separator), "tool",
			},
		}.Run(ctx)
	})
}

// ldflags tells the programs their version: as modules they don't know it, and
// kubeadm refuses a kubelet of no version.
func ldflags(versions Versions) string {
	major, rest, _ := strings.Cut(strings.TrimPrefix(versions.Kubernetes, "v"), ".")
	minor, _, _ := strings.Cut(rest, ".")
	set := func(name, value string) string { return fmt.Sprintf("-X %s=%s", name, value) }
	const component = "k8s.io/component-base/version"
	return strings.Join([]string{
		"-s -w",
		set(component+".gitVersion", versions.Kubernetes),
		set(component+".gitMajor", major),
		set(component+".gitMinor", minor),
		set(component+".gitTreeState", "clean"),
		set(containerdModule+"/version.Version", versions.Containerd),
	}, " ")
}
