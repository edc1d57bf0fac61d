package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/assets"
)

func newAssetsCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "assets",
		Aliases: []string{"tools"},
		Short:   "Print the folder of kube-apiserver, etcd and kubectl (KUBEBUILDER_ASSETS)",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := newEnvironment()
			if err != nil {
				return err
			}
			builder, err := env.builder()
			if err != nil {
				return err
			}
			versions, err := builder.Source.Versions()
			if err != nil {
				return err
			}
			dir, err := assets.Finder{
				Cache:      env.cache,
				Kubernetes: versions.Kubernetes,
				Built:      builder.FindPrograms,
				Build:      builder.Programs,
				Say:        env.progress.Step,
			}.Dir(cmd.Context())
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), dir)
			return nil
		},
	}
}
