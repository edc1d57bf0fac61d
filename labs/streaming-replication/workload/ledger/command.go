package ledger

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/internal/workload/service"
	"github.com/lab-operator/lab-operator/internal/workload/writelog"
)

// NewCommand makes the subcommand ledger.
func NewCommand() *cobra.Command {
	var (
		servers []string
		folder  string
		options Options
		run     service.Service
	)
	command := &cobra.Command{
		Use:   "ledger",
		Short: "Commit numbered entries to PostgreSQL, and keep a ledger of what became of each",
		Long: `Commit numbered entries to PostgreSQL, and keep a ledger of what became of each.

Each entry takes a connection of its own. It is acknowledged (the server confirmed the commit, without a warning), refused
(the commit was never asked for, or turned into a rollback) or unknown: a commit that is not confirmed may have happened.
With each it is noted which history of which cluster it went to, by system identifier and timeline, and whether the commit
had to wait until a standby had it on its disk. All entries are read back from the leader again and again and held against the ledger, and each
server is asked how many it shows. GET / tells all of it as JSON. /healthz and /readyz are for probes, /metrics is in the text
format of Prometheus. The user and the password are taken from PGUSER and PGPASSWORD.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			for _, server := range servers {
				name, address, _ := strings.Cut(server, "=")
				options.Servers = append(options.Servers, Database{Name: name, Address: address})
			}
			if err := options.validate(); err != nil {
				return err
			}
			ledger, err := OpenLedger(folder)
			if err != nil {
				return fmt.Errorf("open the ledger: %w", err)
			}
			defer func() { err = errors.Join(err, ledger.Close()) }()
			writer, err := NewWriter(options, ledger, cmd.OutOrStdout())
			if err != nil {
				return err
			}
			return writelog.Run(cmd.Context(), writer, newServer(writer), &run, cmd.OutOrStdout())
		},
	}
	flags := command.Flags()
	run.AddFlags(flags)
	flags.StringVar(&options.Leader, "leader", "primary:5432", "address of whichever server takes the writes")
	flags.StringSliceVar(&servers, "servers", []string{"alpha=alpha:5432", "beta=beta:5432"}, "servers to read from, each by its name and address")
	flags.StringVar(&options.Database, "database", "bank", "database that has the table entries")
	flags.StringVar(&folder, "folder", "/ledger", "folder to keep the ledger in")
	flags.DurationVar(&options.Pace, "pace", 500*time.Millisecond, "time between two entries, and twice that between two readings, 10ms to 1m")
	return command
}
