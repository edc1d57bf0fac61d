// Command cluster makes the local Kubernetes cluster that the operator is tried on,
// and finds the programs that its tests need. See hack/README.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}

func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "cluster",
		Short:         "A local Kubernetes cluster, also where no image registry can be reached",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		newUpCommand(), newDownCommand(), newLoadCommand(), newImagesCommand(),
		newDockerCommand(), newArchCommand(), newBaseCommand(), newAssetsCommand(),
	)
	return root
}
