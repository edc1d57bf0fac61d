package pipeline

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/internal/workload/service"
)

// NewCommand makes the subcommand pipeline.
func NewCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "pipeline",
		Short: "Train a model, step by step, or keep the registry of batches and models",
		Long: `Train a model of what a ride costs, step by step. Every step reads what the one before it left in --folder: ingest takes
the next batch from the registry, validate fails for a batch that is not fit, train fits a model, submit has the registry
judge and serve it.`,
	}
	command.AddCommand(newRegistryCommand())
	line := &Line{}
	command.PersistentFlags().StringVar(&line.Folder, "folder", "/data", "folder that the steps share")
	command.PersistentFlags().StringVar(&line.Registry, "registry", "http://registry", "URL of the registry")

	var maxBad float64
	var atLeast time.Duration
	ingest := step(line, "ingest", "Take the next batch", func(cmd *cobra.Command) error { return line.Ingest(cmd.Context()) })
	validate := step(line, "validate", "Fail for a batch with too many rides that are not plausible", func(cmd *cobra.Command) error {
		if maxBad < 0 || maxBad > 1 {
			return errors.New("--max-bad is a share, from 0 to 1")
		}
		return line.Validate(cmd.Context(), maxBad)
	})
	validate.Flags().Float64Var(&maxBad, "max-bad", 0, "share of rides that may be wrong, from 0 to 1")
	if err := validate.MarkFlagRequired("max-bad"); err != nil {
		panic(err) // the flag is defined in the line above
	}
	train := step(line, "train", "Fit a model to the batch", func(cmd *cobra.Command) error { return line.Train(cmd.Context(), atLeast) })
	train.Flags().DurationVar(&atLeast, "at-least", 0, "how long training takes at least")
	submit := step(line, "submit", "Have the registry judge and serve the model", func(cmd *cobra.Command) error { return line.Submit(cmd.Context()) })
	command.AddCommand(ingest, validate, train, submit)
	return command
}

func step(line *Line, use, short string, run func(cmd *cobra.Command) error) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			pod, err := os.Hostname()
			if err != nil {
				return fmt.Errorf("find the name of the pod: %w", err)
			}
			line.Pod, line.Out = pod, cmd.OutOrStdout()
			return run(cmd)
		},
	}
}

func newRegistryCommand() *cobra.Command {
	var (
		seed string
		run  service.Service
	)
	command := &cobra.Command{
		Use:   "registry",
		Short: "Hand out batches of rides, and judge models",
		Long: `Hand out batches of rides, and judge models: / answers as JSON with what has become of each batch and with the model that
serves. /metrics has its error.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			registry := NewRegistry(seed)
			run.Handler, run.Unready = registry.Handler(), registry.Unready
			return run.Run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	command.Flags().StringVar(&seed, "seed", "", "text that the batches are drawn from")
	run.AddFlags(command.Flags())
	return command
}
