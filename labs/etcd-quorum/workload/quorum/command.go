package quorum

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/internal/workload/service"
	"github.com/lab-operator/lab-operator/internal/workload/writelog"
)

// NewCommand makes the subcommand quorum.
func NewCommand() *cobra.Command {
	var (
		members []string
		folder  string
		options Options
		run     service.Service
	)
	command := &cobra.Command{
		Use:   "quorum",
		Short: "Write numbered entries into an etcd cluster, and keep a ledger of what became of each",
		Long: `Write numbered entries into an etcd cluster, and keep a ledger of what became of each.

An entry is acknowledged, refused (no member can have written it) or unknown: after a time-out nobody knows. All of them are
read back again and again and held against the ledger, and each member is asked how many it has, with a majority's consent
(linearizable) and without (serializable). GET / tells all of it as JSON. /healthz and /readyz are for probes, /metrics is
in the text format of Prometheus.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			for _, member := range members {
				name, address, _ := strings.Cut(member, "=")
				options.Members = append(options.Members, Member{Name: name, URL: address})
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
	flags.StringSliceVar(&members, "members",
		[]string{"etcd-0=http://etcd-0.etcd:2379", "etcd-1=http://etcd-1.etcd:2379", "etcd-2=http://etcd-2.etcd:2379"},
		"members of the cluster, each by its name and the address for clients")
	flags.StringVar(&folder, "folder", "/ledger", "folder to keep the ledger in")
	flags.DurationVar(&options.Pace, "pace", time.Second, "time between two entries, two looks at the members and two audits, 10ms to 1m")
	return command
}
