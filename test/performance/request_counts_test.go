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

// kindOfRequest is what requests are counted by.
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

// requestCounts are the numbers of requests by their kind.
type requestCounts map[kindOfRequest]int

func (t requestCounts) sum(wanted func(kindOfRequest) bool) int {
	n := 0
	for kind, times := range t {
		if wanted(kind) {
			n += times
		}
	}
	return n
}

// writes returns those of state. Events are not among them.
func (t requestCounts) writes() int {
	return t.sum(func(k kindOfRequest) bool { return k.isWrite() && k.resource != "events" })
}

func (t requestCounts) events() int {
	return t.sum(func(k kindOfRequest) bool { return k.isWrite() && k.resource == "events" })
}

func (t requestCounts) reads() int {
	return t.sum(func(k kindOfRequest) bool { return k.verb == "get" || k.verb == "list" })
}

// refused returns the writes that were not carried out.
func (t requestCounts) refused() int {
	return t.sum(func(k kindOfRequest) bool { return k.refused && k.isWrite() })
}

func (k kindOfRequest) isWrite() bool {
	return k.verb != "get" && k.verb != "list" && k.verb != "watch"
}

// per describes how often each kind of request was made for one of n Labs.
func (t requestCounts) per(n int) string {
	var lines []string
	for kind, times := range t {
		if share := float64(times) / float64(n); share >= 0.05 {
			lines = append(lines, fmt.Sprintf("%s %.1f", kind, share))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}

// counter counts requests once they are answered.
type counter struct {
	inner http.RoundTripper

	mu     sync.Mutex
	counts requestCounts
	last   time.Time
}

// RoundTrip sends a request.
func (c *counter) RoundTrip(req *http.Request) (*http.Response, error) {
	factory := request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}
	info, err := factory.NewRequestInfo(req)
	if err != nil {
		return nil, fmt.Errorf("parse the request: %w", err)
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
		c.counts = requestCounts{}
	}
	c.counts[kind]++
	c.last = time.Now()
	return resp, nil
}

// requestsSoFar returns the counts until now.
func (c *counter) requestsSoFar() requestCounts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}

// requestsSince returns the counts after an earlier count.
func (c *counter) requestsSince(earlier requestCounts) requestCounts {
	now := c.requestsSoFar()
	for kind, times := range earlier {
		now[kind] -= times
		if now[kind] == 0 {
			delete(now, kind)
		}
	}
	return now
}

// quietFor returns how long ago the last request was answered.
func (c *counter) quietFor() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.last)
}
