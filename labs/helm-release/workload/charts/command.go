package charts

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/internal/workload/service"
)

// NewCommand makes the subcommand charts.
func NewCommand() *cobra.Command {
	var run service.Service
	command := &cobra.Command{
		Use:   "charts",
		Short: "Serve a chart repository for helm",
		Long: `Serve a chart repository for helm, with the charts that are built in.

/index.yaml lists the charts and /NAME-VERSION.tgz is one of them, /downloads tells as JSON how often each was handed
out, /healthz and /readyz are for probes, /metrics is in the text format of Prometheus.
On SIGTERM the service is no longer ready, goes on answering for --drain, and ends when its requests are done.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			charts, err := Charts()
			if err != nil {
				return err
			}
			server, err := New(charts)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d charts\n", len(server.charts))
			run.Handler, run.Unready = server.Handler(), server.Drain
			return run.Run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	run.AddFlags(command.Flags())
	return command
}
