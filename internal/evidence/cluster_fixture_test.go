package evidence

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic/fake"
	kubetesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/cache"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

var (
	nodes   = schema.GroupVersionKind{Version: "v1", Kind: "Node"}
	widgets = schema.GroupVersionKind{Group: "shop.example.com", Version: "v1", Kind: "Widget"}
	volumes = schema.GroupVersionKind{Version: "v1", Kind: "PersistentVolume"}
)

// cluster is a fake API server with watches on it, inside a bubble of synctest: its time is the bubble's.
type cluster struct {
	*Watches
	t          *testing.T
	client     *fake.FakeDynamicClient
	mapper     *fakeMapper
	namespaces *fakeNamespaces
	told       *bell
	// filter decides which events the watches see. Nil lets them see all.
	filter func(watch.Event) bool
	stop   func()
}

// bell counts notifications by lab.
type bell struct {
	mu   sync.Mutex
	rung map[string]int
}

func (b *bell) ring(lab types.NamespacedName) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rung[lab.Name]++
}

func newBell() *bell { return &bell{rung: map[string]int{}} }

// heard returns who was told since it was last called, once each.
func (b *bell) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer clear(b.rung)
	return slices.Sorted(maps.Keys(b.rung))
}

// fakeMapper knows kinds that it is given, after it was reset.
type fakeMapper struct {
	meta.RESTMapper
	mu     sync.Mutex
	served map[schema.GroupVersionKind]meta.RESTScope
	known  map[schema.GroupVersionKind]meta.RESTScope
	resets int
	err    error
}

func (m *fakeMapper) RESTMapping(gk schema.GroupKind, versions ...string) (*meta.RESTMapping, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return nil, m.err
	}
	gvk := gk.WithVersion(versions[0])
	scope, ok := m.known[gvk]
	if !ok {
		return nil, &meta.NoKindMatchError{GroupKind: gk, SearchedVersions: versions}
	}
	plural, _ := meta.UnsafeGuessKindToResource(gvk)
	return &meta.RESTMapping{Resource: plural, GroupVersionKind: gvk, Scope: scope}, nil
}

func (m *fakeMapper) Reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.resets++
	m.known = maps.Clone(m.served)
}

func (m *fakeMapper) serve(gvk schema.GroupVersionKind, scope meta.RESTScope) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.served[gvk] = scope
}

func (m *fakeMapper) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

// fakeNamespaces is an informer that has the namespaces of these labs, and tells of those that are deleted.
type fakeNamespaces struct {
	before  []string
	handler cache.ResourceEventHandler
}

func (f *fakeNamespaces) informer(context.Context) (NamespaceInformer, error) { return f, nil }

func (f *fakeNamespaces) AddEventHandler(handler cache.ResourceEventHandler) (cache.ResourceEventHandlerRegistration, error) {
	f.handler = handler
	for _, name := range f.before {
		handler.OnAdd(labNamespace(name), true)
	}
	return synced{}, nil
}

func (f *fakeNamespaces) RemoveEventHandler(cache.ResourceEventHandlerRegistration) error { return nil }

func (f *fakeNamespaces) delete(name string) { f.handler.OnDelete(labNamespace(name)) }

// labNamespace is the labeled namespace of the lab of that name.
func labNamespace(name string) *metav1.PartialObjectMetadata {
	return &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name), Labels: map[string]string{
		v1beta1.LabUIDLabel: "uid", v1beta1.LabNamespaceLabel: lab(name).Namespace, v1beta1.LabNameLabel: name,
	}}}
}

// synced is the registration of a handler that has been told of everything.
type synced struct{}

func (synced) HasSynced() bool                     { return true }
func (synced) HasSyncedChecker() cache.DoneChecker { return synced{} }
func (synced) Name() string                        { return "namespaces" }
func (synced) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

// inCluster runs a test in a bubble. When it ends nothing may run any more: else synctest fails it.
func inCluster(t *testing.T, test func(c *cluster)) { inClusterWith(t, nil, test) }

// inClusterWith is inCluster, where the namespaces of some labs stand before the start.
func inClusterWith(t *testing.T, namespaces []string, test func(c *cluster)) {
	synctest.Test(t, func(t *testing.T) {
		scheme := runtime.NewScheme()
		kinds := map[schema.GroupVersionResource]string{}
		served := map[schema.GroupVersionKind]meta.RESTScope{
			pods: meta.RESTScopeNamespace, configMaps: meta.RESTScopeNamespace, nodes: meta.RESTScopeRoot, volumes: meta.RESTScopeRoot,
		}
		for _, gvk := range []schema.GroupVersionKind{pods, configMaps, nodes, volumes, widgets} {
			plural, _ := meta.UnsafeGuessKindToResource(gvk)
			kinds[plural] = gvk.Kind + "List"
		}
		c := &cluster{
			t:          t,
			client:     fake.NewSimpleDynamicClientWithCustomListKinds(scheme, kinds),
			mapper:     &fakeMapper{served: served, known: maps.Clone(served)},
			told:       newBell(),
			namespaces: &fakeNamespaces{before: namespaces},
		}
		c.Watches = NewWatches(Config{Client: c.client, Mapper: c.mapper, Namespaces: c.namespaces.informer, Notify: c.told.ring, Log: logr.Discard()})
		c.client.PrependWatchReactor("*", func(action kubetesting.Action) (bool, watch.Interface, error) {
			all, err := c.client.Tracker().Watch(action.GetResource(), action.GetNamespace())
			return true, watch.Filter(all, func(event watch.Event) (watch.Event, bool) { return event, c.filter == nil || c.filter(event) }), err
		})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		c.stop = func() { cancel(); running.Wait() }
		defer c.stop()
		running.Go(func() {
			if err := c.Start(ctx); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		test(c)
	})
}

// lab is the lab of that name, whose namespace has the same.
func lab(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: "default", Name: name}
}

func (c *cluster) watch(name string, sources ...Source) {
	c.Watch(lab(name), namespaceOf(name), sources)
	synctest.Wait()
}

// namespaceOf is the namespace of that name, whose UID is the same.
func namespaceOf(name string) Namespace { return Namespace{Name: name, UID: types.UID(name)} }

func (c *cluster) create(objects ...*unstructured.Unstructured) {
	c.t.Helper()
	for _, o := range objects {
		plural, _ := meta.UnsafeGuessKindToResource(o.GroupVersionKind())
		if _, err := c.client.Resource(plural).Namespace(o.GetNamespace()).Create(c.t.Context(), o, metav1.CreateOptions{}); err != nil {
			c.t.Fatal(err)
		}
	}
	synctest.Wait()
}

func (c *cluster) delete(o *unstructured.Unstructured) {
	c.t.Helper()
	plural, _ := meta.UnsafeGuessKindToResource(o.GroupVersionKind())
	if err := c.client.Resource(plural).Namespace(o.GetNamespace()).Delete(c.t.Context(), o.GetName(), metav1.DeleteOptions{}); err != nil {
		c.t.Fatal(err)
	}
	synctest.Wait()
}

// after lets time pass.
func (c *cluster) after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// refuse lets requests for a resource fail while the error is not nil.
func (c *cluster) refuse(verb, resource string) *atomic.Pointer[apierrors.StatusError] {
	var refusal atomic.Pointer[apierrors.StatusError]
	c.client.PrependReactor(verb, resource, func(kubetesting.Action) (bool, runtime.Object, error) {
		if err := refusal.Load(); err != nil {
			return true, nil, err
		}
		return false, nil, nil
	})
	c.client.PrependWatchReactor(resource, func(kubetesting.Action) (bool, watch.Interface, error) {
		if err := refusal.Load(); err != nil && verb == "watch" {
			return true, nil, err
		}
		return false, nil, nil
	})
	return &refusal
}

// holdBackEvents keeps the events of a namespace's pods from the watches until the returned function is called.
func (c *cluster) holdBackEvents(namespace string) (deliver func()) {
	var held []watch.Event
	c.filter = func(event watch.Event) bool {
		if event.Object.(*unstructured.Unstructured).GetNamespace() != namespace {
			return true
		}
		held = append(held, event)
		return false
	}
	return func() {
		for _, event := range held {
			if o := event.Object.(*unstructured.Unstructured); event.Type == watch.Deleted {
				c.watched[pods].store.drop(o)
			} else {
				c.watched[pods].store.put(o)
			}
		}
		synctest.Wait()
	}
}

// state is the state and the detail of the evidence e.
func (c *cluster) state(name string) check.Observation {
	o := c.Snapshot(lab(name))["e"]
	o.Value = nil
	return o
}

func (c *cluster) wantState(name string, state check.ObservationState, detail string) {
	c.t.Helper()
	if diff := cmp.Diff(check.Observation{State: state, Detail: detail}, c.state(name), timeless); diff != "" {
		c.t.Errorf("evidence of lab %s (-want +got):\n%s", name, diff)
	}
}

func (c *cluster) wantTold(labs ...string) {
	c.t.Helper()
	if got := c.told.heard(); !slices.Equal(labs, got) {
		c.t.Errorf("labs that were told: %v, want %v", got, labs)
	}
}

func (c *cluster) wantStats(want Stats) {
	c.t.Helper()
	if diff := cmp.Diff(want, c.Stats()); diff != "" {
		c.t.Errorf("stats (-want +got):\n%s", diff)
	}
}

// make1 is an object with a name only.
func make1(gvk schema.GroupVersionKind, namespace, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{}}
	o.SetGroupVersionKind(gvk)
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

func one(gvk schema.GroupVersionKind, name string) Source {
	return Source{Name: "e", GVK: gvk, ObjectName: name}
}

// lists counts the lists that were asked for, by namespace: "" is the whole cluster.
func (c *cluster) lists() map[string]int {
	counts := map[string]int{}
	for _, action := range c.client.Actions() {
		if action.GetVerb() == "list" {
			counts[action.GetNamespace()]++
		}
	}
	return counts
}
