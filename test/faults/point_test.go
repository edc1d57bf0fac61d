package faults

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"
)

// point is where a fault can be injected: a request of a run, or an event of a watch. Names that
// differ between runs are left out.
type point struct {
	Step       string // of the scenario, empty for events
	What       string // verb, resource, subresource and name
	Occurrence int    // counts from 1 what is otherwise the same
}

func (p point) String() string {
	return strings.TrimPrefix(fmt.Sprintf("%s: %s #%d", p.Step, p.What, p.Occurrence), ": ")
}

// normalizeNames replaces what differs between runs.
func normalizeNames(text, lab string) string {
	return strings.ReplaceAll(text, lab, "NAME")
}

// requestInfo is what a request is about.
type requestInfo struct {
	what  string
	write bool
}

// parseRequest describes a request. It returns nil for events and leases, which are not part of the
// scenario.
func parseRequest(req *http.Request, lab string) (*requestInfo, error) {
	factory := request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}
	info, err := factory.NewRequestInfo(req)
	if err != nil {
		return nil, fmt.Errorf("parse %s %s: %w", req.Method, req.URL.Path, err)
	}
	if info.Resource == "events" || info.Resource == "leases" {
		return nil, nil
	}
	if !info.IsResourceRequest {
		return &requestInfo{what: info.Verb + " " + info.Path, write: req.Method != http.MethodGet}, nil
	}
	verb := info.Verb
	if contentType := req.Header.Get("Content-Type"); contentType == string(types.ApplyPatchType) || contentType == string(types.ApplyYAMLPatchType) {
		verb = "apply"
	}
	resource := info.Resource
	if info.Subresource != "" {
		resource += "/" + info.Subresource
	}
	parts := []string{verb, resource, info.Name}
	write := !slices.Contains([]string{"get", "list", "watch"}, info.Verb)
	if !write && info.Namespace != "" && info.Resource != "namespaces" {
		// Reads of all namespaces and of one are different things. Writes are always in one.
		parts = append(parts, "in "+info.Namespace)
	}
	return &requestInfo{what: normalizeNames(strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " "), lab), write: write}, nil
}
