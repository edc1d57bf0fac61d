package proxy

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// Event is one line of a watch.
type Event struct {
	// Type is what became of the object.
	Type watch.EventType
	// Object is what is common to all objects.
	Object metav1.PartialObjectMetadata
}

// Turn is what happens with an event.
type Turn struct {
	// Delay holds the event, and those behind it, back.
	Delay time.Duration
	// End ends the watch behind the event.
	End End
}

// End is how a watch ends.
type End string

const (
	// GoOn is no end.
	GoOn End = ""
	// Cut ends the stream.
	Cut End = "cut"
	// Expire says that the version is too old, so that the client has to list again, and ends the stream.
	Expire End = "expire"
)

// watch passes events on as the rules want it.
func (p *Proxy) watch(r *http.Request, events io.ReadCloser) io.ReadCloser {
	reader, writer := io.Pipe()
	ctx, cancel := context.WithCancel(r.Context())
	go func() {
		err := p.pass(r.WithContext(ctx), events, writer)
		_ = events.Close()
		_ = writer.CloseWithError(err)
	}()
	return stream{reader, cancel}
}

// stream is the client's end of a watch.
type stream struct {
	*io.PipeReader
	cancel context.CancelFunc
}

// Close stops what writes to the stream.
func (s stream) Close() error {
	s.cancel()
	return s.PipeReader.Close()
}

// pass writes the events one by one. Without an error the stream has ended in order.
func (p *Proxy) pass(r *http.Request, events io.Reader, client io.Writer) error {
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) == 0 {
			if err == io.EOF {
				return nil
			}
			return err
		}
		var event Event
		if err := json.Unmarshal(line, &event); err != nil {
			return fmt.Errorf("read an event of %s: %w", r.URL.Path, err)
		}
		turn := p.rules.Event(r, event)
		if err := pause(r.Context(), turn.Delay); err != nil {
			return err
		}
		if err := p.gate.pass(r.Context()); err != nil {
			return err
		}
		if turn.End == Expire {
			line = append(line, expired()...)
		}
		if _, err := client.Write(line); err != nil || turn.End != GoOn {
			return err
		}
	}
}

// expired is the event that makes a client list again.
func expired() []byte {
	status := apierrors.NewResourceExpired("too old resource version").Status()
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	line, err := json.Marshal(map[string]any{"type": watch.Error, "object": &status})
	if err != nil {
		panic(fmt.Sprintf("encode a status: %v", err)) // it has plain fields only
	}
	return append(line, '\n')
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gate is what events pass through. The zero value is open.
type gate struct {
	mu sync.Mutex
	// opens is closed when the gate opens, nil while it is open.
	opens chan struct{}
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.opens == nil {
		g.opens = make(chan struct{})
	}
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.opens != nil {
		close(g.opens)
		g.opens = nil
	}
}

// pass waits until the gate is open or the context ends.
func (g *gate) pass(ctx context.Context) error {
	g.mu.Lock()
	opens := g.opens
	g.mu.Unlock()
	if opens == nil {
		return nil
	}
	select {
	case <-opens:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
