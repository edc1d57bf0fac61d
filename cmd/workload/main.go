// Command workload is the program of the services that exercises deploy: one small static image, one subcommand for
// each thing a service can be.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/cmd/workload/broken"
	"github.com/lab-operator/lab-operator/cmd/workload/charts"
	"github.com/lab-operator/lab-operator/cmd/workload/diary"
	"github.com/lab-operator/lab-operator/cmd/workload/ledger"
	"github.com/lab-operator/lab-operator/cmd/workload/library"
	"github.com/lab-operator/lab-operator/cmd/workload/load"
	"github.com/lab-operator/lab-operator/cmd/workload/orders"
	"github.com/lab-operator/lab-operator/cmd/workload/pipeline"
	"github.com/lab-operator/lab-operator/cmd/workload/prices"
	"github.com/lab-operator/lab-operator/cmd/workload/quorum"
	"github.com/lab-operator/lab-operator/cmd/workload/shortener"
	"github.com/lab-operator/lab-operator/cmd/workload/web"
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
