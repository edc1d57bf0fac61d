package predicates_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/predicates"
)

func TestUpdatesThatWake(t *testing.T) {
	tests := map[string]struct {
		change          func(lab *v1beta1.Lab)
		wantReconciled  bool
		wantSpecChanged bool
	}{
		"a status write of the controller": {func(lab *v1beta1.Lab) {
			lab.Status.Phase, lab.Status.ObservedGeneration = v1beta1.LabInProgress, 3
		}, false, false},
		"its finalizer":            {func(lab *v1beta1.Lab) { lab.Finalizers = append(lab.Finalizers, v1beta1.LabFinalizer) }, false, false},
		"managed fields":           {func(lab *v1beta1.Lab) { lab.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl"}} }, false, false},
		"an edit of the spec":      {func(lab *v1beta1.Lab) { lab.Generation++ }, true, true},
		"a deletion":               {func(lab *v1beta1.Lab) { lab.Generation++; now := metav1.Now(); lab.DeletionTimestamp = &now }, true, true},
		"a label":                  {func(lab *v1beta1.Lab) { lab.Labels = map[string]string{v1beta1.ClosedLabel: "true"} }, true, false},
		"an annotation":            {func(lab *v1beta1.Lab) { lab.Annotations = map[string]string{v1beta1.ConfirmAnnotation: "2"} }, true, false},
		"a finalizer that is lost": {func(lab *v1beta1.Lab) { lab.Finalizers = nil }, true, false},
		"a status that is lost":    {func(lab *v1beta1.Lab) { lab.Status = v1beta1.LabStatus{} }, true, false},
		"another object":           {func(lab *v1beta1.Lab) { lab.UID = "another" }, true, false},
		"a resync":                 {func(lab *v1beta1.Lab) { lab.ResourceVersion = "1" }, true, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			old := &v1beta1.Lab{}
			old.UID, old.ResourceVersion, old.Generation, old.Status.ObservedGeneration = "u", "1", 2, 2
			old.Finalizers = []string{"example.com/kept"}
			now := old.DeepCopy()
			now.ResourceVersion = "2"
			tc.change(now)
			update := event.UpdateEvent{ObjectOld: old, ObjectNew: now}
			reconciled := predicates.Reconciled(func(lab *v1beta1.Lab) int64 { return lab.Status.ObservedGeneration })
			if got := reconciled.Update(update); got != tc.wantReconciled {
				t.Errorf("Reconciled: %t, want %t", got, tc.wantReconciled)
			}
			if got := predicates.SpecChanged().Update(update); got != tc.wantSpecChanged {
				t.Errorf("SpecChanged: %t, want %t", got, tc.wantSpecChanged)
			}
		})
	}
}
