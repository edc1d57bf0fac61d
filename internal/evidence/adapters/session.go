package adapters

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// maxRead bounds what one probe reads of a server, in bytes.
const maxRead = 1 << 20

// inspector sees what a server sends before the library of the protocol does. Libraries believe the sizes that a server
// announces, and set aside memory or time for them.
type inspector interface {
	// inspect gets what a connection carries, piece by piece. An error ends the connection.
	inspect(piece []byte) error
}

// session is the connections of one probe at a server, and what may still be read of it.
type session struct {
	dialer probe.Dialer
	// about is the server as learners know it.
	about string

	mu     sync.Mutex
	left   int
	conns  []net.Conn
	closed bool
	// broken is why the first connection was given up, nil while none was.
	broken error
}

func newSession(dialer probe.Dialer, target v1beta1.ProbeTarget) *session {
	return &session{dialer: dialer, about: addressOf(target), left: maxRead}
}

// connect dials the first endpoint behind a target.
func (s *session) connect(ctx context.Context, target v1beta1.ProbeTarget, inspect inspector) (net.Conn, error) {
	endpoints, err := s.dialer.Endpoints(ctx, target)
	if err != nil {
		return nil, err
	}
	return s.dial(ctx, endpoints[0], inspect)
}

func (s *session) dial(ctx context.Context, endpoint probe.Endpoint, inspect inspector) (net.Conn, error) {
	conn, err := s.dialer.Dial(ctx, endpoint)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		conn.Close()
		return nil, net.ErrClosed
	}
	s.conns = append(s.conns, conn)
	return &inspected{Conn: conn, session: s, inspect: inspect}, nil
}

// close ends all connections, and those that are still being made.
func (s *session) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, conn := range s.conns {
		conn.Close()
	}
}

// failure sorts an error of a library: what was given up for its size comes first, then what the end of the probe
// cut off, which libraries report as one error or another.
func (s *session) failure(ctx context.Context, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		return nil
	case s.broken != nil:
		return s.broken
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case ctx.Err() != nil:
		return probe.FailureOf(s.about, ctx.Err())
	}
	return probe.FailureOf(s.about, err)
}

// admit counts a piece that was read, and has it inspected.
func (s *session) admit(inspect inspector, piece []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	s.left -= len(piece)
	switch {
	case s.left < 0:
		s.broken = probe.Failf(probe.TooLarge, "%s answers with more than %d KiB", s.about, maxRead>>10)
	case inspect != nil:
		s.broken = inspect.inspect(piece)
	}
	return s.broken
}

// inspected is a connection of a session.
type inspected struct {
	net.Conn
	session *session
	inspect inspector
}

// Read implements net.Conn.
func (c *inspected) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n == 0 {
		return 0, err
	}
	if refused := c.session.admit(c.inspect, b[:n]); refused != nil {
		return 0, refused
	}
	return n, err
}
