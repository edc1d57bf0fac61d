package main

import (
	"cmp"
	"context"
	"regexp"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/roster"
	"github.com/lab-operator/lab-operator/internal/text"
)

// patience is how long a shell waits for a completion.
const patience = 5 * time.Second

// plain is a name that a shell takes for one word and nothing else.
var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9@._-]*$`)

// completeWorkshop completes WORKSHOP. Where the cluster does not answer, there is nothing to choose from.
func (t *tool) completeWorkshop(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), patience)
	defer cancel()
	c, err := t.connect()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	workshops := &v1beta1.WorkshopList{}
	if err := c.List(ctx, workshops, client.InNamespace(c.namespace)); err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var choices []cobra.Completion
	for _, workshop := range workshops.Items {
		choices = append(choices, cobra.CompletionWithDesc(workshop.Name, "closes "+workshop.Spec.ClosesAt.UTC().Format(time.RFC3339)))
	}
	return choices, cobra.ShellCompDirectiveNoFileComp
}

// completeAttendee completes WORKSHOP and ATTENDEE.
func (t *tool) completeAttendee(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return t.completeWorkshop(cmd, args, typed)
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), patience)
	defer cancel()
	c, err := t.connect()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	workshop, err := c.workshop(ctx, args[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var choices []cobra.Completion
	for _, attendee := range workshop.Spec.Attendees {
		// A shell puts the choice into the line as it is, and whoever registers as a$(reboot) waits for that: what is not one
		// plain word is chosen by its handle.
		choice := attendee.Name
		if !plain.MatchString(choice) {
			choice = roster.Handle(attendee.Name)
		}
		choices = append(choices, cobra.CompletionWithDesc(choice, text.OneLine(cmp.Or(attendee.DisplayName, attendee.Name), text.NoLimit)))
	}
	return choices, cobra.ShellCompDirectiveNoFileComp
}

// mustRegister has a flag completed. It fails where the command has no such flag, which is a mistake of the program.
func mustRegister(cmd *cobra.Command, flag string, complete cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err)
	}
}
