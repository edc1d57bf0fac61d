package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/docker"
)

const (
	// scratch is the base that every docker has.
	scratch = "scratch"
	// defaultBase is what the images of this project are built on where it can be pulled.
	defaultBase = "gcr.io/distroless/static:nonroot"
)

func newBaseCommand() *cobra.Command {
	var wanted string
	cmd := &cobra.Command{
		Use:   "base",
		Short: "Print the base image to build on: the default, or scratch where that can't be pulled",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := newEnvironment()
			if err != nil {
				return err
			}
			if err := env.daemon().Ensure(cmd.Context()); err != nil {
				return err
			}
			base, err := env.base(cmd.Context(), wanted)
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), base)
			return nil
		},
	}
	cmd.Flags().StringVar(&wanted, "default", defaultBase, "image to build on where it can be pulled")
	return cmd
}

// base returns the image to build on. That it can't be pulled is remembered for a day.
func (e environment) base(ctx context.Context, wanted string) (string, error) {
	if docker.ImageExists(ctx, wanted) {
		return wanted, nil
	}
	return e.cache.Remember("base-"+strings.NewReplacer("/", "-", ":", "-", "@", "-").Replace(wanted), 24*time.Hour, func() (string, error) {
		return pullOr(ctx, wanted, docker.Pull)
	})
}

// pullOr returns the image if it could be pulled and scratch otherwise; an
// interrupted try is no answer.
func pullOr(ctx context.Context, image string, pull func(context.Context, string) error) (string, error) {
	if err := pull(ctx, image); err != nil {
		return scratch, ctx.Err()
	}
	return image, nil
}
