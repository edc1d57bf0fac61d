package adapters

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// client is an adapter that broken servers are tried on.
type client struct {
	adapter probe.Adapter
	spec    *v1beta1.ProbeEvidence
	// opening is the beginning of an answer in its protocol, which any letters may follow.
	opening string
}

func clients() []client {
	return []client{
		{redisAdapter(), redisSpec(map[string]string{"greeting": "GET greeting"}), "+"},
		{sqlAdapter(), sqlSpec("SELECT 1"), "N\x00\x00\xff\xff"},
		{kafkaAdapter(), kafkaSpec([]string{"orders"}, nil), "\x00\x00\x3f\xff\x00\x00\x00\x00\x00"},
	}
}

func TestBrokenServers(t *testing.T) {
	tests := map[string]struct {
		serve func(context.Context, net.Conn, client)
		// limit is how long the probe may take.
		limit       time.Duration
		wantReason  string
		wantMessage string
	}{
		"silent": {
			serve: func(_ context.Context, conn net.Conn, _ client) { _, _ = io.Copy(io.Discard, conn) }, limit: short,
			wantReason: probe.TimedOut, wantMessage: "server:1234 does not answer in time",
		},
		"deaf": {
			serve: func(ctx context.Context, _ net.Conn, _ client) { <-ctx.Done() }, limit: short,
			wantReason: probe.TimedOut, wantMessage: "server:1234 does not answer in time",
		},
		"answering a letter at a time": {
			serve: func(ctx context.Context, conn net.Conn, c client) {
				tick := time.NewTicker(10 * time.Millisecond)
				defer tick.Stop()
				_, _ = io.WriteString(conn, c.opening)
				for ctx.Err() == nil {
					<-tick.C
					if _, err := io.WriteString(conn, "a"); err != nil {
						return
					}
				}
			}, limit: short,
			wantReason: probe.TimedOut, wantMessage: "server:1234 does not answer in time",
		},
		"closing at once": {
			serve: func(context.Context, net.Conn, client) {}, limit: patient,
			wantReason: probe.Closed, wantMessage: "server:1234 closes the connection before it has answered",
		},
		"closing when it was asked": {
			serve: func(_ context.Context, conn net.Conn, _ client) { _, _ = conn.Read(make([]byte, 1)) }, limit: patient,
			wantReason: probe.Closed, wantMessage: "server:1234 closes the connection before it has answered",
		},
		"of another protocol": {
			serve: func(ctx context.Context, conn net.Conn, _ client) {
				_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\r\n400 Bad Request")
				<-ctx.Done()
			},
			limit: patient, wantReason: probe.Malformed,
		},
		"talking nonsense without end": {
			serve: func(_ context.Context, conn net.Conn, _ client) {
				for {
					if _, err := io.WriteString(conn, strings.Repeat("\x7f\x00\x01\xfe", 1<<10)); err != nil {
						return
					}
				}
			},
			limit: patient, wantReason: probe.Malformed,
		},
	}
	for name, tc := range tests {
		for _, c := range clients() {
			t.Run(c.adapter.Name+": "+name, func(t *testing.T) {
				dialer := reaching(t, serve(t, func(ctx context.Context, conn net.Conn) { tc.serve(ctx, conn, c) }))
				_, err := probeOnce(t, c.adapter, dialer, c.spec, tc.limit)
				got := failedWith(t, err)
				if got.reason != tc.wantReason || tc.wantMessage != "" && got.message != tc.wantMessage {
					t.Errorf("it is %s: %s; want %s: %s", got.reason, got.message, tc.wantReason, tc.wantMessage)
				}
				if !strings.HasPrefix(got.message, "server:1234 ") {
					t.Errorf("%q does not begin with what failed", got.message)
				}
				if read := dialer.read.Load(); read > maxRead+64<<10 {
					t.Errorf("%d bytes were read", read)
				}
			})
		}
	}
}

func TestServersThatAreNotThere(t *testing.T) {
	for _, c := range clients() {
		t.Run(c.adapter.Name+": nothing listens", func(t *testing.T) {
			_, err := probeOnce(t, c.adapter, &testDialer{ports: map[string]int32{"server": nobody(t)}}, c.spec, patient)
			if got := failedWith(t, err); got.reason != probe.Refused {
				t.Errorf("it is %s: %s", got.reason, got.message)
			}
		})
		t.Run(c.adapter.Name+": no Service", func(t *testing.T) {
			_, err := probeOnce(t, c.adapter, &testDialer{}, c.spec, patient)
			want := failed{probe.NotFound, "there is no Service server"}
			if got := failedWith(t, err); got != want {
				t.Errorf("it is %v, want %v", got, want)
			}
		})
		t.Run(c.adapter.Name+": a fault of the platform stays one", func(t *testing.T) {
			fault := &probe.Fault{Message: "the API server is away"}
			dialer := &faultyReach{testDialer{ports: map[string]int32{"server": 1}}, fault}
			_, err := probeOnce(t, c.adapter, dialer, c.spec, patient)
			var got *probe.Fault
			if !errors.As(err, &got) || got != fault {
				t.Errorf("it is a %T: %v", err, err)
			}
		})
	}
}

// faultyReach finds endpoints, and cannot dial them.
type faultyReach struct {
	testDialer
	fault error
}

func (r *faultyReach) Dial(context.Context, probe.Endpoint) (net.Conn, error) { return nil, r.fault }
