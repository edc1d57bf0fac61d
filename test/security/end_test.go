//go:build cluster

package security

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// onTheEnd are attacks on the promise that a deleted Lab leaves nothing behind.
func (s *stage) onTheEnd() map[string]attack {
	return map[string]attack{
		"leave something behind after all of this": {gain: "a place in the cluster that outlives the workshop", try: s.leaveNothing},
	}
}

// leaveNothing deletes mallory's Lab with what the attacks have left in its environment, and looks for what remains.
func (s *stage) leaveNothing(t *testing.T) {
	// A pod that does not end when it is asked to, with a claim and a Job beside it.
	s.serve(t, "stubborn", "HTTP/1.1 200 OK\\r\\n\\r\\n")
	lab := s.lab(t, s.mallory.lab)
	guards := s.lab(t, s.alice.lab).Status.Environment
	must(t, s.admin.Delete(t.Context(), lab))
	eventually(t, "the Lab is gone", func() bool { return s.isGone(t, named(labVersion, "Lab", lab.Namespace, lab.Name)) })
	ours := client.MatchingLabels{v1alpha1.LabUIDLabel: string(lab.UID)}
	namespaces, revisions := &corev1.NamespaceList{}, &appsv1.ControllerRevisionList{}
	must(t, s.admin.List(t.Context(), namespaces, ours))
	must(t, s.admin.List(t.Context(), revisions, ours, client.InNamespace(testenv.OperatorNamespace)))
	if len(namespaces.Items)+len(revisions.Items) > 0 || !s.isGone(t, named("v1", "Namespace", "", s.mallory.environment)) {
		t.Errorf("%d namespaces and %d revisions are left", len(namespaces.Items), len(revisions.Items))
	}
	if now := s.lab(t, s.alice.lab).Status.Environment; now.NamespaceUID != guards.NamespaceUID {
		t.Errorf("the other lab has another environment: %v, not %v", now, guards)
	}
	s.neverOurFault(t, s.alice)
}
