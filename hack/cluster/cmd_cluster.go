package main

import (
	"context"

	"github.com/spf13/cobra"
	"sigs.k8s.io/kind/pkg/apis/config/defaults"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/docker"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/dockerd"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/kindcluster"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/nodeimage"
)

// clusterFlags say which cluster a command is about.
type clusterFlags struct{ name, kubeconfig string }

func (f *clusterFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.name, "name", "lab-operator", "name of the cluster; its context is kind-<name>")
	cmd.Flags().StringVar(&f.kubeconfig, "kubeconfig", "", "file that has its context (default: the one kubectl uses)")
}

func (f *clusterFlags) cluster(env environment) kindcluster.Cluster {
	return kindcluster.Cluster{Name: f.name, Kubeconfig: f.kubeconfig, Facts: env.facts, Progress: env.progress}
}

func newUpCommand() *cobra.Command {
	var flags clusterFlags
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Make the cluster, or bring it back; ends when it works",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := newEnvironment()
			if err != nil {
				return err
			}
			if err := env.daemon().Ensure(cmd.Context()); err != nil {
				return err
			}
			return flags.cluster(env).Up(cmd.Context(), env.chooseNodeImage)
		},
	}
	flags.add(cmd)
	return cmd
}

// chooseNodeImage takes, pulls or builds the image of the cluster's node.
func (e environment) chooseNodeImage(ctx context.Context) (nodeimage.Candidate, error) {
	builder, err := e.builder()
	if err != nil {
		return nodeimage.Candidate{}, err
	}
	tag, err := builder.Tag(ctx)
	if err != nil {
		return nodeimage.Candidate{}, err
	}
	return nodeimage.Ways{
		Local:  tag,
		Public: defaults.Image,
		Exists: docker.ImageExists,
		Pull:   docker.Pull,
		Build:  builder.Build,
		Say:    e.progress.Step,
	}.Choose(ctx)
}

func newDownCommand() *cobra.Command {
	var flags clusterFlags
	var daemon bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Delete the cluster",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := newEnvironment()
			if err != nil {
				return err
			}
			if err := dockerd.Answers(cmd.Context()); err != nil {
				return err
			}
			if err := flags.cluster(env).Down(); err != nil {
				return err
			}
			if daemon {
				return env.daemon().Stop(cmd.Context())
			}
			return nil
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&daemon, "docker", false, "also end the docker daemon if it was started from here")
	return cmd
}

func newLoadCommand() *cobra.Command {
	var flags clusterFlags
	cmd := &cobra.Command{
		Use:   "load IMAGE...",
		Short: "Put docker's images into the cluster's node",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, images []string) error {
			env, err := newEnvironment()
			if err != nil {
				return err
			}
			return flags.cluster(env).Load(cmd.Context(), images)
		},
	}
	flags.add(cmd)
	return cmd
}
