package diary

import (
	"crypto/rand"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/internal/workload/service"
)

// NewCommand makes the subcommand diary.
func NewCommand() *cobra.Command {
	var (
		folder string
		run    service.Service
	)
	command := &cobra.Command{
		Use:   "diary",
		Short: "Serve a diary that is kept in a file",
		Long: `Serve a diary: / answers with all entries as JSON, each with the time, the pod and the life that wrote it, and POST /entries adds
one. A life begins when the process starts. POST /crash ends it with an error.

write, read and crash are clients for use in the same pod, by kubectl exec.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			pod, err := os.Hostname()
			if err != nil {
				return fmt.Errorf("find the name of the pod: %w", err)
			}
			diary, err := Open(folder, pod, rand.Text()[:8])
			if err != nil {
				return err
			}
			server := New(diary, folder, func() {
				fmt.Fprintln(cmd.ErrOrStderr(), "crashing, as asked")
				os.Exit(1)
			})
			run.Handler, run.Unready = server.Handler(), server.Unready
			return run.Run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	command.Flags().StringVar(&folder, "folder", "/home/nonroot/diary", "folder that the diary is kept in")
	run.AddFlags(command.Flags())
	command.AddCommand(newWriteCommand(), newReadCommand(), newCrashCommand())
	return command
}
