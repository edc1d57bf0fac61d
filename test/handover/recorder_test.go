package handover

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lab-operator/lab-operator/test/internal/proxy"
)

// write is one request of a replica that can change something.
type write struct {
	replica, what string
	// arrived is when it came to the proxy, and done when the API server answered.
	arrived, done time.Time
	// lease is set for those of the leader election.
	lease bool
	// accepted is set where the API server did what was asked.
	accepted bool
}

// recorder keeps the writes of all replicas that the API server has answered.
type recorder struct {
	mu     sync.Mutex
	writes []write
}

func (r *recorder) add(w write) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes = append(r.writes, w)
}

// since are the writes that arrived at a time or later.
func (r *recorder) since(at time.Time) []write {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []write
	for _, w := range r.writes {
		if !w.arrived.Before(at) {
			found = append(found, w)
		}
	}
	return found
}

// holder is the replica whose write of the lease was the last to be accepted.
func (r *recorder) holder() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	holder := ""
	for _, w := range r.writes {
		if w.lease && w.accepted {
			holder = w.replica
		}
	}
	return holder
}

// strays are the writes that arrived from a replica when another had the lease.
func (r *recorder) strays() []write {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []write
	for _, w := range r.writes {
		if w.lease {
			continue
		}
		holder := ""
		var since time.Time
		for _, lease := range r.writes {
			if lease.lease && lease.accepted && lease.done.Before(w.arrived) && lease.done.After(since) {
				holder, since = lease.replica, lease.done
			}
		}
		if holder != w.replica {
			found = append(found, w)
		}
	}
	return found
}

// way is how one replica reaches the API server.
type way struct {
	replica  string
	recorder *recorder
	cut      atomic.Bool
}

// Request notes a write when the API server has answered it. Nothing comes through a way that is cut.
func (w *way) Request(r *http.Request, _ []byte) (proxy.Fault, proxy.ResponseHook) {
	if w.cut.Load() {
		return proxy.Reset, nil
	}
	if r.Method == http.MethodGet || r.URL.Query().Has("dryRun") || strings.Contains(r.URL.Path, "/selfsubject") {
		return proxy.None, nil
	}
	arrived := time.Now()
	return proxy.None, func(code int) proxy.Fault {
		w.recorder.add(write{
			replica: w.replica, what: r.Method + " " + r.URL.Path, arrived: arrived, done: time.Now(),
			lease: strings.Contains(r.URL.Path, "/leases"), accepted: code < http.StatusMultipleChoices,
		})
		return proxy.None
	}
}

// Event lets every event pass.
func (w *way) Event(*http.Request, proxy.Event) proxy.EventAction { return proxy.EventAction{} }
