package evidence

import (
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// The namespaces of interest are those that bear our label. Each becomes known in one of three ways:
//
//   - It stood before the operator started. An informer of labeled namespaces tells of it before any kind is listed, so the
//     first list of each kind covers it.
//   - The operator creates it. The reconciler announces it with Expect before the creation and completes that with Confirm.
//     The informer can't replace this: it is another watch than those of the kinds, so objects of the namespace may arrive
//     before the namespace does. They would be dropped as foreign, and each kind had to be listed again for each new lab.
//   - Neither, as when a replica that lost the lease created it. Watch then costs one list request for each kind.
//
// Nothing is shown of an expected namespace until it is confirmed: what arrives before may belong to an earlier namespace of
// that name. Such leftovers are older than the version at which the namespace was created. Versions of two resources compare
// only where the API server keeps both in one store, which is the default and no guarantee. So leftovers are not dropped by
// comparison: they make the namespace wait for a list of its own.

// Namespace identifies a namespace of a lab.
type Namespace struct {
	Name string
	// UID distinguishes it from an earlier namespace of that name.
	UID types.UID
}

// NamespaceInformer tells of the namespaces that bear our label, and of no others.
type NamespaceInformer interface {
	AddEventHandler(handler cache.ResourceEventHandler) (cache.ResourceEventHandlerRegistration, error)
	RemoveEventHandler(handle cache.ResourceEventHandlerRegistration) error
}

// interest is what is watched for a lab.
type interest struct {
	namespace Namespace
	sources   []Source
	// expected says that the namespace is about to be created. Its UID is not known yet.
	expected bool
}

// Watch makes the sources of a lab visible in its namespace, and replaces what was watched for it before. Calling it again
// with the same arguments costs next to nothing. The namespace must bear the lab's label: the caller has to Abandon one that
// turns out to be foreign. The sources are kept: never change them afterwards.
func (w *Watches) Watch(lab types.NamespacedName, namespace Namespace, sources []Source) {
	w.watch(lab, interest{namespace: namespace, sources: sources})
}

// Expect announces that the caller is about to create the namespace of a lab, which is not there at this moment. All
// evidence of an earlier namespace of that name is dropped. Nothing is known until Confirm says that the namespace was
// created, or Watch that it was there already.
func (w *Watches) Expect(lab types.NamespacedName, namespace string, sources []Source) {
	w.watch(lab, interest{namespace: Namespace{Name: namespace}, sources: sources, expected: true})
}

// Confirm says that the expected namespace of a lab did not exist and was created, at the resource version that the API
// server gave it. Without Expect it does nothing.
func (w *Watches) Confirm(lab types.NamespacedName, uid types.UID, version string) {
	w.mu.Lock()
	in := w.labs[lab]
	if !in.expected {
		w.mu.Unlock()
		return
	}
	var stores []*store
	for gvk, at := range in.places() {
		if at.namespace == in.namespace.Name {
			stores = append(stores, w.watched[gvk].store)
		}
	}
	in.expected, in.namespace.UID = false, uid
	w.labs[lab] = in
	w.mu.Unlock()
	for _, store := range stores {
		store.confirm(in.namespace.Name, version)
	}
}

// Abandon ends Watch and Expect, and drops what is held for the lab alone.
func (w *Watches) Abandon(lab types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.abandon(lab)
}

// abandon is Abandon. The caller holds the lock.
func (w *Watches) abandon(lab types.NamespacedName) {
	w.claim(lab)
	for gvk, at := range w.labs[lab].places() {
		w.release(gvk, at.namespace, lab)
	}
	delete(w.labs, lab)
}

func (w *Watches) watch(lab types.NamespacedName, next interest) {
	w.mu.Lock()
	defer w.mu.Unlock()
	prior, known := w.labs[lab]
	if known && prior.expected == next.expected && prior.namespace == next.namespace &&
		slices.EqualFunc(prior.sources, next.sources, Source.equal) {
		return
	}
	if w.unclaimed[lab] != next.namespace {
		w.claim(lab) // it was another namespace
	}
	w.labs[lab] = next
	wanted, had := next.places(), prior.places()
	for gvk, at := range had {
		if keep, ok := wanted[gvk]; !ok || keep != at {
			w.release(gvk, at.namespace, lab)
		}
	}
	for gvk, at := range wanted {
		if held, ok := had[gvk]; !ok || held != at {
			w.want(gvk, at, lab, next.expected && at.namespace == next.namespace.Name)
		}
	}
	w.claim(lab)
}

// place is where a kind is wanted, and whether its objects are wanted whole.
type place struct {
	namespace string
	uid       types.UID
	whole     bool
}

// places says for each kind that is wanted in which namespace.
func (i interest) places() map[schema.GroupVersionKind]place {
	places := make(map[schema.GroupVersionKind]place, len(i.sources))
	for _, source := range i.sources {
		at := place{namespace: namespaceFor(source.GVK, i.namespace.Name), whole: places[source.GVK].whole || !source.Brief}
		if at.namespace == i.namespace.Name {
			at.uid = i.namespace.UID
		}
		places[source.GVK] = at
	}
	return places
}

// existed notes a labeled namespace that was there before the start. Every kind keeps its objects until its lab is
// reconciled and claims it.
func (w *Watches) existed(lab types.NamespacedName, namespace Namespace) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, known := w.labs[lab]; known {
		return
	}
	if _, known := w.unclaimed[lab]; known {
		return
	}
	w.unclaimed[lab] = namespace
	for _, k := range w.watched {
		k.store.reserve(namespace.Name)
	}
}

// claim ends existed: from now on the kinds keep only what the lab wants. The caller holds the lock.
func (w *Watches) claim(lab types.NamespacedName) {
	namespace, ok := w.unclaimed[lab]
	if !ok {
		return
	}
	delete(w.unclaimed, lab)
	for _, k := range w.watched {
		k.store.unreserve(namespace.Name)
	}
}

// gone abandons a lab whose namespace was deleted: one that is created under that name later may be anybody's. A namespace
// that the reconciler has announced or confirmed since is another one, and stays.
func (w *Watches) gone(lab types.NamespacedName, namespace Namespace) {
	w.mu.Lock()
	if w.unclaimed[lab] == namespace {
		w.claim(lab)
	}
	in, known := w.labs[lab]
	known = known && in.namespace == namespace
	if known {
		w.abandon(lab)
	}
	w.mu.Unlock()
	if known {
		w.cfg.Notify(lab)
	}
}

// namespaceHandler hands what the informer tells to the watches.
func (w *Watches) namespaceHandler() cache.ResourceEventHandler {
	return cache.ResourceEventHandlerDetailedFuncs{
		AddFunc: func(obj any, isInInitialList bool) {
			// The reconciler knows of all that come later.
			if lab, namespace, ok := labOf(obj); ok && isInInitialList {
				w.existed(lab, namespace)
			}
		},
		UpdateFunc: func(before, after any) {
			lab, was, ok := labOf(before)
			if _, is, _ := labOf(after); ok && was != is {
				w.gone(lab, was)
			}
		},
		DeleteFunc: func(obj any) {
			if unknown, ok := obj.(cache.DeletedFinalStateUnknown); ok {
				obj = unknown.Obj
			}
			if lab, namespace, ok := labOf(obj); ok {
				w.gone(lab, namespace)
			}
		},
	}
}

// labOf reads from the labels of a namespace which lab it belongs to.
func labOf(obj any) (lab types.NamespacedName, namespace Namespace, ok bool) {
	o, ok := obj.(metav1.Object)
	if !ok || o.GetLabels()[v1beta1.LabUIDLabel] == "" {
		return lab, namespace, false
	}
	lab = types.NamespacedName{Namespace: o.GetLabels()[v1beta1.LabNamespaceLabel], Name: o.GetLabels()[v1beta1.LabNameLabel]}
	return lab, Namespace{Name: o.GetName(), UID: o.GetUID()}, true
}

// confirm makes an expected namespace known: it was empty at the version at which it was created, but for the events since.
func (s *store) confirm(namespace, version string) {
	s.mu.Lock()
	ns, ok := s.namespaces[namespace]
	if !ok || !ns.expected {
		s.mu.Unlock()
		return
	}
	leftovers := ns.hasLeftovers(version)
	if leftovers {
		s.reset(ns)
	}
	ns.expected, ns.asOf, ns.confirmed = false, version, true
	if leftovers {
		s.mu.Unlock()
		return
	}
	ns.synced, ns.unbroken, ns.gone = true, s.clock.Now(), nil
	labs := slices.Collect(maps.Keys(ns.labs))
	s.mu.Unlock()
	s.notifyAll(labs)
}

// hasLeftovers reports whether something has arrived that is not newer than a version.
func (ns *namespaceStore) hasLeftovers(version string) bool {
	for _, o := range ns.objects {
		if !newer(o.GetResourceVersion(), version) {
			return true
		}
	}
	for _, at := range ns.gone {
		if !newer(at, version) {
			return true
		}
	}
	return false
}
