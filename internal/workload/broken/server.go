package broken

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
)

// Server misbehaves in one way. It is safe for concurrent use.
type Server struct {
	mode mode
}

// New makes a server for the mode of that name.
func New(name string) (*Server, error) {
	for _, mode := range modes {
		if mode.name == name {
			return &Server{mode: mode}, nil
		}
	}
	return nil, fmt.Errorf("mode is %q: it must be one of %s", name, strings.Join(modeNames(), ", "))
}

// Serve misbehaves on every connection until the context ends, which ends them all: none of them would by itself.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	var connections sync.WaitGroup
	defer connections.Wait()
	ctx, end := context.WithCancel(ctx)
	defer end()
	defer context.AfterFunc(ctx, func() { _ = listener.Close() })()
	for {
		connection, err := listener.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				err = connection.Close()
			}
			return ignoreClosed(err)
		case err != nil:
			return fmt.Errorf("accept: %w", err)
		}
		connections.Go(func() {
			stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
			// A client that has enough of this goes away: that is no fault of the server.
			_ = s.mode.misbehave(connection)
			if stop() {
				_ = connection.Close()
			}
		})
	}
}

// ignoreClosed drops the error that says that the listener was closed, as it was meant to be.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
