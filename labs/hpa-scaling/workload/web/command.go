package web

import (
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/internal/workload/service"
)

// NewCommand makes the subcommand web.
func NewCommand() *cobra.Command {
	var (
		options Options
		run     service.Service
	)
	command := &cobra.Command{
		Use:   "web",
		Short: "Serve HTTP requests that cost CPU time",
		Long: `Serve HTTP requests, each of which costs the CPU time given by --burn.

/ does the work, /healthz and /readyz are for probes, /metrics is in the text format of Prometheus.
On SIGTERM the service is no longer ready, goes on answering for --drain, and ends when its requests are done.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			name, err := os.Hostname()
			if err != nil {
				return fmt.Errorf("find the name of the host: %w", err)
			}
			options.Name = name
			server, err := New(options)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "a request costs %v of CPU time\n", options.Burn)
			run.Handler, run.Unready = server.Handler(), server.Drain
			return run.Run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	flags := command.Flags()
	run.AddFlags(flags)
	flags.DurationVar(&options.Burn, "burn", 10*time.Millisecond, "CPU time that a request costs, 0s to 1m")
	flags.IntVar(&options.Parallel, "parallel", runtime.GOMAXPROCS(0), "requests that are worked on at the same time")
	flags.IntVar(&options.Queue, "queue", 100, "requests that may wait for their turn; more are answered with 503")
	return command
}
