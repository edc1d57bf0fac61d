package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/docker"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/images"
)

func newImagesCommand() *cobra.Command {
	var flags clusterFlags
	var archive string
	cmd := &cobra.Command{
		Use:   "images [NAME...]",
		Short: "Build, pull or replace the images of hack/images/images.yaml, and put them into the cluster's node or an archive",
		RunE: func(cmd *cobra.Command, names []string) error {
			ctx := cmd.Context()
			env, err := newEnvironment()
			if err != nil {
				return err
			}
			node, err := env.builder()
			if err != nil {
				return err
			}
			builder := images.Builder{
				Checkout: filepath.Join(node.Source.Dir, "..", ".."),
				Cache:    env.cache,
				Progress: env.progress,
				Base:     func(ctx context.Context) (string, error) { return env.base(ctx, defaultBase) },
			}
			list, err := images.ReadList(filepath.Join(builder.Dir(), "images.yaml"))
			if err != nil {
				return err
			}
			wanted, err := list.Named(names)
			if err != nil {
				return err
			}
			if err := env.daemon().Ensure(ctx); err != nil {
				return err
			}
			cluster := flags.cluster(env)
			// One at a time: what is interrupted goes on where it was.
			ways := builder.Ways()
			var refs []string
			for _, image := range wanted {
				if err := ways.Ensure(ctx, image); err != nil {
					return err
				}
				if archive == "" {
					if err := cluster.Load(ctx, []string{image.Ref}); err != nil {
						return err
					}
				}
				refs = append(refs, image.Ref)
			}
			if archive == "" {
				return nil
			}
			env.progress.Step("writing %d images to %s", len(refs), archive)
			return docker.Save(ctx, archive, refs)
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&archive, "archive", "", "file to write the images to, in place of a cluster")
	return cmd
}
