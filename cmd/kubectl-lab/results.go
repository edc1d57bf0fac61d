package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/internal/export"
)

// formats are the values of -o of the results.
var formats = []string{"table", "wide", "csv", "excel", "json"}

// resultsOptions are what kubectl lab results was asked for.
type resultsOptions struct {
	*tool
	workshop, output string
	cluster          *cluster
}

func newResults(t *tool) *cobra.Command {
	o := &resultsOptions{tool: t}
	cmd := &cobra.Command{
		Use:   "results WORKSHOP",
		Short: "Show what each attendee of a workshop has achieved",
		Long: "Show what each attendee of a workshop has achieved, one row for each lab: the attendees in the order of the roster, then\n" +
			"those who were taken out of it and have results. A lab that is gone counts by what was recorded of it.",
		Example: "  # How far everyone is\n" +
			"  kubectl lab results kubecon -n workshops\n\n" +
			"  # For a spreadsheet\n" +
			"  kubectl lab results kubecon -n workshops -o excel > kubecon.csv",
		Args:              names("WORKSHOP"),
		ValidArgsFunction: t.completeWorkshop,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.Complete(args); err != nil {
				return err
			}
			if err := o.Validate(); err != nil {
				return err
			}
			return o.Run(cmd.Context())
		},
	}
	cmd.Flags().StringVarP(&o.output, "output", "o", formats[0], "the form of the output: "+strings.Join(formats, ", "))
	mustRegister(cmd, "output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// Complete takes the arguments and finds the cluster.
func (o *resultsOptions) Complete(args []string) error {
	o.workshop = args[0]
	var err error
	o.cluster, err = o.connect()
	return err
}

// Validate looks for what cannot be meant.
func (o *resultsOptions) Validate() error {
	if !slices.Contains(formats, o.output) {
		return fmt.Errorf("there is no output %q, only %s", o.output, strings.Join(formats, ", "))
	}
	return nil
}

// Run reads and writes the results.
func (o *resultsOptions) Run(ctx context.Context) error {
	workshop, err := o.cluster.workshop(ctx, o.workshop)
	if err != nil {
		return err
	}
	labs, err := o.cluster.labs(ctx, workshop)
	if err != nil {
		return err
	}
	// The records are read last: a Lab that goes in between leaves one.
	results, err := o.cluster.results(ctx, workshop)
	if err != nil {
		return err
	}
	if len(workshop.Spec.Attendees) == 0 {
		fmt.Fprintf(o.ErrOut, "No attendees in workshop %s\n", workshop.Name)
	}
	document := export.Document{
		Workshop: workshop.Name, Namespace: workshop.Namespace,
		ExportedAt: &metav1.Time{Time: o.clock.Now()}, Rows: export.Rows(workshop, labs, results),
	}
	if err := write(o.Out, o.output, document); err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	return nil
}

func write(w io.Writer, format string, document export.Document) error {
	switch format {
	case "csv":
		return export.WriteCSV(w, document.Rows)
	case "excel":
		return export.WriteExcel(w, document.Rows)
	case "json":
		return export.WriteJSON(w, document)
	default:
		return export.WriteTable(w, document.Rows, format == "wide")
	}
}
