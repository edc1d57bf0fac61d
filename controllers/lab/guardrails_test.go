package lab

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
)

// TestGuardrailsAreRepairedAtOnce has a cache of its own, beside the cluster that guardrails are applied to.
func TestGuardrailsAreRepairedAtOnce(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	cache := fake.NewClientBuilder().WithScheme(scheme).Build()
	var applied []string
	direct := fake.NewClientBuilder().WithScheme(scheme).WithInterceptorFuncs(interceptor.Funcs{
		Apply: func(_ context.Context, _ client.WithWatch, configuration runtime.ApplyConfiguration, _ ...client.ApplyOption) error {
			object := configuration.(interface {
				GetKind() string
				GetName() string
			})
			applied = append(applied, object.GetKind()+" "+object.GetName())
			return nil
		},
	}).Build()
	r := &Reconciler{Client: cache, Direct: direct}
	lab := &v1beta1.Lab{}
	lab.Namespace, lab.Name, lab.UID = "default", "hpa", "u"
	state := &localState{}
	now := time.Unix(10_000, 0)
	repair := func(after time.Duration) (writes []string, recheck time.Duration) {
		t.Helper()
		now, applied = now.Add(after), nil
		s := &scope{original: lab, lab: lab.DeepCopy(), now: now, memory: state, namespace: "lab-hpa", pinned: &catalog.Compiled{Hash: "h"}}
		if err := r.repairGuardrails(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		return applied, s.recheck
	}
	expect := func(step string, after time.Duration, wantWrites []string, wantRecheck time.Duration) {
		t.Helper()
		writes, recheck := repair(after)
		if diff := cmp.Diff(wantWrites, writes); diff != "" {
			t.Errorf("%s: writes (-want +got):\n%s", step, diff)
		}
		if recheck != wantRecheck {
			t.Errorf("%s: looked at again after %s, want %s", step, recheck, wantRecheck)
		}
	}
	objects, access := r.guardrails(&scope{lab: lab, namespace: "lab-hpa", pinned: &catalog.Compiled{Hash: "h"}})
	objects = append(objects, access)
	var all []string
	for _, object := range objects {
		all = append(all, nameOf(object))
	}
	quota := &corev1.ResourceQuota{}
	at := client.ObjectKey{Namespace: "lab-hpa", Name: "lab"}
	change := func(edit func()) {
		t.Helper()
		if err := cache.Get(t.Context(), at, quota); err != nil {
			t.Fatal(err)
		}
		edit()
		if err := cache.Update(t.Context(), quota); err != nil {
			t.Fatal(err)
		}
	}

	expect("none is known", 0, all, 0)
	expect("the cache is behind", 500*time.Millisecond, nil, 1500*time.Millisecond)
	for _, object := range objects {
		if err := cache.Create(t.Context(), object.DeepCopy()); err != nil {
			t.Fatal(err)
		}
	}
	expect("all are as they were applied", time.Second, nil, 0)
	expect("nothing changed", time.Minute, nil, 0)

	change(func() { quota.Spec.Hard[corev1.ResourcePods] = resource.MustParse("1000") })
	expect("one was edited", 0, []string{"ResourceQuota lab"}, 0)
	expect("the cache has not shown the repair", 0, nil, 0)
	change(func() { quota.Spec.Hard[corev1.ResourcePods] = resource.MustParse("12") })
	expect("the repair shows", 0, nil, 0)
	change(func() { quota.Labels = nil })
	expect("its labels were taken away", 0, []string{"ResourceQuota lab"}, 0)
	change(func() { quota.Labels = objects[slices.Index(all, "ResourceQuota lab")].GetLabels() })
	expect("the labels are back", 0, nil, 0)

	if err := cache.Delete(t.Context(), quota); err != nil {
		t.Fatal(err)
	}
	expect("one was deleted", 0, []string{"ResourceQuota lab"}, 0)
	expect("the cache is behind again", time.Second, nil, time.Second)
	expect("it is not there", time.Second, []string{"ResourceQuota lab"}, 0)
	if err := direct.Create(t.Context(), objects[slices.Index(all, "ResourceQuota lab")].DeepCopy()); err != nil {
		t.Fatal(err)
	}
	expect("it is there, and the cache is far behind", missingFor, nil, missingFor)
	if err := direct.Patch(t.Context(), quota, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"labels":null}}`))); err != nil {
		t.Fatal(err)
	}
	expect("it lost its labels before the cache held it", missingFor, []string{"ResourceQuota lab"}, 0)
}
