package orders

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
)

// NewCommand makes the subcommand orders.
func NewCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "orders",
		Short: "Place orders in a Kafka topic, or fulfill them",
		Args:  cobra.NoArgs,
	}
	command.AddCommand(newProduce(), newConsume())
	return command
}

func newProduce() *cobra.Command {
	var (
		options ShopOptions
		address string
	)
	command := &cobra.Command{
		Use:   "produce",
		Short: "Place orders at a steady rate, and keep a ledger of them",
		Long: `Place orders at a steady rate, and keep a ledger of those that the broker acknowledged.

The shop makes the topic, with one partition. Where it finds one, or when the topic is gone, it begins a new book.
/ledger tells how many orders there are, wait, were skipped, and are missing from the topic, which is read again and
again. /pending and /fulfilled are for those who fulfill them. /healthz and /readyz are for probes, /metrics is in the
text format of Prometheus.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			shop, err := NewShop(options, cmd.OutOrStdout())
			if err != nil {
				return err
			}
			return serve(cmd.Context(), address, shop.Handler(), shop.Run)
		},
	}
	flags := command.Flags()
	flags.StringVar(&address, "listen", ":8080", "address to listen on")
	flags.StringSliceVar(&options.Brokers, "brokers", []string{"kafka:9092"}, "brokers to ask first")
	flags.StringVar(&options.Topic, "topic", "orders", "topic that orders are written to")
	flags.StringVar(&options.Group, "group", "fulfillment", "consumer group that fulfills them")
	flags.IntVar(&options.Launch, "launch", 200, "orders at the beginning of a new topic, which the group is told to leave out")
	flags.IntVar(&options.Backlog, "backlog", 300, "orders that follow them at once")
	flags.Float64Var(&options.Rate, "rate", 30, "orders to place in a second, at most 1000")
	flags.IntVar(&options.MaxOpen, "max-open", 600, "orders that may wait to be fulfilled, without those that the group has gone past; with more, no new ones are placed")
	flags.DurationVar(&options.Audit, "audit", 3*time.Second, "time between two readings of the whole topic")
	return command
}

func newConsume() *cobra.Command {
	var (
		options FulfillmentOptions
		address string
	)
	command := &cobra.Command{
		Use:   "consume",
		Short: "Fulfill orders as a member of a consumer group",
		Long: `Fulfill orders as a member of a consumer group, one after the other.

Each order is looked up in the shop, so that none is fulfilled twice; takes the time given by --work; is confirmed to the
shop; and is committed after that. On SIGTERM the order in work is finished and the group is left. /healthz and /readyz
are for probes, /metrics is in the text format of Prometheus.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			name, err := os.Hostname()
			if err != nil {
				return fmt.Errorf("find the name of the host: %w", err)
			}
			options.Name = name
			fulfillment, err := NewFulfillment(options, cmd.OutOrStdout())
			if err != nil {
				return err
			}
			return serve(cmd.Context(), address, fulfillment.Handler(), fulfillment.Run)
		},
	}
	flags := command.Flags()
	flags.StringVar(&address, "listen", ":8080", "address to listen on")
	flags.StringSliceVar(&options.Brokers, "brokers", []string{"kafka:9092"}, "brokers to ask first")
	flags.StringVar(&options.Topic, "topic", "orders", "topic to read orders from")
	flags.StringVar(&options.Group, "group", "fulfillment", "consumer group to be a member of")
	flags.StringVar(&options.Shop, "shop", "http://shop", "where orders are looked up and confirmed")
	flags.DurationVar(&options.Work, "work", 40*time.Millisecond, "time that an order takes, 0s to 1m")
	return command
}
