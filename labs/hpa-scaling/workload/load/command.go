package load

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// errNoAnswer makes the program end with a failure.
var errNoAnswer = errors.New("not one request was answered")

// NewCommand makes the subcommand load.
func NewCommand() *cobra.Command {
	var (
		options         Options
		keepAlive, stay bool
	)
	command := &cobra.Command{
		Use:   "load",
		Short: "Send requests at a steady rate and report the answers",
		Long: `Send requests at a steady rate and report the answers.

A Service spreads connections, not requests. So every request comes on a connection of its own, and pods that were
added get their share; with --keep-alive they would not.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client := newClient(options, keepAlive)
			defer client.CloseIdleConnections()
			out := cmd.OutOrStdout()
			report, err := Run(cmd.Context(), options, client, out)
			if err != nil {
				return err
			}
			fmt.Fprintln(out, report)
			if stay && cmd.Context().Err() == nil {
				fmt.Fprintln(out, "the load is over, waiting to be stopped")
				<-cmd.Context().Done()
			}
			if report.Answers == 0 {
				return errNoAnswer
			}
			return nil
		},
	}
	flags := command.Flags()
	flags.StringVar(&options.URL, "url", "http://web", "what to ask for")
	flags.Float64Var(&options.Rate, "rate", 10, "requests to start in a second, at most 1000")
	flags.DurationVar(&options.Duration, "duration", time.Minute, "how long, at most 1h")
	flags.IntVar(&options.Concurrency, "concurrency", 32, "requests that may be under way, at most 256; those that are due beyond are missed")
	flags.DurationVar(&options.Timeout, "timeout", 5*time.Second, "how long to wait for an answer")
	flags.DurationVar(&options.Progress, "progress", 10*time.Second, "time between two lines of progress, 0s for none")
	flags.BoolVar(&keepAlive, "keep-alive", false, "use a connection for many requests")
	flags.BoolVar(&stay, "stay", false, "wait for SIGTERM after the report: in a Deployment the load would start again otherwise")
	return command
}

// newClient makes a client of its own: no proxy of the environment, no redirects, connections as asked for.
func newClient(options Options, keepAlive bool) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: options.Timeout}).DialContext,
			DisableKeepAlives:   !keepAlive,
			MaxIdleConns:        options.Concurrency,
			MaxIdleConnsPerHost: options.Concurrency,
			IdleConnTimeout:     30 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
