package evidence

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/lab-operator/lab-operator/internal/check"
)

var replicaSets = schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "ReplicaSet"}

// budgetStart is when the stores of these tests begin.
var budgetStart = time.Unix(1000, 0)

// replicaSet is one whose container has so many variables.
func replicaSet(name string, version, variables int) *unstructured.Unstructured {
	env := make([]any, variables)
	for i := range env {
		env[i] = map[string]any{"name": "abc"}
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apps/v1", "kind": "ReplicaSet",
		"metadata": map[string]any{
			"name": name, "namespace": "a", "uid": name, "resourceVersion": fmt.Sprint(version), "generation": int64(2),
			"labels":          map[string]any{"app": "web"},
			"annotations":     map[string]any{"a": "b"},
			"ownerReferences": []any{map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "u"}},
		},
		"spec": map[string]any{
			"replicas": int64(3), "selector": map[string]any{"matchLabels": map[string]any{"app": "web"}},
			"template": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"name": "web", "env": env}}}},
		},
		"status": map[string]any{"conditions": []any{map[string]any{"type": "ReplicaFailure", "status": "True"}}},
	}}
}

// budgetStore is a store on one namespace of a lab, which is synced.
func budgetStore(whole bool) *store {
	v := newStore(replicaSets, clocktesting.NewFakePassiveClock(budgetStart), func(types.NamespacedName) {})
	v.register("a", types.NamespacedName{Name: "lab"}, false, whole)
	v.replace(nil, "1", v.begin())
	return v
}

func TestBriefKeepsHowAnObjectFares(t *testing.T) {
	v := budgetStore(false)
	v.put(replicaSet("web", 2, 5))
	all, synced := v.all("a")
	if len(all) != 1 || !synced {
		t.Fatalf("there are %d objects, synced %t", len(all), synced)
	}
	want := replicaSet("web", 2, 5).Object
	delete(want["metadata"].(map[string]any), "annotations")
	want["spec"] = map[string]any{"replicas": int64(3)}
	if diff := cmp.Diff(want, all[0].Object); diff != "" {
		t.Errorf("what is held (-want +got):\n%s", diff)
	}
}

func TestAReservedNamespaceIsHeldAsItsLabNeedsIt(t *testing.T) {
	for name, tc := range map[string]struct {
		whole bool
		want  string
	}{"whole": {true, "b"}, "brief": {false, ""}} {
		t.Run(name, func(t *testing.T) {
			v := newStore(replicaSets, clocktesting.NewFakePassiveClock(budgetStart), func(types.NamespacedName) {})
			v.reserve("a")
			v.replace([]any{replicaSet("web", 2, 5)}, "3", v.begin())
			v.register("a", types.NamespacedName{Name: "lab"}, false, tc.whole)
			all, synced := v.all("a")
			if len(all) != 1 || !synced || all[0].GetAnnotations()["a"] != tc.want {
				t.Errorf("held are %v, synced %t, want the annotation %q", all, synced, tc.want)
			}
			if cost := v.namespaces["a"].cost; cost != v.budget.used["a"] || cost != Cost(all[0].Object, maxObjectCost) {
				t.Errorf("%d bytes are counted and %d used", cost, v.budget.used["a"])
			}
		})
	}
}

func TestWhatIsNeededWholeLaterIsListedAgain(t *testing.T) {
	v := budgetStore(false)
	v.put(replicaSet("web", 2, 5))
	v.register("a", types.NamespacedName{Name: "other"}, false, true)
	waiting := v.pending()
	if len(waiting) != 1 {
		t.Fatalf("the namespaces %v wait for a list, want the one", waiting)
	}
	v.merge(waiting[0], map[string]object{"web": prepare(v.part(replicaSet("web", 2, 5)))}, "3")
	if all, _ := v.all("a"); all[0].GetAnnotations()["a"] != "b" {
		t.Errorf("it is held as %v, want it whole", all[0].Object)
	}
}

// TestALabCostsABoundedAmountOfMemory compares the heap with that of a namespace of ordinary objects.
func TestALabCostsABoundedAmountOfMemory(t *testing.T) {
	const sets, flood = 100, 14_000
	grown := func(whole bool, variables int) int64 {
		var before, after runtime.MemStats
		v := budgetStore(whole)
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range sets {
			v.put(replicaSet(fmt.Sprint("web-", i), i+2, variables))
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(v)
		return int64(after.HeapAlloc) - int64(before.HeapAlloc)
	}
	plain := grown(true, 5)
	if brief := grown(false, flood); brief > plain {
		t.Errorf("a flood of which notices are made takes %d KiB, ordinary objects %d KiB", brief>>10, plain>>10)
	}
	if tooLarge := grown(true, flood); tooLarge > plain {
		t.Errorf("a flood of what is too large takes %d KiB, ordinary objects %d KiB", tooLarge>>10, plain>>10)
	}
	// Each is within its own bound. An estimate that is too low by a half is not one.
	many := grown(true, 2_000)
	t.Logf("%d ordinary objects take %d KiB, as many as there is room for %d KiB", sets, plain>>10, many>>10)
	if many > maxLabCost*3/2 || many < maxLabCost/2 {
		t.Errorf("objects without an end take %d KiB, want about %d", many>>10, maxLabCost>>10)
	}
}

func TestWhatALabHasNoRoomForIsTold(t *testing.T) {
	v := budgetStore(true)
	const sets = 40
	listed := func(from int) map[string]object {
		all := map[string]object{}
		for i := from; i < sets; i++ {
			o := replicaSet(fmt.Sprintf("web-%02d", i), i+2, 2_000)
			all[o.GetName()] = prepare(v.part(o))
		}
		return all
	}
	for i := range sets {
		v.put(replicaSet(fmt.Sprintf("web-%02d", i), i+2, 2_000))
	}
	last := Source{GVK: replicaSets, ObjectName: "web-39"}
	want := check.Observation{State: check.TooLarge, Detail: "the ReplicaSet web-39 is not inspected: the lab has more than 8 MiB of objects, delete some", Since: budgetStart}
	if diff := cmp.Diff(want, v.observe(last, "a")); diff != "" {
		t.Errorf("the last one (-want +got):\n%s", diff)
	}
	if got := v.observe(Source{GVK: replicaSets, ObjectName: "web-00"}, "a"); got.State != check.Seen {
		t.Errorf("the first one is %v", got)
	}
	if got := v.observe(Source{GVK: replicaSets, List: true}, "a"); got.State != check.TooLarge || !strings.Contains(got.Detail, "delete some") {
		t.Errorf("all of them are %v", got)
	}
	if waiting := v.pending(); len(waiting) > 0 {
		t.Errorf("%v waits for a list, though there is no room", waiting)
	}

	// What another kind takes counts too, and what it gives back.
	for i := range sets - 4 {
		v.drop(replicaSet(fmt.Sprintf("web-%02d", i), 100+i, 0))
	}
	waiting := v.pending()
	if len(waiting) != 1 {
		t.Fatalf("%v waits for a list, want the namespace that has room again", waiting)
	}
	v.merge(waiting[0], listed(sets-4), "200")
	if got := v.observe(last, "a"); got.State != check.Seen {
		t.Errorf("with room the last one is %v", got)
	}
	v.unregister("a", types.NamespacedName{Name: "lab"})
	if len(v.budget.used) > 0 || len(v.budget.waiting) > 0 {
		t.Errorf("what was forgotten is still counted: %v, %v", v.budget.used, v.budget.waiting)
	}
}

func TestRoomIsSharedByAllKinds(t *testing.T) {
	one, other := budgetStore(true), budgetStore(true)
	other.budget = one.budget
	for i := range 40 {
		one.put(replicaSet(fmt.Sprintf("web-%02d", i), i+2, 2_000))
	}
	other.put(replicaSet("last", 2, 2_000))
	if got := other.observe(Source{GVK: replicaSets, ObjectName: "last"}, "a"); got.State != check.TooLarge {
		t.Errorf("beside a kind that takes all the room, another is %v", got)
	}
	for i := range 40 {
		one.drop(replicaSet(fmt.Sprintf("web-%02d", i), 100+i, 0))
	}
	select {
	case <-other.wake:
	default:
		t.Error("the other is not woken when there is room")
	}
	if waiting := other.pending(); len(waiting) != 1 {
		t.Errorf("%v waits for a list, want the namespace that has room again", waiting)
	}
}

func TestATransformedObjectIsBoundedBeforeItIsStored(t *testing.T) {
	v := budgetStore(true)
	transform := (&reflectorStore{store: v}).Transformer()
	for range 2 { // it may run more than once on an object
		o, err := transform(replicaSet("web", 2, 14_000))
		if err == nil {
			o, err = transform(o)
		}
		if err != nil {
			t.Fatal(err)
		}
		if cost := Cost(o.(*unstructured.Unstructured).Object, maxObjectCost); cost > 4<<10 {
			t.Errorf("it takes %d bytes", cost)
		}
		v.put(o.(*unstructured.Unstructured))
	}
	if got := v.observe(Source{GVK: replicaSets, ObjectName: "web"}, "a"); got.State != check.TooLarge || !strings.Contains(got.Detail, "its lists shorter") {
		t.Errorf("it is %v", got)
	}
}
