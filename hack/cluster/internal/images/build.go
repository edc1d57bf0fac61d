package images

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/cache"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/command"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/debian"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/docker"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/progress"
)

const (
	baseRepository   = "lab-operator.local/debian"
	rootfsRepository = "lab-operator.local/debian-rootfs"
	// recipeLabel is on every stand-in and says what it was built from.
	recipeLabel = "local.lab-operator.recipe"
	// way changes with the way stand-ins are put together here.
	way = "1"
)

// Builder builds images in docker.
type Builder struct {
	// Checkout is the top of the checkout. The list and the recipes are in its hack/images.
	Checkout string
	Cache    cache.Cache
	Progress *progress.Reporter
	// Base finds out what the images of this project are built on.
	Base func(context.Context) (string, error)
}

// Dir is the folder of the list and the recipes.
func (b Builder) Dir() string { return filepath.Join(b.Checkout, "hack", "images") }

// Ways are those of a machine with docker.
func (b Builder) Ways() *Ways {
	return &Ways{Found: found, Pull: docker.Pull, Build: b.ours, Recipe: b.recipe, StandIn: b.standIn, Say: b.Progress.Step}
}

// found asks docker for an image, and for its label if it is a stand-in.
func found(ctx context.Context, ref string) (recipe string, found bool) {
	recipe, err := command.Output(ctx, "docker", "image", "inspect", "--format", `{{with .Config.Labels}}{{index . "`+recipeLabel+`"}}{{end}}`, ref)
	return recipe, err == nil
}

// ours builds an image of this project from the programs that were built for docker's architecture.
func (b Builder) ours(ctx context.Context, image Image) error {
	architecture, err := docker.Architecture(ctx)
	if err != nil {
		return err
	}
	programs := ProgramsDir(architecture)
	for _, program := range image.Programs {
		if err := checkProgram(filepath.Join(b.Checkout, programs, program), architecture); err != nil {
			return fmt.Errorf("image %s: %w", image.Name, err)
		}
	}
	base, err := b.Base(ctx)
	if err != nil {
		return err
	}
	return command.Command{Dir: b.Checkout, Args: []string{
		"docker", "build", "--build-arg", "BASE=" + base, "--build-arg", "PROGRAMS=" + programs, "--tag", image.Ref, "--file", image.Dockerfile, ".",
	}}.Run(ctx)
}

// recipe names what a stand-in is built from.
func (b Builder) recipe(image Image) (string, error) {
	recipes := os.DirFS(b.Dir())
	if _, err := fs.Stat(recipes, filepath.Join(image.Name, "Dockerfile")); err != nil {
		return "", fmt.Errorf("image %s has no stand-in: %w", image.Name, err)
	}
	return cache.Key(recipes, []string{"base", image.Name}, debian.Suite, way)
}

// standIn builds a stand-in under the reference of what it stands for.
func (b Builder) standIn(ctx context.Context, image Image, recipe string) (err error) {
	base, err := b.base(ctx)
	if err != nil {
		return err
	}
	// In the cache, so that jars are linked into the build context, not copied.
	work, err := os.MkdirTemp(b.Cache.Path(), ".image-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if err := os.CopyFS(work, os.DirFS(filepath.Join(b.Dir(), image.Name))); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(work, "pom.xml")); err == nil {
		if err := b.linkJars(ctx, image, filepath.Join(work, "libs")); err != nil {
			return err
		}
	}
	b.Progress.Step("image %s: installing Debian packages (a minute, only the first time)", image.Name)
	if err := build(ctx, work, image.Ref, recipe, "BASE="+base); err != nil {
		return err
	}
	// The one by the recipe before has lost its name.
	return command.Run(ctx, "docker", "image", "prune", "--force", "--filter", "label="+recipeLabel)
}

// base returns the image that stand-ins are built on: Debian, ready for apt-get.
func (b Builder) base(ctx context.Context) (string, error) {
	key, err := cache.Key(os.DirFS(b.Dir()), []string{"base"}, debian.Suite, way)
	if err != nil {
		return "", err
	}
	base := baseRepository + ":" + key
	if docker.ImageExists(ctx, base) {
		return base, nil
	}
	archive, err := debian.Maker{Cache: b.Cache, Progress: b.Progress}.RootFS(ctx, "minbase", debian.Suite)
	if err != nil {
		return "", err
	}
	rootfs := rootfsRepository + ":" + debian.Suite
	if err := command.Run(ctx, "docker", "import", archive, rootfs); err != nil {
		return "", err
	}
	return base, build(ctx, filepath.Join(b.Dir(), "base"), base, key, "ROOTFS="+rootfs)
}

// build uses the builder that is part of every daemon. Its containers use the host's
// network, so that apt-get reaches what debootstrap has reached.
func build(ctx context.Context, dir, ref, recipe string, arg string) error {
	return command.Command{
		Env: []string{"DOCKER_BUILDKIT=0"},
		Args: []string{
			"docker", "build", "--force-rm", "--network", "host",
			"--label", recipeLabel + "=" + recipe, "--build-arg", arg, "--tag", ref, dir,
		},
	}.Run(ctx)
}
