package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/docker"
)

func newArchCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "arch",
		Short: "Print the architecture that docker runs images of, as Go names it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := newEnvironment()
			if err != nil {
				return err
			}
			if err := env.daemon().Ensure(cmd.Context()); err != nil {
				return err
			}
			architecture, err := docker.Architecture(cmd.Context())
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), architecture)
			return nil
		},
	}
}
