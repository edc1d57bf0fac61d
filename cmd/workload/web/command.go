package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"
)

// timings of the life of the service.
type timings struct {
	// drain is how long it goes on answering after it was told to stop: endpoints take a moment to be updated
	// everywhere, and until then requests still come.
	drain time.Duration
	// grace is how long the requests that are under way then have to finish.
	grace time.Duration
}

// NewCommand makes the subcommand web.
func NewCommand() *cobra.Command {
	var (
		address string
		options Options
		times   timings
	)
	command := &cobra.Command{
		Use:   "web",
		Short: "Serve HTTP requests that cost CPU time",
		Long: `Serve HTTP requests, each of which costs the CPU time given by --burn.

/ does the work, /healthz and /readyz are for probes, /metrics is in the text format of Prometheus.
On SIGTERM the service is no longer ready, goes on answering for --drain, and ends when its requests are done.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			name, err := os.Hostname()
			if err != nil {
				return fmt.Errorf("find the name of the host: %w", err)
			}
			options.Name = name
			server, err := New(options)
			if err != nil {
				return err
			}
			listener, err := (&net.ListenConfig{}).Listen(cmd.Context(), "tcp", address)
			if err != nil {
				return fmt.Errorf("listen: %w", err)
			}
			return serve(cmd.Context(), server, listener, times, cmd.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&address, "listen", ":8080", "address to listen on")
	flags.DurationVar(&options.Burn, "burn", 10*time.Millisecond, "CPU time that a request costs, 0s to 1m")
	flags.IntVar(&options.Parallel, "parallel", runtime.GOMAXPROCS(0), "requests that are worked on at the same time")
	flags.IntVar(&options.Queue, "queue", 100, "requests that may wait for their turn; more are answered with 503")
	flags.DurationVar(&times.drain, "drain", 3*time.Second, "how long to go on answering after SIGTERM")
	flags.DurationVar(&times.grace, "grace", 10*time.Second, "how long the last requests have after that")
	return command
}

// serve answers until the context ends, and then shuts down without losing a request.
func serve(ctx context.Context, server *Server, listener net.Listener, times timings, out io.Writer) error {
	web := &http.Server{
		Handler:           server.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }()
	fmt.Fprintf(out, "serving on %s, a request costs %v of CPU time\n", listener.Addr(), server.options.Burn)
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	server.Drain()
	fmt.Fprintf(out, "told to stop: not ready any more, answering for %v\n", times.drain)
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-time.After(times.drain):
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), times.grace)
	defer cancel()
	if err := web.Shutdown(last); err != nil {
		return fmt.Errorf("finish the last requests: %w", errors.Join(err, web.Close()))
	}
	fmt.Fprintln(out, "every request was answered")
	return nil
}
