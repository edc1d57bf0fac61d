package evidence

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

var (
	configMaps  = schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}
	namespaces  = schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}
	definitions = schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}
	roles       = schema.GroupVersionKind{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRole"}
	bindings    = schema.GroupVersionKind{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRoleBinding"}
)

const configMapsPath = "/api/v1/configmaps"

func TestWithAPIServer(t *testing.T) {
	config := startAPIServer(t)
	tests := map[string]func(*testServer){
		"a change is told and shown":                       changeIsTold,
		"nothing of foreign namespaces is held":            foreignIsNotHeld,
		"namespaces that come late are told in full":       lateNamespaces,
		"after a restart all is known by one list":         restart,
		"a kind that is installed later, goes and is back": customKind,
		"a kind that may not be read":                      forbiddenKind,
		"kinds are watched on demand":                      onDemand,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(newTestServer(t, config)) })
	}
}

func changeIsTold(w *testServer) {
	ns := w.namespace("told")
	r := run(w.t, w.config, nil)
	r.Watch(lab("told"), namespaceOf(ns), []Source{one(configMaps, "web")})
	w.Eventually(r.state("told")).Should(gomega.Equal(check.Missing))
	w.create(thing(configMaps, ns, "web", map[string]any{"data": map[string]any{"value": "first"}}))
	w.Eventually(r.state("told")).Should(gomega.Equal(check.Seen))

	var took []time.Duration
	for i := range 100 {
		r.told.heard()
		start := time.Now()
		version := w.set(ns, "web", fmt.Sprint(i))
		for !slices.Contains(r.shown(lab("told"), configMaps), "web@"+version) {
			if time.Since(start) > 5*time.Second {
				w.t.Fatalf("change %d was not seen in 5 s", i)
			}
			runtime.Gosched()
		}
		took = append(took, time.Since(start))
		w.Eventually(r.told.heard).Should(gomega.Equal([]string{"told"}), "change %d was not told", i)
	}
	slices.Sort(took)
	w.t.Logf("write and see it: p50 %v, p99 %v", took[49], took[98])

	value := r.Snapshot(lab("told"))["e"].Value.(map[string]any)
	metadata := value["metadata"].(map[string]any)
	writer := metadata["managedFields"].([]any)[0].(map[string]any)
	if _, ok := writer["fieldsV1"]; ok || writer["manager"] == nil || metadata["uid"] == nil {
		w.t.Errorf("metadata %v, want it in full but for the names of managed fields", metadata)
	}

	w.delete(make1(configMaps, ns, "web"))
	w.Eventually(r.state("told")).Should(gomega.Equal(check.Missing))
}

func foreignIsNotHeld(w *testServer) {
	const foreign, ballast = 200, 30 << 10
	ns := w.namespace("own")
	other := w.namespace("foreign")
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := worker; i < foreign; i += 8 {
				w.create(thing(configMaps, other, fmt.Sprintf("c%03d", i), map[string]any{"data": map[string]any{"x": strings.Repeat("x", ballast)}}))
			}
		})
	}
	all.Wait()
	w.create(make1(configMaps, ns, "web"))

	before, start := heap(), time.Now()
	r := run(w.t, w.config, nil)
	r.Watch(lab("own"), namespaceOf(ns), []Source{one(configMaps, "web")})
	w.Eventually(r.state("own")).Should(gomega.Equal(check.Seen))
	took := time.Since(start)
	w.Expect(r.Stats()).To(gomega.Equal(Stats{Labs: 1, Kinds: 1, Objects: 1}))
	grown := heap() - before
	w.t.Logf("%d foreign objects of %d KiB: read in %v, heap grew by %d KiB", foreign, ballast>>10, took, grown>>10)
	if limit := int64(foreign * ballast / 4); grown > limit {
		w.t.Errorf("the heap grew by %d KiB, want at most %d KiB: foreign objects are held", grown>>10, limit>>10)
	}
	if r.wire.seen(configMapsPath, "sendInitialEvents=true") != 1 || r.wire.seen("limit=") != 0 {
		w.t.Errorf("want one streamed list and no other: %v", r.wire.requests)
	}

	r.told.heard()
	w.set(other, "c000", "changed")
	w.set(ns, "web", "changed")
	w.Eventually(r.told.heard).Should(gomega.Equal([]string{"own"}))
	w.Expect(r.Stats().Objects).To(gomega.Equal(1))
}

// heap is what is in use after a collection.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// lateNamespaces follows namespaces while their objects are written and deleted, and compares with the API server
// when it is quiet.
func lateNamespaces(w *testServer) {
	const labs = 12
	r := run(w.t, w.config, nil)
	r.Watch(lab("first"), namespaceOf(w.namespace("late-first")), []Source{one(configMaps, "web")})
	w.Eventually(r.state("first")).Should(gomega.Equal(check.Missing))

	var all sync.WaitGroup
	for i := range labs {
		name := fmt.Sprintf("late-%d", i)
		ns := w.namespace(name)
		for n := range 20 {
			w.create(make1(configMaps, ns, fmt.Sprintf("c%d", n)))
		}
		all.Go(func() {
			for n := range 20 {
				c := make1(configMaps, ns, fmt.Sprintf("c%d", n))
				switch n % 3 {
				case 0:
					w.delete(c)
				case 1:
					w.set(ns, c.GetName(), "changed")
				default:
					w.delete(c)
					w.create(c)
				}
				if n == i {
					r.Watch(lab(name), namespaceOf(ns), []Source{one(configMaps, "c2")})
				}
			}
		})
	}
	all.Wait()
	for i := range labs {
		name := fmt.Sprintf("late-%d", i)
		want := w.contents(configMaps, name)
		w.Eventually(func() []string { return r.shown(lab(name), configMaps) }).Should(gomega.Equal(want), name)
		w.Consistently(func() []string { return r.shown(lab(name), configMaps) }, 20*time.Millisecond).Should(gomega.Equal(want), name)
	}
	w.Expect(r.wire.watches()).To(gomega.Equal(1))
	w.Expect(r.wire.seen(configMapsPath, "sendInitialEvents=true")).To(gomega.Equal(1), "one cluster-wide list")
	w.Expect(r.wire.seen("/configmaps?limit=")).To(gomega.Equal(labs), "one list for each namespace that came late")
}

func restart(w *testServer) {
	names := []string{"restart-a", "restart-b", "restart-c"}
	for _, name := range names {
		w.create(thing(namespaces, "", name, map[string]any{"metadata": map[string]any{"name": name, "labels": map[string]any{
			v1beta1.LabUIDLabel: "uid", v1beta1.LabNamespaceLabel: lab(name).Namespace, v1beta1.LabNameLabel: name,
		}}}))
		defer w.unlabel(name)
		w.create(make1(configMaps, name, "web"))
	}
	goroutines := runtime.NumGoroutine()
	for range 3 {
		r := run(w.t, w.config, nil)
		for _, name := range names { // one after the other, as labs are reconciled
			r.Watch(lab(name), w.namespaceOf(name), []Source{one(configMaps, "web")})
			w.Eventually(r.state(name)).Should(gomega.Equal(check.Seen))
		}
		w.Expect(r.wire.seen(configMapsPath, "sendInitialEvents=true")).To(gomega.Equal(1))
		w.Expect(r.wire.seen("limit=")).To(gomega.BeZero(), "no list for single namespaces")
		w.set(names[0], "web", "while it runs")
		r.stop()
		w.Eventually(func() int { return r.wire.watches() }).Should(gomega.BeZero())
		// What happens while nobody looks is known after the restart.
		w.delete(make1(configMaps, names[0], "web"))
		w.create(make1(configMaps, names[0], "web"))
	}
	// Idle connections keep goroutines of their own.
	w.Eventually(runtime.NumGoroutine).Should(gomega.BeNumerically("<=", goroutines+20))
}

// widgetDefinition is the definition of the kind Widget.
func widgetDefinition() *unstructured.Unstructured {
	return thing(definitions, "", "widgets.shop.example.com", map[string]any{"spec": map[string]any{
		"group": widgets.Group,
		"scope": "Namespaced",
		"names": map[string]any{"kind": "Widget", "listKind": "WidgetList", "plural": "widgets", "singular": "widget"},
		"versions": []any{map[string]any{
			"name": "v1", "served": true, "storage": true,
			"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
		}},
	}})
}

func customKind(w *testServer) {
	ns := w.namespace("custom")
	clock := clocktesting.NewFakeClock(time.Now())
	r := run(w.t, w.config, func(c *Config) { c.Clock = clock })
	// later lets the time pass after which the kind is looked for, as often as it takes.
	later := func() []string {
		clock.Step(recheckAfter)
		return r.told.heard()
	}
	install := func() {
		w.create(widgetDefinition())
		w.Eventually(func() error {
			_, err := w.resource(make1(widgets, ns, "")).List(context.Background(), metav1.ListOptions{})
			return err
		}).Should(gomega.Succeed())
	}
	r.Watch(lab("custom"), namespaceOf(ns), []Source{one(widgets, "web")})
	w.Eventually(r.state("custom")).Should(gomega.Equal(check.Unavailable))
	w.Expect(r.told.heard()).To(gomega.Equal([]string{"custom"}))

	for range 2 {
		install()
		w.Eventually(later).Should(gomega.Equal([]string{"custom"}))
		w.Eventually(r.state("custom")).Should(gomega.Equal(check.Missing))
		w.create(make1(widgets, ns, "web"))
		w.Eventually(r.state("custom")).Should(gomega.Equal(check.Seen))

		r.told.heard()
		w.delete(widgetDefinition())
		w.Eventually(func() check.ObservationState {
			clock.Step(time.Second)
			return r.state("custom")()
		}).Should(gomega.Equal(check.Unavailable))
		w.Expect(r.told.heard()).To(gomega.Equal([]string{"custom"}))
		w.Expect(r.Stats().Objects).To(gomega.BeZero())
		w.Eventually(func() bool {
			_, err := w.resource(widgetDefinition()).Get(context.Background(), "widgets.shop.example.com", metav1.GetOptions{})
			return apierrors.IsNotFound(err)
		}).Should(gomega.BeTrue())
	}
}

func forbiddenKind(w *testServer) {
	ns := w.namespace("forbidden")
	as := rest.CopyConfig(w.config)
	as.Impersonate = rest.ImpersonationConfig{UserName: "nobody"}
	r := run(w.t, as, nil)
	r.Watch(lab("forbidden"), namespaceOf(ns), []Source{one(configMaps, "web")})
	w.Eventually(r.state("forbidden")).Should(gomega.Equal(check.Failed))
	w.Expect(r.Snapshot(lab("forbidden"))["e"].Detail).To(gomega.Equal(
		"the operator may not read configmaps: grant it list and watch on them in all namespaces"))
	w.Expect(r.told.heard()).To(gomega.Equal([]string{"forbidden"}))

	w.create(
		thing(roles, "", "reader", map[string]any{"rules": []any{map[string]any{
			"apiGroups": []any{""}, "resources": []any{"configmaps"}, "verbs": []any{"list", "watch"},
		}}}),
		thing(bindings, "", "reader", map[string]any{
			"roleRef":  map[string]any{"apiGroup": roles.Group, "kind": "ClusterRole", "name": "reader"},
			"subjects": []any{map[string]any{"kind": "User", "name": "nobody"}},
		}))
	w.Eventually(r.state("forbidden")).Should(gomega.Equal(check.Missing))
}

func onDemand(w *testServer) {
	ns := w.namespace("demand")
	clock := clocktesting.NewFakeClock(time.Now())
	r := run(w.t, w.config, func(c *Config) { c.Clock, c.IdleAfter = clock, time.Minute })
	w.Expect(r.wire.seen("watch=true")).To(gomega.BeZero(), "watches before there is a lab")

	r.Watch(lab("demand"), namespaceOf(ns), []Source{one(configMaps, "web")})
	w.Eventually(r.state("demand")).Should(gomega.Equal(check.Missing))
	w.Expect(r.wire.watches()).To(gomega.Equal(1))

	r.Abandon(lab("demand"))
	w.Eventually(clock.HasWaiters).Should(gomega.BeTrue())
	clock.Step(59 * time.Second)
	w.Consistently(func() int { return r.wire.watches() }).Should(gomega.Equal(1))
	clock.Step(time.Second)
	w.Eventually(func() int { return r.wire.watches() }).Should(gomega.BeZero())
	w.Expect(r.Stats()).To(gomega.Equal(Stats{}))

	w.create(make1(configMaps, ns, "web"))
	r.Watch(lab("demand"), namespaceOf(ns), []Source{one(configMaps, "web")})
	w.Eventually(r.state("demand")).Should(gomega.Equal(check.Seen))
}
