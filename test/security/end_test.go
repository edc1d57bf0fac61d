//go:build cluster

package security

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
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
	ours := client.MatchingLabels{v1beta1.LabUIDLabel: string(lab.UID)}
	namespaces := &corev1.NamespaceList{}
	must(t, s.admin.List(t.Context(), namespaces, ours))
	if len(namespaces.Items) > 0 || !s.isGone(t, named("v1", "Namespace", "", s.mallory.environment)) {
		t.Errorf("%d namespaces are left", len(namespaces.Items))
	}
	if now := s.lab(t, s.alice.lab).Status.Environment; now.NamespaceUID != guards.NamespaceUID {
		t.Errorf("the other lab has another environment: %v, not %v", now, guards)
	}
	s.neverOurFault(t, s.alice)
}
