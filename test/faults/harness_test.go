package faults

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/test/internal/proxy"
)

// exchange is a write that is sent, and the code with which the server responds if it gets there.
type exchange struct {
	what, body string
	code       int
}

// send sends writes in a step, and returns what the client gets in place of each response.
func (w *writeInjector) send(step string, exchanges ...exchange) []proxy.Fault {
	w.startStep(step)
	faults := make([]proxy.Fault, len(exchanges))
	for i, e := range exchanges {
		fault, after := w.request(e.what, []byte(e.body))
		if fault == proxy.None && after != nil {
			fault = after(e.code)
		}
		faults[i] = fault
	}
	return faults
}

func TestWriteNumbers(t *testing.T) {
	const done, refused = http.StatusOK, http.StatusForbidden
	at := func(what string, occurrence int) point {
		return point{Step: "a step", What: what, Occurrence: occurrence}
	}
	for name, tc := range map[string]struct {
		exchanges []exchange
		want      []point
	}{
		"each by its own name":               {[]exchange{{"one", "", done}, {"two", "", done}}, []point{at("one", 1), at("two", 1)}},
		"by how often it changed something":  {[]exchange{{"one", "a", done}, {"one", "b", done}}, []point{at("one", 1), at("one", 2)}},
		"not where nothing can be new":       {[]exchange{{"one", "a", done}, {"one", "a", done}}, []point{at("one", 1)}},
		"not where the server refuses it":    {[]exchange{{"one", "a", refused}}, nil},
		"with the number of the refused try": {[]exchange{{"one", "a", refused}, {"one", "b", done}}, []point{at("one", 1)}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &writeInjector{injected: map[point]bool{}}
			w.send("a step", tc.exchanges...)
			w.send("", exchange{"after the end", "", done})
			if diff := cmp.Diff(tc.want, w.trace); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestWriteFaultsInjectedOnce(t *testing.T) {
	const done, refused = http.StatusOK, http.StatusForbidden
	first := point{Step: "a step", What: "one", Occurrence: 1}
	second := point{Step: "a step", What: "one", Occurrence: 2}
	for name, tc := range map[string]struct {
		plan      writePlan
		sequels   map[point]followUp
		exchanges []exchange
		want      []proxy.Fault
		wantDid   []string
	}{
		"a refusal comes in place of the first try": {
			plan:      writePlan{first: throttled},
			exchanges: []exchange{{"one", "a", done}, {"one", "a", done}},
			want:      []proxy.Fault{proxy.Throttled, proxy.None},
		},
		"what is lost was carried out": {
			plan:      writePlan{first: noResponse},
			exchanges: []exchange{{"one", "a", done}, {"one", "a", done}},
			want:      []proxy.Fault{proxy.NoResponse, proxy.None},
		},
		"what the server refuses cannot be lost": {
			plan:      writePlan{first: noResponse},
			exchanges: []exchange{{"one", "a", refused}, {"one", "b", done}},
			want:      []proxy.Fault{proxy.None, proxy.NoResponse},
		},
		"the second of a kind": {
			plan:      writePlan{second: conflict},
			exchanges: []exchange{{"one", "a", done}, {"one", "b", done}, {"one", "b", done}},
			want:      []proxy.Fault{proxy.None, proxy.Conflict, proxy.None},
		},
		"a crash before the write ends the operator and the connection": {
			plan: writePlan{first: crashBefore}, exchanges: []exchange{{"one", "a", done}},
			want: []proxy.Fault{proxy.Reset}, wantDid: []string{"crash"},
		},
		"so does a crash after the write": {
			plan: writePlan{first: crashAfter}, exchanges: []exchange{{"one", "a", done}},
			want: []proxy.Fault{proxy.Reset}, wantDid: []string{"crash"},
		},
		"frozen informers let the write through": {
			plan: writePlan{first: informersFrozen}, exchanges: []exchange{{"one", "a", done}},
			want: []proxy.Fault{proxy.None}, wantDid: []string{"freeze"},
		},
		"so does a namespace that is deleted": {
			plan: writePlan{first: namespaceDeleting}, exchanges: []exchange{{"one", "a", done}},
			want: []proxy.Fault{proxy.None}, wantDid: []string{"delete"},
		},
		"and one that is gone": {
			plan: writePlan{first: namespaceDeleted}, exchanges: []exchange{{"one", "a", done}},
			want: []proxy.Fault{proxy.None}, wantDid: []string{"delete and wait"},
		},
		"a late answer": {
			plan: writePlan{first: lateResponse}, exchanges: []exchange{{"one", "a", done}},
			want: []proxy.Fault{proxy.LateResponse},
		},
		"a follow-up comes with the nth write after": {
			plan: writePlan{first: crashBefore}, sequels: map[point]followUp{first: {nth: 2, fault: crashAfter}},
			exchanges: []exchange{{"one", "a", done}, {"one", "a", done}, {"two", "", done}, {"three", "", done}},
			want:      []proxy.Fault{proxy.Reset, proxy.None, proxy.Reset, proxy.None}, wantDid: []string{"crash", "crash"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var did []string
			do := func(what string) func() { return func() { did = append(did, what) } }
			w := &writeInjector{
				plan: tc.plan, followUps: tc.sequels, injected: map[point]bool{},
				actions: actions{crash: do("crash"), freeze: do("freeze"), deleteNamespace: do("delete"), deleteNamespaceAndWait: do("delete and wait")},
			}
			got := w.send("a step", tc.exchanges...)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("the client gets (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tc.wantDid, did); diff != "" {
				t.Errorf("done besides (-want +got)\n%s", diff)
			}
			if w.outstanding() || len(w.pending) > 0 {
				t.Errorf("something is still planned: %v, %v", w.plan, w.pending)
			}
		})
	}
}

func TestObjectCounts(t *testing.T) {
	least := objectCounts{"one": {2, 2}, "two": {1, 1}}
	if diff := cmp.Diff(objectCounts{"one": {3, 3}, "two": {1, 1}, "three": {1, 0}}, least.add(objectCounts{"one": {1, 1}, "three": {1, 0}})); diff != "" {
		t.Errorf("add (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"three was created 1 times and deleted 0 times"}, objectCounts{"two": {1, 1}, "three": {1, 0}}.leaked()); diff != "" {
		t.Errorf("leaked (-want +got)\n%s", diff)
	}
	for name, tc := range map[string]struct {
		counted objectCounts
		want    bool
	}{
		"the same":              {least, true},
		"one more of something": {objectCounts{"one": {3, 3}, "two": {1, 1}}, true},
		"two more of something": {objectCounts{"one": {4, 4}, "two": {1, 1}}, false},
		"something else":        {objectCounts{"one": {2, 2}, "two": {1, 1}, "three": {2, 2}}, false},
		"something is missing":  {objectCounts{"one": {2, 2}}, false},
	} {
		if got := tc.counted.isWithin(least, 1); got != tc.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestDistribute(t *testing.T) {
	var points []point
	for i := range 7 {
		points = append(points, point{Occurrence: i})
	}
	var got [][]int
	for _, group := range distribute(points, 3) {
		var numbers []int
		for _, at := range group {
			numbers = append(numbers, at.Occurrence)
		}
		got = append(got, numbers)
	}
	if diff := cmp.Diff([][]int{{0, 3, 6}, {1, 4}, {2, 5}}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestParseRequest(t *testing.T) {
	for request, want := range map[string]*requestInfo{
		"GET /apis":                                                         {what: "get /apis"},
		"GET /api/v1/namespaces/lab-run-1":                                  {what: "get namespaces lab-NAME"},
		"GET /api/v1/namespaces?watch=true":                                 {what: "watch namespaces"},
		"GET /api/v1/namespaces/lab-run-1/configmaps?limit=250":             {what: "list configmaps in lab-NAME"},
		"GET /apis/apps/v1/namespaces/system/controllerrevisions/levels-ab": {what: "get controllerrevisions levels-ab in system"},
		"POST /api/v1/namespaces":                                           {what: "create namespaces", write: true},
		"PATCH /apis/g/v1/namespaces/default/labs/run-1/status":             {what: "patch labs/status NAME", write: true},
		"POST /apis/events.k8s.io/v1/namespaces/default/events":             nil,
		"PUT /apis/coordination.k8s.io/v1/namespaces/system/leases/lead":    nil,
	} {
		var method, target string
		if _, err := fmt.Sscan(request, &method, &target); err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), method, "http://localhost"+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseRequest(req, "run-1")
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(requestInfo{})); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", request, err, diff)
		}
	}
}
