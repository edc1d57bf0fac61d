package charts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// NewCommand makes the subcommand charts.
func NewCommand() *cobra.Command {
	var (
		address string
		grace   time.Duration
	)
	command := &cobra.Command{
		Use:   "charts",
		Short: "Serve a chart repository for helm",
		Long: `Serve a chart repository for helm, with the charts that are built in.

/index.yaml lists the charts and /NAME-VERSION.tgz is one of them, /downloads tells as JSON how often each was handed
out, /healthz and /readyz are for probes, /metrics is in the text format of Prometheus.
On SIGTERM the service is no longer ready, and ends when its requests are done.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			charts, err := Charts()
			if err != nil {
				return err
			}
			server, err := New(charts)
			if err != nil {
				return err
			}
			listener, err := (&net.ListenConfig{}).Listen(cmd.Context(), "tcp", address)
			if err != nil {
				return fmt.Errorf("listen: %w", err)
			}
			return serve(cmd.Context(), server, listener, grace, cmd.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&address, "listen", ":8080", "address to listen on")
	flags.DurationVar(&grace, "grace", 10*time.Second, "how long the last requests have after SIGTERM")
	return command
}

// serve answers until the context ends, and then lets the requests that are under way finish.
func serve(ctx context.Context, server *Server, listener net.Listener, grace time.Duration, out io.Writer) error {
	web := &http.Server{
		Handler:           server.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }()
	fmt.Fprintf(out, "serving %d charts on %s\n", len(server.charts), listener.Addr())
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	server.Drain()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := web.Shutdown(last); err != nil {
		return fmt.Errorf("finish the last requests: %w", errors.Join(err, web.Close()))
	}
	fmt.Fprintln(out, "every request was answered")
	return nil
}
