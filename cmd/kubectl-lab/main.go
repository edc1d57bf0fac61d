// Command kubectl-lab is a plugin of kubectl for facilitators of workshops: kubectl lab results, kubectl lab kubeconfig.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // The ways to authenticate that kubectl knows: the kubeconfig is kubectl's.
	"k8s.io/utils/clock"

	"github.com/lab-operator/lab-operator/internal/text"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	code := run(ctx, os.Args[1:], streams, clock.RealClock{}, (&net.Dialer{}).DialContext)
	stop()
	os.Exit(code)
}

// run runs one command and returns the code to exit with. An error is one line.
func run(ctx context.Context, args []string, streams genericiooptions.IOStreams, now clock.PassiveClock, dial dialer) int {
	cmd := command(streams, now, dial)
	cmd.SetArgs(args)
	if err := cmd.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(streams.ErrOut, "error:", text.OneLine(err.Error(), text.NoLimit))
		return 1
	}
	return 0
}

func command(streams genericiooptions.IOStreams, now clock.PassiveClock, dial dialer) *cobra.Command {
	t := &tool{IOStreams: streams, flags: configFlags(), clock: now, dial: dial}
	cmd := &cobra.Command{
		Use:   "kubectl-lab",
		Short: "Look after workshops of lab-operator",
		Long: "Look after workshops of lab-operator: who has achieved what, and the kubeconfigs to hand out.\n" +
			"Which workshops there are, and how far they are on the whole, is what kubectl get workshops shows.",
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl lab"},
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cmd.SetIn(streams.In)
	cmd.SetOut(streams.Out)
	cmd.SetErr(streams.ErrOut)
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())
	})
	t.flags.AddFlags(cmd.PersistentFlags())
	cmd.AddCommand(newResults(t), newKubeconfig(t), newVersion(t))
	return cmd
}

// configFlags are those of kubectl that say which cluster, as whom, and in which namespace. A --token would stand in the
// list of processes, and --server is the address for attendees here: what else there is comes from the kubeconfig.
func configFlags() *genericclioptions.ConfigFlags {
	flags := genericclioptions.NewConfigFlags(true)
	flags.CacheDir, flags.APIServer, flags.TLSServerName, flags.Insecure, flags.CertFile, flags.KeyFile, flags.CAFile = nil, nil, nil, nil, nil, nil, nil
	flags.BearerToken, flags.ImpersonateUID, flags.ImpersonateUserExtra, flags.DisableCompression, flags.ProxyURL = nil, nil, nil, nil, nil
	return flags
}

// names checks that a command was given what its usage names.
func names(want ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != len(want) {
			return fmt.Errorf("%s takes %s, and was given %d arguments: see %[1]s --help", cmd.CommandPath(), strings.Join(want, " and "), len(args))
		}
		return nil
	}
}
