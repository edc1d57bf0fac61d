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

// EventAction is what happens with an event.
type EventAction struct {
	// Delay holds the event and those after it back.
	Delay time.Duration
	// End ends the watch after the event.
	End End
}

// End is how a watch ends.
type End string

const (
	// Continue is no end.
	Continue End = ""
	// Cut ends the stream.
	Cut End = "cut"
	// Expire says that the version is too old, so that the client has to list again, and ends the stream.
	Expire End = "expire"
)

// copyWatch passes events on as the rules decide.
func (p *Proxy) copyWatch(r *http.Request, events io.ReadCloser) io.ReadCloser {
	reader, writer := io.Pipe()
	ctx, cancel := context.WithCancel(r.Context())
	go func() {
		err := p.copyEvents(r.WithContext(ctx), events, writer)
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

// copyEvents writes the events one at a time. Without an error the stream has ended in order.
func (p *Proxy) copyEvents(r *http.Request, events io.Reader, client io.Writer) error {
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
		action := p.rules.Event(r, event)
		if err := sleep(r.Context(), action.Delay); err != nil {
			return err
		}
		if err := p.gate.wait(r.Context()); err != nil {
			return err
		}
		if action.End == Expire {
			line = append(line, expired()...)
		}
		if _, err := client.Write(line); err != nil || action.End != Continue {
			return err
		}
	}
}

// expired returns the event that makes a client list again.
func expired() []byte {
	status := apierrors.NewResourceExpired("too old resource version").Status()
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	line, err := json.Marshal(map[string]any{"type": watch.Error, "object": &status})
	if err != nil {
		panic(fmt.Sprintf("encode a status: %v", err)) // it has plain fields only
	}
	return append(line, '\n')
}

func sleep(ctx context.Context, d time.Duration) error {
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

func (g *gate) close() {
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

// wait returns when the gate is open or the context ends.
func (g *gate) wait(ctx context.Context) error {
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
