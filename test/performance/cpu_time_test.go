package performance

import (
	"bufio"
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// cpuTime is the processor time that was used: by this process, with the operator, the baseline
// client and the harness, and by the API server. What etcd uses is not known.
type cpuTime struct {
	process, server time.Duration
}

func (e cpuTime) minus(earlier cpuTime) cpuTime {
	return cpuTime{process: e.process - earlier.process, server: e.server - earlier.server}
}

// least takes the smaller part of each.
func (e cpuTime) least(other cpuTime) cpuTime {
	return cpuTime{process: min(e.process, other.process), server: min(e.server, other.server)}
}

// cpuTime returns what was used until now.
func (h *harness) cpuTime(t *testing.T) cpuTime {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(fmt.Errorf("get the processor time: %w", err))
	}
	return cpuTime{process: time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), server: h.serverTime(t)}
}

// serverTime returns the processor time that the API server reports.
func (h *harness) serverTime(t *testing.T) time.Duration {
	t.Helper()
	return serverTime(t, h.env.Config)
}

func serverTime(t testing.TB, config *rest.Config) time.Duration {
	t.Helper()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := client.RESTClient().Get().AbsPath("/metrics").DoRaw(t.Context())
	if err != nil {
		t.Fatal(fmt.Errorf("ask the API server what it has used: %w", err))
	}
	lines := bufio.NewScanner(bytes.NewReader(metrics))
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "process_cpu_seconds_total "); ok {
			seconds, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(fmt.Errorf("read the processor time of the API server: %w", err))
			}
			return time.Duration(seconds * float64(time.Second))
		}
	}
	t.Fatal("the API server does not report its processor time")
	return 0
}
