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

// bench is a view, with words for what happens to it.
type bench struct {
	*view
	clock *clocktesting.FakeClock
	told  []string
	began uint64
	late  late
}

func newBench() *bench {
	b := &bench{clock: clocktesting.NewFakeClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))}
	b.view = newView(pods, b.clock, func(lab types.NamespacedName) { b.told = append(b.told, lab.Name) })
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
func (b *bench) follow(namespace string) {
	b.register(namespace, types.NamespacedName{Name: namespace}, false)
}

// await registers a namespace that is not there yet.
func (b *bench) await(namespace string) {
	b.register(namespace, types.NamespacedName{Name: namespace}, true)
}

func (b *bench) forget(namespace string) {
	b.unregister(namespace, types.NamespacedName{Name: namespace})
}

// ask begins a cluster-wide list, and answer ends it.
func (b *bench) ask() { b.began = b.begin() }

func (b *bench) answer(version string, found ...*unstructured.Unstructured) {
	items := make([]any, 0, len(found))
	for _, o := range found {
		items = append(items, o)
	}
	b.replace(items, version, b.began)
}

// askOwn begins the list of the only namespace that waits for one, and answerOwn ends it.
func (b *bench) askOwn() {
	waiting := b.view.late()
	if len(waiting) != 1 {
		panic(fmt.Sprintf("%d namespaces wait for a list, want 1", len(waiting)))
	}
	b.late = waiting[0]
}

func (b *bench) answerOwn(version string, found ...*unstructured.Unstructured) {
	objects := map[string]object{}
	for _, o := range found {
		objects[o.GetName()] = hold(o)
	}
	b.merge(b.late, objects, version)
}

// holds is what the view shows of a namespace, or "not synced".
func (b *bench) holds(namespace string) []string {
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
