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
)

// effort is the processor time that was used: by this process, in which the operator, the bare client and the harness
// are, and by the API server. What etcd uses is not known.
type effort struct {
	own, server time.Duration
}

func (e effort) minus(earlier effort) effort {
	return effort{own: e.own - earlier.own, server: e.server - earlier.server}
}

// least takes the smaller part of each.
func (e effort) least(other effort) effort {
	return effort{own: min(e.own, other.own), server: min(e.server, other.server)}
}

// effort is what was used until now.
func (h *hall) effort(t *testing.T) effort {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(fmt.Errorf("ask for the time of the processors: %w", err))
	}
	return effort{own: time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), server: h.serverTime(t)}
}

// serverTime reads the API server's own account of its processor time.
func (h *hall) serverTime(t *testing.T) time.Duration {
	t.Helper()
	client, err := kubernetes.NewForConfig(h.world.Config)
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
				t.Fatal(fmt.Errorf("read what the API server has used: %w", err))
			}
			return time.Duration(seconds * float64(time.Second))
		}
	}
	t.Fatal("the API server does not tell what it has used")
	return 0
}
