// Package service runs a subcommand that answers HTTP requests, from its first connection to its last answer.
package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/pflag"
)

// Service is a handler and how it is served.
type Service struct {
	// Handler answers the requests.
	Handler http.Handler
	// Unready is called when the service is told to stop: its /readyz refuses from then on. It may be nil.
	Unready func()
	// Drain is how long it goes on answering after that: endpoints take a moment to be updated everywhere, and until then
	// requests still come.
	Drain time.Duration
	// Grace is how long the requests that are under way then have to finish.
	Grace time.Duration

	address string
}

// AddFlags puts the address and the times of the end on the command line, as --listen, --drain and --grace.
func (s *Service) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&s.address, "listen", ":8080", "address to listen on")
	flags.DurationVar(&s.Drain, "drain", 3*time.Second, "how long to go on answering after SIGTERM")
	flags.DurationVar(&s.Grace, "grace", 10*time.Second, "how long the last requests have after that")
}

// Run listens on the address that --listen gave and serves until the context ends.
func (s *Service) Run(ctx context.Context, out io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return s.Serve(ctx, listener, out)
}

// Serve answers until the context ends, and then shuts down without losing a request. What it does is told to out, a line
// each. An error says that it could not be served, or that the last requests were cut off.
func (s *Service) Serve(ctx context.Context, listener net.Listener, out io.Writer) error {
	server := &http.Server{
		Handler:           s.Handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	fmt.Fprintf(out, "serving on %s\n", listener.Addr())
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	if s.Unready != nil {
		s.Unready()
	}
	fmt.Fprintf(out, "told to stop: not ready any more, answering for %v\n", s.Drain)
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-time.After(s.Drain):
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Grace)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		return fmt.Errorf("finish the last requests: %w", errors.Join(err, server.Close()))
	}
	fmt.Fprintln(out, "every request was answered")
	return nil
}
