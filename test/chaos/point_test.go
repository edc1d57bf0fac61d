package chaos

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"
)

// point is one write of a life. The names of what has a UID in its name are left out: no two lives share them.
type point struct {
	Step       string // of the life
	Write      string // verb, resource, subresource and name
	Occurrence int    // counts from 1 the different requests of this kind in the step that were carried out
}

func (p point) String() string {
	return fmt.Sprintf("%s: %s #%d", p.Step, p.Write, p.Occurrence)
}

// crash is where the operator is to be killed.
type crash struct {
	at    point
	after bool // the request is carried out and the answer lost; before, it is never sent
}

func (c crash) String() string {
	if c.after {
		return "after " + c.at.String()
	}
	return "before " + c.at.String()
}

// tracer numbers the writes of one life, over all operators that live it, and knows the one to crash at.
type tracer struct {
	lab  string // whose name is left out of the points
	plan *crash // nil where nothing is to happen

	mu     sync.Mutex
	step   string
	landed map[string]int  // by write, of this step
	bodies map[string]bool // requests of this step that were carried out
	trace  []point
	hit    bool
}

// enter begins a step of the life.
func (t *tracer) enter(step string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.step, t.landed, t.bodies = step, map[string]int{}, map[string]bool{}
}

// at is where a request stands. To repeat in a step what was carried out already changes nothing and is no point.
// A request that was refused keeps its number for the next try.
func (t *tracer) at(write string, body []byte) (at point, counts bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at = point{Step: t.step, Write: write, Occurrence: t.landed[write] + 1}
	return at, t.step != "" && !t.bodies[write+string(body)]
}

// carriedOut notes a write. It stands in the step in which it was begun.
func (t *tracer) carriedOut(at point, body []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trace = append(t.trace, at)
	if at.Step == t.step {
		t.landed[at.Write]++
		t.bodies[at.Write+string(body)] = true
	}
}

// strikes tells, once in a life, that the crash is to happen here.
func (t *tracer) strikes(at point, after bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.plan == nil || t.hit || t.plan.at != at || t.plan.after != after {
		return false
	}
	t.hit = true
	return true
}

// missed tells that the crash is planned for the present step and has not happened.
func (t *tracer) missed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.plan != nil && !t.hit && t.plan.at.Step == t.step
}

func (t *tracer) written() []point {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]point(nil), t.trace...)
}

// writeOf names what a request writes, as in "apply configmaps greeting". It is empty for a read, and for what is
// no part of a lab's life: events and leases.
func writeOf(req *http.Request, lab string) (string, error) {
	if req.Method == http.MethodGet {
		return "", nil
	}
	factory := request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}
	info, err := factory.NewRequestInfo(req)
	if err != nil {
		return "", fmt.Errorf("understand %s %s: %w", req.Method, req.URL.Path, err)
	}
	if info.Resource == "events" || info.Resource == "leases" {
		return "", nil
	}
	verb := info.Verb
	if req.Header.Get("Content-Type") == string(types.ApplyPatchType) || req.Header.Get("Content-Type") == string(types.ApplyYAMLPatchType) {
		verb = "apply"
	}
	resource := info.Resource
	if info.Subresource != "" {
		resource += "/" + info.Subresource
	}
	return strings.TrimSpace(verb + " " + resource + " " + strings.ReplaceAll(info.Name, lab, "NAME")), nil
}

// bodyOf reads the body of a request and puts it back.
func bodyOf(req *http.Request) (*http.Request, []byte, error) {
	if req.Body == nil {
		return req, nil, nil
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("read the body of a request: %w", err)
	}
	if err := req.Body.Close(); err != nil {
		return nil, nil, fmt.Errorf("close the body of a request: %w", err)
	}
	again := req.Clone(req.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	return again, body, nil
}
