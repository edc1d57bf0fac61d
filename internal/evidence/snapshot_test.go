package evidence

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/internal/check"
)

// labeled is a pod of the namespace a with one label.
func labeled(nameAtVersion, app string) *unstructured.Unstructured {
	o := pod("a", nameAtVersion)
	o.SetLabels(map[string]string{"app": app, "tier": "front"})
	return o
}

// heavy is a pod that is too large to inspect.
func heavy(nameAtVersion, app string) *unstructured.Unstructured {
	o := labeled(nameAtVersion, app)
	o.SetAnnotations(map[string]string{"ballast": strings.Repeat("x", maxObjectSize)})
	return o
}

func TestObserve(t *testing.T) {
	web := Source{Name: "web", GVK: pods, ObjectName: "web"}
	list := Source{Name: "pods", GVK: pods, List: true, Selector: map[string]string{"app": "web"}, Limit: 2}
	tests := map[string]struct {
		source Source
		held   []*unstructured.Unstructured
		then   func(b *storeFixture)
		want   check.Observation
	}{
		"an object": {
			source: web,
			held:   []*unstructured.Unstructured{labeled("web@3", "web"), labeled("db@4", "db")},
			want:   check.Observation{State: check.Seen, Value: labeled("web@3", "web").Object},
		},
		"an object that is not there": {
			source: web,
			held:   []*unstructured.Unstructured{labeled("db@4", "db")},
			want:   check.Observation{State: check.Missing, Detail: "there is no Pod named web"},
		},
		"an object that is too large": {
			source: web,
			held:   []*unstructured.Unstructured{heavy("web@3", "web")},
			want:   check.Observation{State: check.TooLarge, Detail: "the Pod web is too large to inspect: make it smaller than 256 KiB and its lists shorter"},
		},
		"a list is in the order of the names, and of those with the labels only": {
			source: list,
			held:   []*unstructured.Unstructured{labeled("z@3", "web"), labeled("m@5", "db"), labeled("a@4", "web"), pod("a", "n@6")},
			want:   check.Observation{State: check.Seen, Value: []any{labeled("a@4", "web").Object, labeled("z@3", "web").Object}},
		},
		"a list of nothing is a list": {
			source: list,
			held:   []*unstructured.Unstructured{labeled("m@5", "db")},
			want:   check.Observation{State: check.Seen, Value: []any{}},
		},
		"every label has to be there": {
			source: Source{Name: "pods", GVK: pods, List: true, Selector: map[string]string{"app": "web", "tier": "back"}},
			held:   []*unstructured.Unstructured{labeled("web@3", "web")},
			want:   check.Observation{State: check.Seen, Value: []any{}},
		},
		"a list over the limit": {
			source: list,
			held:   []*unstructured.Unstructured{labeled("a@3", "web"), labeled("b@4", "web"), labeled("c@5", "web")},
			want:   check.Observation{State: check.TooLarge, Detail: "more than 2 Pods with app=web: delete some"},
		},
		"a list over the limit without labels": {
			source: Source{Name: "pods", GVK: pods, List: true, Limit: 1},
			held:   []*unstructured.Unstructured{labeled("a@3", "web"), labeled("b@4", "db")},
			want:   check.Observation{State: check.TooLarge, Detail: "more than 1 Pods: delete some"},
		},
		"a list with an object that is too large": {
			source: list,
			held:   []*unstructured.Unstructured{labeled("a@3", "web"), heavy("b@4", "web")},
			want:   check.Observation{State: check.TooLarge, Detail: "the Pod b is too large to inspect: make it smaller than 256 KiB and its lists shorter"},
		},
		"a list beside an object that is too large": {
			source: list,
			held:   []*unstructured.Unstructured{labeled("a@3", "web"), heavy("b@4", "db")},
			want:   check.Observation{State: check.Seen, Value: []any{labeled("a@3", "web").Object}},
		},
		"nothing was read yet": {
			source: list,
			then:   func(b *storeFixture) { b.forget("a"); b.follow("a") },
			want:   check.Observation{State: check.NotSynced, Detail: "Pods have not been read yet"},
		},
		"the kind is not there": {
			source: web,
			held:   []*unstructured.Unstructured{labeled("web@3", "web")},
			then:   func(b *storeFixture) { b.unavailable() },
			want:   check.Observation{State: check.Unavailable, Detail: "the cluster has no kind Pod of the core group in version v1"},
		},
		"reading is forbidden, for a moment": {
			source: web,
			held:   []*unstructured.Unstructured{labeled("web@3", "web")},
			then:   func(b *storeFixture) { b.refused("no right"); b.clock.Step(refusalGrace - 1); b.refused("no right") },
			want:   check.Observation{State: check.Seen, Value: labeled("web@3", "web").Object},
		},
		"reading is forbidden": {
			source: web,
			held:   []*unstructured.Unstructured{labeled("web@3", "web")},
			then:   func(b *storeFixture) { b.refused("no right"); b.clock.Step(refusalGrace); b.refused("no right") },
			want:   check.Observation{State: check.Failed, Detail: "no right"},
		},
		"reading was forbidden, and is not any more": {
			source: web,
			held:   []*unstructured.Unstructured{labeled("web@3", "web")},
			then: func(b *storeFixture) {
				b.refused("no right")
				b.clock.Step(time.Hour)
				b.refused("no right")
				b.served()
				b.refused("no right")
			},
			want: check.Observation{State: check.Seen, Value: labeled("web@3", "web").Object},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newStoreFixture()
			b.follow("a")
			b.ask()
			b.answer("10", tc.held...)
			if tc.then != nil {
				tc.then(b)
			}
			if diff := cmp.Diff(tc.want, b.observe(tc.source, "a"), timeless); diff != "" {
				t.Errorf("observation (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaultsAreToldOnce(t *testing.T) {
	b := newStoreFixture()
	b.follow("a")
	b.ask()
	b.answer("10")
	b.told = nil
	b.refused("no right")
	b.clock.Step(refusalGrace)
	b.refused("no right")
	b.refused("no right")
	b.served()
	b.served()
	if diff := cmp.Diff([]string{"a", "a"}, b.told); diff != "" {
		t.Errorf("labs that were told of the fault and its end (-want +got):\n%s", diff)
	}
}

func TestPrepare(t *testing.T) {
	// sized is a pod whose annotation makes its JSON, as estimated, of a size.
	sized := func(n int) *unstructured.Unstructured {
		o := labeled("web@3", "web")
		o.SetAnnotations(map[string]string{"ballast": ""})
		o.SetAnnotations(map[string]string{"ballast": strings.Repeat("x", n-Size(o.Object, n))})
		return o
	}
	if o := prepare(sized(maxObjectSize)); o.tooLarge || len(o.GetAnnotations()["ballast"]) == 0 {
		t.Error("an object of the largest size is not held in full")
	}
	big := sized(maxObjectSize + 1)
	big.SetUID("u")
	big.Object["spec"] = map[string]any{}
	o := prepare(big)
	want := map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{
			"name": "web", "namespace": "a", "uid": "u", "resourceVersion": "3",
			"labels": map[string]any{"app": "web", "tier": "front"},
		},
	}
	if diff := cmp.Diff(want, o.Object); diff != "" || !o.tooLarge {
		t.Errorf("what is held of an object that is too large (-want +got), marked %t:\n%s", o.tooLarge, diff)
	}
}

func TestPrepareKeepsWhoWroteIt(t *testing.T) {
	written := func(fields map[string]any) *unstructured.Unstructured {
		o := labeled("web@3", "web")
		entry := map[string]any{"manager": "kubectl", "operation": "Update", "subresource": "scale", "time": "2026-01-01T00:00:00Z"}
		if fields != nil {
			entry["fieldsV1"] = fields
		}
		o.Object["metadata"].(map[string]any)["managedFields"] = []any{entry}
		return o
	}
	o := written(map[string]any{"f:spec": map[string]any{"f:replicas": map[string]any{}}})
	for range 2 { // it may run more than once on an object
		if diff := cmp.Diff(written(nil).Object, prepare(o).Object); diff != "" {
			t.Errorf("what is held (-want +got):\n%s", diff)
		}
	}
}

func TestSizeIsThatOfTheJSON(t *testing.T) {
	o := labeled("web@3", "web")
	o.Object["spec"] = map[string]any{"replicas": int64(3), "paused": false, "load": 0.5, "names": []any{"a", "bb", "ccc"}, "none": nil}
	encoded, err := o.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	got := Size(o.Object, 1<<20)
	if got < len(encoded)*9/10 || got > len(encoded)*5/4 {
		t.Errorf("estimated %d bytes, the JSON has %d", got, len(encoded))
	}
	if got := Size(o.Object, 20); got <= 20 {
		t.Errorf("estimated %d bytes with a limit of 20, want more", got)
	}
}

func TestPlural(t *testing.T) {
	tests := map[string]string{
		"Pod": "Pods", "Ingress": "Ingresses", "StorageClass": "StorageClasses", "NetworkPolicy": "NetworkPolicies",
		"Gateway": "Gateways", "Endpoints": "Endpoints", "Kafka": "Kafkas", "Box": "Boxes",
	}
	for kind, want := range tests {
		if got := plural(kind); got != want {
			t.Errorf("plural of %s: %s, want %s", kind, got, want)
		}
	}
}

func TestDetails(t *testing.T) {
	widget := schema.GroupVersionKind{Group: "shop.example.com", Version: "v1", Kind: "Widget"}
	got := fmt.Sprintln(unavailableDetail(widget)) +
		fmt.Sprintln(refusedDetail(schema.GroupResource{Group: "shop.example.com", Resource: "widgets"})) +
		fmt.Sprintln(unwatchableDetail(widget)) +
		fmt.Sprintln(foreignScopeDetail(widget))
	want := `the cluster has no kind Widget of group shop.example.com in version v1
the operator may not read widgets.shop.example.com: grant it list and watch on them in all namespaces
Widgets cannot be watched: evidence can only be of kinds that can
Widgets are not in namespaces: evidence can only be what is in the lab's namespace, a Node or a StorageClass
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sentences (-want +got):\n%s", diff)
	}
}
