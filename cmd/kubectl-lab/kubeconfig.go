package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// kubeconfigOptions are what kubectl lab kubeconfig was asked for.
type kubeconfigOptions struct {
	*tool
	workshop, attendee     string
	server, output, folder string
	all                    bool
	cluster                *cluster
}

func newKubeconfig(t *tool) *cobra.Command {
	o := &kubeconfigOptions{tool: t}
	cmd := &cobra.Command{
		Use:   "kubeconfig WORKSHOP (ATTENDEE | --all --to DIR)",
		Short: "Print the kubeconfig of an attendee, or write those of all",
		Long: "Print the kubeconfig of an attendee, or write those of all, to be handed out. ATTENDEE is the name in the roster or the\n" +
			"handle in labels and names of files.\n\n" +
			"The kubeconfig leads to the address of --server, or else of spec.apiServer of the workshop, or else of your own kubeconfig.\n" +
			"With it anybody is that attendee: files can be read by you alone.",
		Example: "  # One attendee\n" +
			"  kubectl lab kubeconfig kubecon ada -n workshops -o ada.kubeconfig\n\n" +
			"  # Everyone: a file each, and roster.csv that says which is whose\n" +
			"  kubectl lab kubeconfig kubecon -n workshops --all --to handouts --server https://203.0.113.7:6443",
		ValidArgsFunction: t.completeAttendee,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.Complete(args); err != nil {
				return err
			}
			if err := o.Validate(); err != nil {
				return fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())
			}
			return o.Run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.server, "server", "", "the address of the API server as attendees reach it")
	flags.StringVarP(&o.output, "output", "o", "", "write the kubeconfig into this file, which you alone can read")
	flags.BoolVar(&o.all, "all", false, "write the kubeconfigs of all attendees")
	flags.StringVar(&o.folder, "to", "", "with --all: the folder to write them into")
	mustRegister(cmd, "server", cobra.NoFileCompletions)
	mustRegister(cmd, "to", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	return cmd
}

// Complete takes the arguments and finds the cluster.
func (o *kubeconfigOptions) Complete(args []string) error {
	switch len(args) {
	case 2:
		o.workshop, o.attendee = args[0], args[1]
	case 1:
		o.workshop = args[0]
	default:
		return fmt.Errorf("kubectl lab kubeconfig takes WORKSHOP and ATTENDEE, and was given %d arguments: see kubectl lab kubeconfig --help", len(args))
	}
	var err error
	o.cluster, err = o.connect()
	return err
}

// Validate looks for what cannot be meant.
func (o *kubeconfigOptions) Validate() error {
	switch {
	case o.all && o.attendee != "":
		return errors.New("it is either ATTENDEE or --all")
	case !o.all && o.attendee == "":
		return errors.New("name an ATTENDEE of the workshop, or give --all --to DIR")
	case o.all && o.folder == "":
		return errors.New("--all needs the folder to write into, as --to DIR")
	case o.all && o.output != "":
		return errors.New("--output is for one attendee: --all takes --to DIR")
	case !o.all && o.folder != "":
		return errors.New("--to is for --all: one attendee takes --output FILE")
	case o.server != "":
		return checkServer(o.server)
	}
	return nil
}

// Run writes what was asked for.
func (o *kubeconfigOptions) Run(ctx context.Context) error {
	workshop, err := o.cluster.workshop(ctx, o.workshop)
	if err != nil {
		return err
	}
	if o.all {
		return o.handOut(ctx, workshop)
	}
	attendee, err := find(workshop, o.attendee)
	if err != nil {
		return err
	}
	secret := &corev1.Secret{}
	key := client.ObjectKey{Namespace: workshop.Namespace, Name: roster.SecretName(workshop.Name, roster.Handle(attendee.Name))}
	if err := o.cluster.Get(ctx, key, secret); apierrors.IsNotFound(err) {
		return fmt.Errorf("%q has no kubeconfig: %s", attendee.Name, o.cluster.absence(ctx, workshop, attendee, o.clock.Now()))
	} else if err != nil {
		return fmt.Errorf("read the kubeconfig of %q: %w", attendee.Name, err)
	}
	to, err := o.endpoint(workshop)
	if err != nil {
		return err
	}
	kubeconfig, err := fromSecret(secret, o.verify(ctx, secret, to))
	if err != nil {
		return err
	}
	if o.output != "" {
		return writePrivate(o.output, kubeconfig)
	}
	if _, err := o.Out.Write(kubeconfig); err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	return nil
}

// fromSecret takes the kubeconfig out of a Secret of the operator.
func fromSecret(secret *corev1.Secret, to endpoint) ([]byte, error) {
	if secret.Type != v1beta1.KubeconfigSecretType {
		return nil, fmt.Errorf("the Secret %s is not of the operator: its type is %s", secret.Name, secret.Type)
	}
	kubeconfig, err := aim(secret.Data[v1beta1.KubeconfigSecretKey], to)
	if err != nil {
		return nil, fmt.Errorf("the kubeconfig in the Secret %s cannot be used: %w", secret.Name, err)
	}
	return kubeconfig, nil
}
