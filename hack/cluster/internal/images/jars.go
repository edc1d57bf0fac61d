package images

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/cache"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/command"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/dockerd"
)

// linkJars puts what an image's pom.xml depends on into a folder.
func (b Builder) linkJars(ctx context.Context, image Image, libs string) error {
	jars, err := b.jars(ctx, image)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(jars)
	if err != nil {
		return err
	}
	if err := os.Mkdir(libs, 0o755); err != nil {
		return err
	}
	for _, entry := range entries {
		if err := os.Link(filepath.Join(jars, entry.Name()), filepath.Join(libs, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// jars has Maven resolve an image's pom.xml. It runs here, not in docker, because
// Maven's settings are here.
func (b Builder) jars(ctx context.Context, image Image) (dir string, err error) {
	pom := filepath.Join(image.Name, "pom.xml")
	key, err := cache.Key(os.DirFS(b.Dir()), []string{pom})
	if err != nil {
		return "", err
	}
	return b.Cache.Make("jars-"+image.Name, key, func(dir string) error {
		if _, err := exec.LookPath("mvn"); err != nil {
			b.Progress.Step("installing maven")
			if err := dockerd.Install(ctx, "maven"); err != nil {
				return err
			}
		}
		b.Progress.Step("image %s: getting its jars by Maven", image.Name)
		return command.Run(ctx, "mvn", "--batch-mode", "--quiet", "--file", filepath.Join(b.Dir(), pom),
			"dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+dir)
	})
}
