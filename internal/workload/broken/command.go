package broken

import (
	"fmt"
	"net"
	"strings"

	"github.com/spf13/cobra"
)

// NewCommand makes the subcommand broken.
func NewCommand() *cobra.Command {
	var address, mode string
	command := &cobra.Command{
		Use:   "broken",
		Short: "Accept connections and misbehave, in one way",
		Long: `Accept connections and misbehave, in one way:

` + describeModes() + `
It stands in for any server: PostgreSQL, Redis, Kafka or one that speaks HTTP.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server, err := New(mode)
			if err != nil {
				return err
			}
			listener, err := (&net.ListenConfig{}).Listen(cmd.Context(), "tcp", address)
			if err != nil {
				return fmt.Errorf("listen: %w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "listening on %s, %s\n", listener.Addr(), server.mode.help)
			return server.Serve(cmd.Context(), listener)
		},
	}
	flags := command.Flags()
	flags.StringVar(&address, "listen", ":8080", "address to listen on")
	flags.StringVar(&mode, "mode", "", "how to misbehave: "+strings.Join(modeNames(), ", "))
	return command
}

// describeModes is one line for each mode.
func describeModes() string {
	var lines strings.Builder
	for _, mode := range modes {
		fmt.Fprintf(&lines, "  %-10s %s\n", mode.name, mode.help)
	}
	return lines.String()
}
