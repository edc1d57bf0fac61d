package poddial

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/streaming/pkg/httpstream"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

const (
	// errorSize bounds what is read of the node's error stream, in bytes.
	errorSize = 4 << 10
	// errorWait is how long a connection that ended waits for the reason: that it was refused is told on a stream of
	// its own, which may be behind.
	errorWait = time.Second
)

// conn is a connection to a port of a pod. Deadlines work as those of any net.Conn: behind it is a pipe.
type conn struct {
	net.Conn
	// end closes what is behind the pipe.
	end func()

	mu sync.Mutex
	// cause is why the other side ended it, nil for an ordinary end.
	cause error
}

// open makes a connection out of two streams. It takes the session over, unless there is an error.
func open(ctx context.Context, session httpstream.Connection, about string, port int32) (net.Conn, error) {
	errorStream, err := session.CreateStream(header(corev1.StreamTypeError, port))
	if err != nil {
		return nil, err
	}
	// Nothing is ever written to it.
	if err := errorStream.Close(); err != nil {
		return nil, err
	}
	data, err := session.CreateStream(header(corev1.StreamTypeData, port))
	if err != nil {
		return nil, err
	}
	near, far := net.Pipe()
	c := &conn{Conn: near}
	var once sync.Once
	stopped := make(chan struct{})
	c.end = func() {
		once.Do(func() {
			close(stopped)
			near.Close()
			far.Close()
			session.Close() //nolint:errcheck // it is over, however it ends
		})
	}
	go func() {
		select {
		case <-ctx.Done():
			c.end()
		case <-stopped:
		}
	}()
	message := make(chan string, 1)
	go func() {
		// What could not be read is as good as nothing said.
		text, _ := io.ReadAll(io.LimitReader(errorStream, errorSize))
		message <- string(text)
	}()
	go func() {
		_, err := io.Copy(far, data)
		// The node says nothing on the other stream until it knows that this one is over.
		data.Reset() //nolint:errcheck // the other stream tells what went wrong
		cause := causeOf(about, message, err)
		c.mu.Lock()
		c.cause = cause
		c.mu.Unlock()
		far.Close()
	}()
	go func() {
		if _, err := io.Copy(data, far); err != nil {
			data.Reset() //nolint:errcheck // nothing can be sent: the reading side ends as well, and tells why
			return
		}
		data.Close()
	}()
	return c, nil
}

// causeOf tells why the other side ended a connection.
func causeOf(about string, message <-chan string, err error) error {
	timer := time.NewTimer(errorWait)
	defer timer.Stop()
	var text string
	select {
	case text = <-message:
	case <-timer.C:
	}
	switch {
	case strings.Contains(text, "connection refused"):
		return errors.Join(probe.Failf(probe.Refused, "%s refuses connections", about), syscall.ECONNREFUSED)
	case text != "":
		return io.ErrUnexpectedEOF // whatever the node's words, which differ from one time to the next
	}
	return err
}

// Read implements net.Conn. At the end it tells why the other side ended the connection.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != nil && n == 0 {
		return 0, c.cause
	}
	return n, err
}

// Write implements net.Conn. What keeps it from being written is told by Read.
func (c *conn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if err == nil {
		return n, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != nil {
		return n, c.cause
	}
	return n, err
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.end()
	return nil
}
