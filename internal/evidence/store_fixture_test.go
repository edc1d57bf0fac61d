package evidence

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"
)

var pods = schema.GroupVersionKind{Version: "v1", Kind: "Pod"}

// storeFixture is a store, with words for what happens to it.
type storeFixture struct {
	*store
	clock *clocktesting.FakeClock
	told  []string
	began uint64
	late  pendingList
}

func newStoreFixture() *storeFixture {
	b := &storeFixture{clock: clocktesting.NewFakeClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))}
	b.store = newStore(pods, b.clock, func(lab types.NamespacedName) { b.told = append(b.told, lab.Name) })
	return b
}

// pod is a pod of version "<name>@<version>".
func pod(namespace, nameAtVersion string) *unstructured.Unstructured {
	name, version := splitVersion(nameAtVersion)
	o := &unstructured.Unstructured{Object: map[string]any{}}
	o.SetAPIVersion("v1")
	o.SetKind("Pod")
	o.SetNamespace(namespace)
	o.SetName(name)
	o.SetResourceVersion(version)
	return o
}

func splitVersion(nameAtVersion string) (name, version string) {
	for i := range nameAtVersion {
		if nameAtVersion[i] == '@' {
			return nameAtVersion[:i], nameAtVersion[i+1:]
		}
	}
	return nameAtVersion, ""
}

// follow registers a namespace for the lab of the same name.
func (b *storeFixture) follow(namespace string) {
	b.register(namespace, types.NamespacedName{Name: namespace}, false, true)
}

// expect registers a namespace that is not there yet.
func (b *storeFixture) expect(namespace string) {
	b.register(namespace, types.NamespacedName{Name: namespace}, true, true)
}

func (b *storeFixture) forget(namespace string) {
	b.unregister(namespace, types.NamespacedName{Name: namespace})
}

// ask begins a cluster-wide list, and answer ends it.
func (b *storeFixture) ask() { b.began = b.begin() }

func (b *storeFixture) answer(version string, found ...*unstructured.Unstructured) {
	items := make([]any, 0, len(found))
	for _, o := range found {
		items = append(items, o)
	}
	b.replace(items, version, b.began)
}

// askOwn begins the list of the only namespace that waits for one, and answerOwn ends it.
func (b *storeFixture) askOwn() {
	waiting := b.store.pending()
	if len(waiting) != 1 {
		panic(fmt.Sprintf("%d namespaces wait for a list, want 1", len(waiting)))
	}
	b.late = waiting[0]
}

func (b *storeFixture) answerOwn(version string, found ...*unstructured.Unstructured) {
	objects := map[string]object{}
	for _, o := range found {
		objects[o.GetName()] = prepare(o)
	}
	b.merge(b.late, objects, version)
}

// holds is what the store shows of a namespace, or "not synced".
func (b *storeFixture) holds(namespace string) []string {
	objects, synced := b.all(namespace)
	if !synced {
		return []string{"not synced"}
	}
	all := []string{}
	for _, o := range objects {
		all = append(all, o.GetName()+"@"+o.GetResourceVersion())
	}
	return all
}
