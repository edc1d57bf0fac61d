// Command workload is the program of the services that exercises deploy: one small static image, one subcommand for
// each service. The services stand beside the exercises that they were made for, in labs/<exercise>/workload.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/internal/workload/broken"
	"github.com/lab-operator/lab-operator/labs/cache-aside/workload/prices"
	"github.com/lab-operator/lab-operator/labs/container-storage/workload/diary"
	"github.com/lab-operator/lab-operator/labs/etcd-quorum/workload/quorum"
	"github.com/lab-operator/lab-operator/labs/helm-release/workload/charts"
	"github.com/lab-operator/lab-operator/labs/hpa-scaling/workload/load"
	"github.com/lab-operator/lab-operator/labs/hpa-scaling/workload/web"
	"github.com/lab-operator/lab-operator/labs/kafka-orders/workload/orders"
	"github.com/lab-operator/lab-operator/labs/spark-job/workload/library"
	"github.com/lab-operator/lab-operator/labs/streaming-replication/workload/ledger"
	"github.com/lab-operator/lab-operator/labs/training-pipeline/workload/pipeline"
	"github.com/lab-operator/lab-operator/labs/url-shortener/workload/shortener"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "workload:", err)
		os.Exit(1)
	}
}

// newCommand makes the command line.
func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "workload",
		Short:         "The services that the exercises deploy",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		broken.NewCommand(), charts.NewCommand(), diary.NewCommand(), ledger.NewCommand(), library.NewCommand(), load.NewCommand(),
		orders.NewCommand(), pipeline.NewCommand(), prices.NewCommand(), quorum.NewCommand(), shortener.NewCommand(), web.NewCommand(),
	)
	return root
}
