package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/docker"
)

// scratch is the base that every docker has.
const scratch = "scratch"

func newBaseCommand() *cobra.Command {
	var wanted string
	cmd := &cobra.Command{
		Use:   "base",
		Short: "Print the base image to build on: the default, or scratch where that can't be pulled",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			env, err := newEnvironment()
			if err != nil {
				return err
			}
			if err := env.daemon().Ensure(ctx); err != nil {
				return err
			}
			base := wanted
			if !docker.ImageExists(ctx, wanted) {
				base, err = env.cache.Remember("base-"+strings.NewReplacer("/", "-", ":", "-", "@", "-").Replace(wanted), 24*time.Hour, func() (string, error) {
					return pullOr(ctx, wanted, docker.Pull)
				})
				if err != nil {
					return err
				}
			}
			fmt.Fprintln(cmd.OutOrStdout(), base)
			return nil
		},
	}
	cmd.Flags().StringVar(&wanted, "default", "gcr.io/distroless/static:nonroot", "image to build on where it can be pulled")
	return cmd
}

// pullOr returns the image if it could be pulled and scratch otherwise; an
// interrupted try is no answer.
func pullOr(ctx context.Context, image string, pull func(context.Context, string) error) (string, error) {
	if err := pull(ctx, image); err != nil {
		return scratch, ctx.Err()
	}
	return image, nil
}
