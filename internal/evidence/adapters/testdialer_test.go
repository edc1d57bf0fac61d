package adapters

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// testDialer reaches servers on the loopback interface of the test, under the names of Services. The methods that it
// does not have are nobody's here.
type testDialer struct {
	probe.Dialer
	// ports of the servers, by the name of their Service.
	ports map[string]int32
	// before are the ports of pods that stand before the server, under the same name.
	before []int32
	// away are the addresses that servers advertise for what does not run.
	away []string
	// secrets by name.
	secrets map[string]map[string][]byte
	// dialed counts connections, open those that are not closed, and read what came over them.
	dialed, open, read atomic.Int64
}

func (r *testDialer) Endpoints(_ context.Context, target v1beta1.ProbeTarget) ([]probe.Endpoint, error) {
	port, ok := r.ports[target.Service]
	if !ok {
		return nil, probe.Failf(probe.NotFound, "there is no Service %s", target.Service)
	}
	var endpoints []probe.Endpoint
	for i, port := range append(slices.Clone(r.before), port) {
		endpoints = append(endpoints, probe.Endpoint{Pod: fmt.Sprintf("%s-%d", target.Service, i), Port: port, Ready: true})
	}
	return endpoints, nil
}

func (r *testDialer) Dial(ctx context.Context, endpoint probe.Endpoint) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(endpoint.Port))))
	if err != nil {
		return nil, probe.FailureOf(endpoint.Pod+":"+strconv.Itoa(int(endpoint.Port)), err)
	}
	r.dialed.Add(1)
	r.open.Add(1)
	counted := &countedConn{Conn: conn, read: &r.read}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	counted.end = sync.OnceFunc(func() {
		stop()
		r.open.Add(-1)
	})
	return counted, nil
}

// Advertised takes a server on the loopback interface at its word.
func (r *testDialer) Advertised(_ context.Context, hostPort string) (probe.Endpoint, error) {
	if slices.Contains(r.away, hostPort) {
		return probe.Endpoint{}, probe.Failf(probe.NotRunning, "pod away does not run")
	}
	host, text, err := net.SplitHostPort(hostPort)
	port, portErr := strconv.ParseInt(text, 10, 32)
	if errors.Join(err, portErr) != nil || host != "127.0.0.1" {
		return probe.Endpoint{}, probe.Failf(probe.NotFound, "%s is no name under which another pod finds it", hostPort)
	}
	return probe.Endpoint{Pod: "advertised", Port: int32(port), Ready: true}, nil
}

func (r *testDialer) Secret(_ context.Context, name string) (map[string][]byte, error) {
	if data, ok := r.secrets[name]; ok {
		return data, nil
	}
	return nil, probe.Failf(probe.NotFound, "there is no Secret %s", name)
}

type countedConn struct {
	net.Conn
	read *atomic.Int64
	end  func()
}

func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.read.Add(int64(n))
	return n, err
}

func (c *countedConn) Close() error {
	c.end()
	return c.Conn.Close()
}

// reaching reaches one server as the Service server.
func reaching(t *testing.T, address string) *testDialer {
	t.Helper()
	return &testDialer{ports: map[string]int32{"server": portOf(t, address)}}
}

func portOf(t *testing.T, address string) int32 {
	t.Helper()
	_, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return int32(port)
}

// nobody is a port on which nothing listens.
func nobody(t *testing.T) int32 {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	return portOf(t, listener.Addr().String())
}

// theServer is the target of what reaching reaches.
func theServer() *v1beta1.ProbeTarget {
	return &v1beta1.ProbeTarget{Service: "server", Port: 1234}
}

// serve answers connections on the loopback interface until the test ends, and gives the address. A connection is closed
// when answer returns.
func serve(t *testing.T, answer func(context.Context, net.Conn)) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var handlers wait.Group
	ctx, stop := context.WithCancel(context.Background())
	handlers.Start(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			handlers.Start(func() {
				defer context.AfterFunc(ctx, func() { conn.Close() })()
				defer conn.Close()
				answer(ctx, conn)
			})
		}
	})
	t.Cleanup(func() {
		stop()
		listener.Close()
		handlers.Wait()
	})
	return listener.Addr().String()
}

const (
	// patient is longer than any probe takes that comes to an end by itself, on a machine that is busy.
	patient = 30 * time.Second
	// short is how long a probe may take that does not.
	short = 300 * time.Millisecond
	// grace is how late the end of a probe may be.
	grace = 5 * time.Second
)

// probeOnce takes one probe, which must end in time, give plain values and leave nothing behind.
func probeOnce(t *testing.T, adapter probe.Adapter, dialer probe.Dialer, spec *v1beta1.ProbeEvidence, limit time.Duration) (map[string]any, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	type result struct {
		values map[string]any
		err    error
	}
	done := make(chan result, 1)
	mark := strconv.FormatInt(looks.Add(1), 10)
	go func() {
		var got result
		pprof.Do(ctx, pprof.Labels(probeLabel, mark), func(ctx context.Context) {
			got.values, got.err = adapter.Probe(ctx, dialer, spec)
		})
		done <- got
	}()
	late := time.NewTimer(limit + grace)
	defer late.Stop()
	select {
	case got := <-done:
		leavesNothing(t, mark)
		if dialer, ok := dialer.(*testDialer); ok && dialer.open.Load() > 0 {
			t.Errorf("a probe leaves %d connections behind", dialer.open.Load())
		}
		if got.values != nil {
			mustBePlain(t, adapter.Name, got.values)
		}
		return got.values, got.err
	case <-late.C:
		t.Fatalf("a probe with a limit of %s goes on", limit)
		return nil, nil
	}
}

// probeLabel marks the goroutines of probes, which hand it on to those that they begin.
const probeLabel = "probe"

// probes counts probes, so that each has a mark of its own.
var looks atomic.Int64

// leavesNothing waits for the end of all goroutines that a probe began.
func leavesNothing(t *testing.T, mark string) {
	t.Helper()
	var left string
	err := wait.PollUntilContextTimeout(t.Context(), time.Millisecond, grace, true, func(context.Context) (bool, error) {
		var all strings.Builder
		if err := pprof.Lookup("goroutine").WriteTo(&all, 1); err != nil {
			return false, err
		}
		left = ""
		for stack := range strings.SplitSeq(all.String(), "\n\n") {
			if strings.Contains(stack, strconv.Quote(probeLabel)+":"+strconv.Quote(mark)) {
				left = stack
			}
		}
		return left == "", nil
	})
	if err != nil {
		t.Errorf("a probe leaves a goroutine behind:\n%s", left)
	}
}

// mustBePlain refuses what checks cannot read.
func mustBePlain(t *testing.T, path string, value any) {
	t.Helper()
	if len(path) > 80 {
		path = path[:80]
	}
	switch v := value.(type) {
	case nil, bool, int64, float64, string, time.Time:
	case map[string]any:
		for key, item := range v {
			mustBePlain(t, path+"."+key, item)
		}
	case []any:
		for i, item := range v {
			mustBePlain(t, path+"["+strconv.Itoa(i)+"]", item)
		}
	default:
		t.Errorf("%s is a %T", path, value)
	}
}

// failed is the reason and the message of a failure.
type failed struct{ reason, message string }

// failedWith tells a failure in two words, and fails the test for what is none.
func failedWith(t *testing.T, err error) failed {
	t.Helper()
	var failure *probe.Failure
	switch {
	case err == nil:
		return failed{}
	case errors.As(err, &failure):
		return failed{failure.Reason, failure.Message}
	}
	t.Fatalf("the error is a %T, want a failure: %v", err, err)
	return failed{}
}
