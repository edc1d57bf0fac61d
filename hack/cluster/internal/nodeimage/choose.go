package nodeimage

import (
	"context"
	"fmt"
)

// Candidate is one way to have a node image.
type Candidate struct {
	Image string
	// Built is true for an image made here: it brings its own pod network.
	Built bool
}

// Ways are the means of choosing, apart from the choice itself.
type Ways struct {
	// Local is the tag of the image built here, Public the one kind pulls.
	Local, Public string
	Exists        func(ctx context.Context, image string) bool
	Pull          func(ctx context.Context, image string) error
	Build         func(ctx context.Context, image string) error
	Say           func(format string, args ...any)
}

// Choose takes what is there, else what can be pulled, else what can be built.
func (w Ways) Choose(ctx context.Context) (Candidate, error) {
	local, public := Candidate{Image: w.Local, Built: true}, Candidate{Image: w.Public}
	for _, candidate := range []Candidate{local, public} {
		if w.Exists(ctx, candidate.Image) {
			w.Say("node image: %s, already here", candidate.Image)
			return candidate, nil
		}
	}
	w.Say("node image: pulling %s", w.Public)
	pullErr := w.Pull(ctx, w.Public)
	if pullErr == nil {
		return public, nil
	}
	if ctx.Err() != nil {
		return Candidate{}, ctx.Err()
	}
	w.Say("node image: it can not be pulled, so %s is built from Debian packages and Go modules", w.Local)
	if err := w.Build(ctx, w.Local); err != nil {
		return Candidate{}, fmt.Errorf("no node image: it can neither be pulled (%w) nor built: %w", pullErr, err)
	}
	return local, nil
}
