package prices

import (
	"fmt"
	"os"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lab-operator/lab-operator/internal/workload/service"
)

// NewCommand makes the subcommand prices.
func NewCommand() *cobra.Command {
	var (
		source Source
		server Server
		cache  string
		run    service.Service
	)
	command := &cobra.Command{
		Use:   "prices",
		Short: "Answer for the prices of products, slowly or from a cache",
		Long: `Answer for the prices of products, slowly or from a cache.

GET /products/NUMBER answers with a price as JSON. Each lookup in the source takes --slow. With --cache, what was found is kept
in Redis under product:NUMBER for --ttl. /healthz and /readyz are for probes, /metrics is in the text format of Prometheus.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := source.validate(); err != nil {
				return err
			}
			switch {
			case server.TTL < 0:
				return fmt.Errorf("ttl is %v: it must not be negative", server.TTL)
			case server.OnFailure != FromSource && server.OnFailure != Refuse:
				return fmt.Errorf("on-cache-failure is %q: it must be %s or %s", server.OnFailure, FromSource, Refuse)
			}
			name, err := os.Hostname()
			if err != nil {
				return fmt.Errorf("find the name of the host: %w", err)
			}
			server.Name, server.Source = name, &source
			if cache != "" {
				server.Cache = newClient(cache, source.Slow)
				defer func() { _ = server.Cache.Close() }() // the process ends
			}
			run.Handler, run.Unready = server.Handler(), server.Drain
			return run.Run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	flags := command.Flags()
	run.AddFlags(flags)
	source.addFlags(flags)
	flags.DurationVar(&source.Slow, "slow", 200*time.Millisecond, "what a lookup in the source takes")
	flags.StringVar(&cache, "cache", "", "address of Redis, as in cache:6379; without one nothing is kept")
	flags.DurationVar(&server.TTL, "ttl", 0, "how long an entry is kept, 0 for ever")
	flags.StringVar(&server.OnFailure, "on-cache-failure", Refuse, "what to do when the cache fails: "+FromSource+" or "+Refuse)
	command.AddCommand(newCustomersCommand())
	return command
}

// newClient makes a client that gives up soon and tries nothing twice: a cache that is slower than the source is none.
func newClient(address string, patience time.Duration) *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr: address, DialTimeout: patience, ReadTimeout: patience, WriteTimeout: patience, PoolTimeout: patience,
		MaxRetries: -1, DialerRetries: 1, PoolSize: 32,
	})
}

// newCustomersCommand makes the subcommand prices customers.
func newCustomersCommand() *cobra.Command {
	var (
		customers Customers
		run       service.Service
	)
	command := &cobra.Command{
		Use:   "customers",
		Short: "Ask for prices, and measure the answers",
		Long: `Ask for prices, and measure the answers.

POST /measurements begins a measurement, GET /report tells what came of the last ones. Customers know what each price should
be: start them with the same seed, products and price-every as the service.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := customers.validate(); err != nil {
				return err
			}
			go customers.Run(cmd.Context())
			run.Handler = customers.Handler()
			return run.Run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	flags := command.Flags()
	run.AddFlags(flags)
	customers.Source.addFlags(flags)
	flags.StringVar(&customers.URL, "url", "", "where prices are asked for, as in http://prices")
	flags.IntVar(&customers.Rate, "rate", 100, "requests a second")
	flags.DurationVar(&customers.WarmUp, "warm-up", 0, "how long customers ask before a measurement begins")
	flags.DurationVar(&customers.Length, "length", 20*time.Second, "how long a measurement takes")
	return command
}

// addFlags puts what decides about the prices on the command line.
func (s *Source) addFlags(flags *pflag.FlagSet) {
	flags.Int64Var(&s.Seed, "seed", 1, "what all prices follow from")
	flags.IntVar(&s.Products, "products", 5, "how many products there are")
	flags.DurationVar(&s.Every, "price-every", 5*time.Second, "how long a price holds")
}
