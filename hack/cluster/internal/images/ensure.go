package images

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/docker"
)

// Ways are the means of getting an image into docker, apart from the choice.
type Ways struct {
	// Found tells whether docker has an image, and the recipe if it is a stand-in.
	Found func(ctx context.Context, ref string) (recipe string, found bool)
	Pull  func(ctx context.Context, ref string) error
	// Build builds an image of this project, and StandIn a stand-in by its recipe.
	Build   func(ctx context.Context, image Image) error
	Recipe  func(image Image) (string, error)
	StandIn func(ctx context.Context, image Image, recipe string) error
	Say     func(format string, args ...any)

	// silent are the registries that were asked and did not answer: the next image
	// does not wait for them again.
	silent map[string]bool
}

// Ensure builds what is ours. It takes any other image that docker has, unless it is
// a stand-in by an older recipe; else what can be pulled, else a stand-in.
func (w *Ways) Ensure(ctx context.Context, image Image) error {
	if image.Dockerfile != "" {
		w.Say("image %s: building %s", image.Name, image.Ref)
		return w.Build(ctx, image)
	}
	recipe, err := w.Recipe(image)
	if err != nil {
		return err
	}
	switch has, found := w.Found(ctx, image.Ref); {
	case found && has == "":
		w.Say("image %s: %s, already here", image.Name, image.Ref)
		return nil
	case found && has == recipe:
		w.Say("image %s: %s, already here as a stand-in", image.Name, image.Ref)
		return nil
	}
	pullErr := w.pull(ctx, image)
	if pullErr == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	w.Say("image %s: it can not be pulled, so a stand-in is built", image.Name)
	if err := w.StandIn(ctx, image, recipe); err != nil {
		return fmt.Errorf("no image %s: it can neither be pulled (%w) nor built: %w", image.Name, pullErr, err)
	}
	return nil
}

func (w *Ways) pull(ctx context.Context, image Image) error {
	registry := registryOf(image.Ref)
	if w.silent[registry] {
		return fmt.Errorf("%s: %w", image.Ref, docker.ErrSilent)
	}
	w.Say("image %s: pulling %s", image.Name, image.Ref)
	err := w.Pull(ctx, image.Ref)
	if errors.Is(err, docker.ErrSilent) {
		if w.silent == nil {
			w.silent = map[string]bool{}
		}
		w.silent[registry] = true
	}
	return err
}

// registryOf is the host in a reference, empty where it leaves the host to docker.
func registryOf(ref string) string {
	host, _, found := strings.Cut(ref, "/")
	if found && (strings.ContainsAny(host, ".:") || host == "localhost") {
		return host
	}
	return ""
}
