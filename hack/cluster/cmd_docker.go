package main

import "github.com/spf13/cobra"

func newDockerCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "docker",
		Short: "Make sure that a docker daemon answers",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := newEnvironment()
			if err != nil {
				return err
			}
			return env.daemon().Ensure(cmd.Context())
		},
	}
}
