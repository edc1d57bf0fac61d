package workshop

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestErrorsThatLastAreInStalled(t *testing.T) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1beta1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	failed := errors.New("etcdserver: no leader")
	workshop := &v1beta1.Workshop{}
	workshop.Namespace, workshop.Name, workshop.UID, workshop.Finalizers = "team", "talk", "u", []string{v1beta1.WorkshopFinalizer}
	workshop.CreationTimestamp = metav1.NewTime(time.Unix(10_000, 0))
	workshop.Spec.ClosesAt = metav1.NewTime(time.Unix(20_000, 0))
	fails := true
	cluster := fake.NewClientBuilder().WithScheme(scheme).WithObjects(workshop).WithStatusSubresource(workshop).
		WithInterceptorFuncs(interceptor.Funcs{List: func(ctx context.Context, inner client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			if _, bindings := list.(*rbacv1.RoleBindingList); bindings && fails {
				return failed
			}
			return inner.List(ctx, list, options...)
		}}).Build()
	clock := clocktesting.NewFakeClock(time.Unix(10_000, 0))
	r := &Reconciler{Client: cluster, Direct: cluster, Recorder: events.NewFakeRecorder(10), Clock: clock}
	key := client.ObjectKeyFromObject(workshop)
	for _, step := range []struct {
		name    string
		passes  time.Duration
		fails   bool
		want    string // part of what Stalled says, empty where there is no such condition
		stalled metav1.ConditionStatus
	}{
		{"the first failure", 0, true, "", ""},
		{"a failure for less than half a minute", 29 * time.Second, true, "", ""},
		{"a failure for longer", 2 * time.Second, true, "Work on this workshop has been failing for more than 30s: list what was made for attendees: etcdserver: no leader", metav1.ConditionTrue},
		{"the end of it", time.Second, false, "Nothing is wrong", metav1.ConditionFalse},
		{"another failure", time.Second, true, "Nothing is wrong", metav1.ConditionFalse},
	} {
		clock.Step(step.passes)
		fails = step.fails
		_, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: key})
		if errors.Is(err, failed) != step.fails {
			t.Fatalf("%s: Reconcile returned %v", step.name, err)
		}
		now := &v1beta1.Workshop{}
		if err := cluster.Get(t.Context(), key, now); err != nil {
			t.Fatal(err)
		}
		c := meta.FindStatusCondition(now.Status.Conditions, v1beta1.ConditionStalled)
		switch {
		case step.want == "" && c != nil:
			t.Errorf("%s: Stalled says %q", step.name, c.Message)
		case step.want != "" && (c == nil || c.Status != step.stalled || !strings.HasPrefix(c.Message, step.want)):
			t.Errorf("%s: %+v, want %s: %s", step.name, c, step.stalled, step.want)
		}
	}
}
