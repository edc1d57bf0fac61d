package performance

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"
)

// kindOfRequest is what requests are told apart by.
type kindOfRequest struct {
	verb     string // as the API server names it for its rules
	resource string // with the subresource, as in labs/status
	refused  bool
}

func (k kindOfRequest) String() string {
	if k.refused {
		return k.verb + " " + k.resource + " refused"
	}
	return k.verb + " " + k.resource
}

// tally counts requests.
type tally map[kindOfRequest]int

func (t tally) sum(wanted func(kindOfRequest) bool) int {
	n := 0
	for kind, times := range t {
		if wanted(kind) {
			n += times
		}
	}
	return n
}

// writes are those that something is built on: an event is told to whoever listens.
func (t tally) writes() int {
	return t.sum(func(k kindOfRequest) bool { return k.isWrite() && k.resource != "events" })
}

func (t tally) events() int {
	return t.sum(func(k kindOfRequest) bool { return k.isWrite() && k.resource == "events" })
}

func (t tally) reads() int {
	return t.sum(func(k kindOfRequest) bool { return k.verb == "get" || k.verb == "list" })
}

// refused are the writes that were not carried out.
func (t tally) refused() int {
	return t.sum(func(k kindOfRequest) bool { return k.refused && k.isWrite() })
}

func (k kindOfRequest) isWrite() bool {
	return k.verb != "get" && k.verb != "list" && k.verb != "watch"
}

// per tells of each kind of request how often it was made for one of n Labs.
func (t tally) per(n int) string {
	var lines []string
	for kind, times := range t {
		if share := float64(times) / float64(n); share >= 0.05 {
			lines = append(lines, fmt.Sprintf("%s %.1f", kind, share))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}

// counter is a way to the API server on which requests are counted once they are answered.
type counter struct {
	inner http.RoundTripper

	mu     sync.Mutex
	counts tally
	last   time.Time
}

// RoundTrip sends a request.
func (c *counter) RoundTrip(req *http.Request) (*http.Response, error) {
	factory := request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}
	info, err := factory.NewRequestInfo(req)
	if err != nil {
		return nil, fmt.Errorf("tell what kind of request this is: %w", err)
	}
	resp, err := c.inner.RoundTrip(req)
	if err != nil || !info.IsResourceRequest {
		return resp, err
	}
	kind := kindOfRequest{verb: info.Verb, resource: info.Resource, refused: resp.StatusCode >= http.StatusBadRequest}
	if info.Subresource != "" {
		kind.resource += "/" + info.Subresource
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = tally{}
	}
	c.counts[kind]++
	c.last = time.Now()
	return resp, nil
}

// sofar is what was counted until now.
func (c *counter) sofar() tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}

// since is what was counted after an earlier count.
func (c *counter) since(earlier tally) tally {
	now := c.sofar()
	for kind, times := range earlier {
		now[kind] -= times
		if now[kind] == 0 {
			delete(now, kind)
		}
	}
	return now
}

// quietFor is how long ago the last request was answered.
func (c *counter) quietFor() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.last)
}
