package shortener

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/internal/workload/service"
)

// passwordVariable is where the password of the store comes from: command lines are read by everybody.
const passwordVariable = "REDIS_PASSWORD"

// NewCommand makes the subcommand shortener.
func NewCommand() *cobra.Command {
	var (
		store, codes string
		run          service.Service
	)
	command := &cobra.Command{
		Use:   "shortener",
		Short: "Make short links and follow them, with Redis as the store",
		Long: `Make short links and follow them, with Redis as the store.

POST /links with {"url": "https://example.com"} answers with the code of a link, GET /CODE redirects. An address that is
brought again gets the code that it has. Each answer says which pod it is from (Served-By) and which process of Redis has the
links (Stored-In, its run_id). /healthz and /readyz are for probes, /metrics is in the text format of Prometheus.
The password of the store is taken from ` + passwordVariable + `. In Redis, the hash "links" has addresses by code, and the
hash "codes" has codes by address.
On SIGTERM the service is no longer ready, goes on answering for --drain, and ends when its requests are done.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var process storeProcess
			client := redis.NewClient(&redis.Options{
				Addr: store, Password: os.Getenv(passwordVariable), DialTimeout: storeTime, ReadTimeout: storeTime, WriteTimeout: storeTime,
				OnConnect: process.learn,
			})
			defer func() { _ = client.Close() }() // the process ends
			name, err := os.Hostname()
			if err != nil {
				return fmt.Errorf("find the name of the host: %w", err)
			}
			server, err := New(name, client, &process, codes)
			if err != nil {
				return err
			}
			run.Handler, run.Unready = server.Handler(), server.Drain
			return run.Run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	flags := command.Flags()
	run.AddFlags(flags)
	flags.StringVar(&store, "store", "redis:6379", "address of Redis")
	flags.StringVar(&codes, "codes", FromProcess, "where the numbers behind the codes are counted: "+FromProcess+" or "+FromStore)
	command.AddCommand(newCustomersCommand())
	return command
}

// newCustomersCommand makes the subcommand customers of the subcommand shortener.
func newCustomersCommand() *cobra.Command {
	var (
		customers Customers
		every     time.Duration
		run       service.Service
	)
	command := &cobra.Command{
		Use:   "customers",
		Short: "Shorten many addresses at once, and follow the links from then on",
		Long: `Shorten many addresses at once, and follow the links from then on.

POST /campaigns begins a campaign: --links new addresses are brought by --workers customers at the same time, each until it
is acknowledged. GET /report tells as JSON what came of the last campaign, and where its links lead now.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := customers.validate(); err != nil {
				return err
			}
			ctx, stop := context.WithCancel(cmd.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				customers.Run(ctx, every)
			}()
			run.Handler = customers.Handler()
			err := run.Run(cmd.Context(), cmd.OutOrStdout())
			stop()
			<-ended
			return err
		},
	}
	flags := command.Flags()
	run.AddFlags(flags)
	flags.StringVar(&customers.URL, "url", "http://shortener", "address of the service")
	flags.IntVar(&customers.Links, "links", 200, "links of a campaign, 1 to 2000")
	flags.IntVar(&customers.Workers, "workers", 12, "requests that are under way at the same time, 1 to 64")
	flags.DurationVar(&every, "every", 4*time.Second, "time between two looks at where the links lead")
	return command
}
