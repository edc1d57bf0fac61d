// Command manager is the operator: it runs in the cluster, or outside it with the rights of a kubeconfig.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/spf13/cobra"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // The ways to authenticate that kubectl knows: outside the cluster the operator reads its kubeconfig.
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/lab-operator/lab-operator/internal/operator"
)

func main() {
	if err := command().ExecuteContext(ctrl.SetupSignalHandler()); err != nil {
		os.Exit(1)
	}
}

func command() *cobra.Command {
	var options operator.Options
	var debug bool
	cmd := &cobra.Command{
		Use:          "manager",
		Short:        "Run the lab operator",
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return run(cmd.Context(), options, debug)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&options.Namespace, "namespace", namespace(), "the operator's own namespace")
	flags.BoolVar(&options.LeaderElection, "leader-elect", false, "agree with other replicas on one that works")
	flags.StringVar(&options.ProbeAddress, "health-probe-bind-address", ":8081", "where /healthz and /readyz are served")
	flags.StringVar(&options.MetricsAddress, "metrics-bind-address", ":8080", "where /metrics is served; 0 serves none")
	flags.StringVar(&options.APIServer, "api-server", "", "the address of the API server as attendees of workshops reach it; empty is the operator's own")
	flags.IntVar(&options.Workers, "workers", 0, "how many labs are reconciled at the same time; 0 chooses")
	flags.IntVar(&options.MaxAttendees, "max-attendees", 0, "how many attendees a workshop may have; 0 is as many as the API allows")
	options.RevisionHistoryLimit = flags.Uint("revision-history-limit", operator.DefaultRevisionHistoryLimit,
		"how many revisions of an exercise in a topic are kept that no lab refers to")
	flags.BoolVar(&debug, "debug", false, "log for people, and more")
	return cmd
}

func run(ctx context.Context, options operator.Options, debug bool) error {
	ctrl.SetLogger(zap.New(zap.UseDevMode(debug)))
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the cluster: %w", err)
	}
	err = operator.Run(ctx, config, options)
	if !errors.Is(err, operator.ErrRestart) {
		return err
	}
	ctrl.Log.Info("Beginning again", "reason", err.Error())
	return again()
}

// again starts this program anew in the same process: a container that ends is kept waiting longer each time.
func again() error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	return fmt.Errorf("start %s again: %w", program, syscall.Exec(program, os.Args, os.Environ()))
}

// namespace is where the pod runs, by the downward API.
func namespace() string {
	if name := os.Getenv("POD_NAMESPACE"); name != "" {
		return name
	}
	return "lab-operator-system"
}
