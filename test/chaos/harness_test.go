package chaos

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/test/chaos/proxy"
)

// exchange is a write that is sent, and what the server says to it where it gets there.
type exchange struct {
	what, body string
	code       int
}

// play sends writes in a step, and tells for each what the client gets in place of the answer.
func (w *writes) play(step string, exchanges ...exchange) []proxy.Fault {
	w.enter(step)
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

func TestWritesAreNumbered(t *testing.T) {
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
			w := &writes{happened: map[point]bool{}}
			w.play("a step", tc.exchanges...)
			w.play("", exchange{"after the end", "", done})
			if diff := cmp.Diff(tc.want, w.trace); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestMishapsHappenOnce(t *testing.T) {
	const done, refused = http.StatusOK, http.StatusForbidden
	first := point{Step: "a step", What: "one", Occurrence: 1}
	second := point{Step: "a step", What: "one", Occurrence: 2}
	for name, tc := range map[string]struct {
		plan      plan
		sequels   map[point]sequel
		exchanges []exchange
		want      []proxy.Fault
		wantDid   []string
	}{
		"a refusal comes in place of the first try": {
			plan:      plan{first: throttled},
			exchanges: []exchange{{"one", "a", done}, {"one", "a", done}},
			want:      []proxy.Fault{proxy.Throttled, proxy.None},
		},
		"what is lost was carried out": {
			plan:      plan{first: unanswered},
			exchanges: []exchange{{"one", "a", done}, {"one", "a", done}},
			want:      []proxy.Fault{proxy.Silence, proxy.None},
		},
		"what the server refuses cannot be lost": {
			plan:      plan{first: unanswered},
			exchanges: []exchange{{"one", "a", refused}, {"one", "b", done}},
			want:      []proxy.Fault{proxy.None, proxy.Silence},
		},
		"the second of a kind": {
			plan:      plan{second: conflict},
			exchanges: []exchange{{"one", "a", done}, {"one", "b", done}, {"one", "b", done}},
			want:      []proxy.Fault{proxy.None, proxy.Conflict, proxy.None},
		},
		"a crash before ends the operator and the connection": {
			plan: plan{first: crashBefore}, exchanges: []exchange{{"one", "a", done}},
			want: []proxy.Fault{proxy.Reset}, wantDid: []string{"kill"},
		},
		"a crash after does so, too": {
			plan: plan{first: crashAfter}, exchanges: []exchange{{"one", "a", done}},
			want: []proxy.Fault{proxy.Reset}, wantDid: []string{"kill"},
		},
		"frozen informers let the write through": {
			plan: plan{first: frozen}, exchanges: []exchange{{"one", "a", done}},
			want: []proxy.Fault{proxy.None}, wantDid: []string{"freeze"},
		},
		"so does a namespace that is deleted": {
			plan: plan{first: removed}, exchanges: []exchange{{"one", "a", done}},
			want: []proxy.Fault{proxy.None}, wantDid: []string{"remove"},
		},
		"and one that is gone": {
			plan: plan{first: vanished}, exchanges: []exchange{{"one", "a", done}},
			want: []proxy.Fault{proxy.None}, wantDid: []string{"vanish"},
		},
		"a late answer": {
			plan: plan{first: slow}, exchanges: []exchange{{"one", "a", done}},
			want: []proxy.Fault{proxy.Late},
		},
		"a sequel comes with the nth write behind": {
			plan: plan{first: crashBefore}, sequels: map[point]sequel{first: {nth: 2, mishap: crashAfter}},
			exchanges: []exchange{{"one", "a", done}, {"one", "a", done}, {"two", "", done}, {"three", "", done}},
			want:      []proxy.Fault{proxy.Reset, proxy.None, proxy.Reset, proxy.None}, wantDid: []string{"kill", "kill"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var did []string
			do := func(what string) func() { return func() { did = append(did, what) } }
			w := &writes{
				plan: tc.plan, sequels: tc.sequels, happened: map[point]bool{},
				hands: hands{kill: do("kill"), freeze: do("freeze"), remove: do("remove"), vanish: do("vanish")},
			}
			got := w.play("a step", tc.exchanges...)
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

func TestCensus(t *testing.T) {
	least := census{"one": {2, 2}, "two": {1, 1}}
	if diff := cmp.Diff(census{"one": {3, 3}, "two": {1, 1}, "three": {1, 0}}, least.plus(census{"one": {1, 1}, "three": {1, 0}})); diff != "" {
		t.Errorf("plus (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"three was made 1 times and deleted 0 times"}, census{"two": {1, 1}, "three": {1, 0}}.orphans()); diff != "" {
		t.Errorf("orphans (-want +got)\n%s", diff)
	}
	for name, tc := range map[string]struct {
		counted census
		want    bool
	}{
		"the same":              {least, true},
		"one more of something": {census{"one": {3, 3}, "two": {1, 1}}, true},
		"two more of something": {census{"one": {4, 4}, "two": {1, 1}}, false},
		"something else":        {census{"one": {2, 2}, "two": {1, 1}, "three": {2, 2}}, false},
		"something is missing":  {census{"one": {2, 2}}, false},
	} {
		if got := tc.counted.within(least, 1); got != tc.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestSpread(t *testing.T) {
	var points []point
	for i := range 7 {
		points = append(points, point{Occurrence: i})
	}
	var got [][]int
	for _, group := range spread(points, 3) {
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

func TestUnderstand(t *testing.T) {
	const uid = "118264d4-3378-441a-b88d-a8a48fe6fb9a"
	for request, want := range map[string]*asked{
		"GET /apis":                                                              {what: "get /apis"},
		"GET /api/v1/namespaces/lab-life-1":                                      {what: "get namespaces lab-NAME"},
		"GET /api/v1/namespaces?watch=true":                                      {what: "watch namespaces"},
		"GET /api/v1/namespaces/lab-life-1/configmaps?limit=250":                 {what: "list configmaps in lab-NAME"},
		"GET /apis/apps/v1/namespaces/system/controllerrevisions/" + uid + "-ab": {what: "get controllerrevisions UID-ab in system"},
		"POST /api/v1/namespaces":                                                {what: "create namespaces", write: true},
		"PATCH /apis/g/v1/namespaces/default/labs/life-1/status":                 {what: "patch labs/status NAME", write: true},
		"DELETE /apis/apps/v1/namespaces/system/controllerrevisions":             {what: "deletecollection controllerrevisions", write: true},
		"POST /apis/events.k8s.io/v1/namespaces/default/events":                  nil,
		"PUT /apis/coordination.k8s.io/v1/namespaces/system/leases/lead":         nil,
	} {
		var method, target string
		if _, err := fmt.Sscan(request, &method, &target); err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), method, "http://localhost"+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := understand(req, "life-1")
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(asked{})); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", request, err, diff)
		}
	}
}
