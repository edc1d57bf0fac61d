package evidence

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/lab-operator/lab-operator/internal/check"
)

// testServer is a real API server, and what tests do to it.
type testServer struct {
	*gomega.WithT
	t      testing.TB
	config *rest.Config
	client dynamic.Interface
}

func newTestServer(t testing.TB, config *rest.Config) *testServer {
	t.Helper()
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	g := gomega.NewWithT(t)
	g.SetDefaultEventuallyTimeout(time.Minute)
	g.SetDefaultEventuallyPollingInterval(5 * time.Millisecond)
	g.SetDefaultConsistentlyDuration(300 * time.Millisecond)
	return &testServer{WithT: g, t: t, config: config, client: client}
}

func (w *testServer) resource(o *unstructured.Unstructured) dynamic.ResourceInterface {
	gvk := o.GroupVersionKind()
	resource := strings.ToLower(plural(gvk.Kind))
	return w.client.Resource(gvk.GroupVersion().WithResource(resource)).Namespace(o.GetNamespace())
}

func (w *testServer) create(objects ...*unstructured.Unstructured) {
	w.t.Helper()
	for _, o := range objects {
		if _, err := w.resource(o).Create(context.Background(), o, metav1.CreateOptions{}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *testServer) delete(o *unstructured.Unstructured) {
	w.t.Helper()
	if err := w.resource(o).Delete(context.Background(), o.GetName(), metav1.DeleteOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

// set changes the data of a ConfigMap and returns its new version.
func (w *testServer) set(namespace, name, value string) string {
	w.t.Helper()
	o := make1(configMaps, namespace, name)
	patch := fmt.Appendf(nil, `{"data":{"value":%q}}`, value)
	changed, err := w.resource(o).Patch(context.Background(), name, types.MergePatchType, patch, metav1.PatchOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return changed.GetResourceVersion()
}

// namespace makes a namespace, and one per test is enough: nothing deletes its content in a cluster without controllers.
func (w *testServer) namespace(name string) string {
	w.t.Helper()
	w.create(make1(namespaces, "", name))
	return name
}

// contents are the names and versions of what the API server holds.
func (w *testServer) contents(gvk schema.GroupVersionKind, namespace string) []string {
	w.t.Helper()
	list, err := w.resource(make1(gvk, namespace, "")).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	all := []string{}
	for _, o := range list.Items {
		all = append(all, o.GetName()+"@"+o.GetResourceVersion())
	}
	slices.Sort(all)
	return all
}

// shown are the names and versions of what the watches hold for a lab.
func (r *running) shown(lab types.NamespacedName, gvk schema.GroupVersionKind) []string {
	objects, synced := r.Objects(lab, gvk)
	if !synced {
		return []string{"not synced"}
	}
	all := []string{}
	for _, o := range objects {
		all = append(all, o.GetName()+"@"+o.GetResourceVersion())
	}
	slices.Sort(all)
	return all
}

func (r *running) state(name string) func() check.ObservationState {
	return func() check.ObservationState { return r.Snapshot(lab(name))["e"].State }
}

// unlabel takes our labels from a namespace, which can't be deleted where there are no controllers.
func (w *testServer) unlabel(namespace string) {
	w.t.Helper()
	patch := []byte(`{"metadata":{"labels":null}}`)
	if _, err := w.resource(make1(namespaces, "", "")).Patch(context.Background(), namespace, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

// namespaceOf reads the identity of a namespace.
func (w *testServer) namespaceOf(name string) Namespace {
	w.t.Helper()
	o, err := w.resource(make1(namespaces, "", "")).Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return Namespace{name, o.GetUID()}
}
