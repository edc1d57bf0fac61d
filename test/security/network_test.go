//go:build cluster

package security

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// onNetwork are attacks by connections from a pod of one's own. The same connection within the lab shows that there is a
// door, and that the pod can dial.
func (s *stage) onNetwork() map[string]attack {
	return map[string]attack{
		"dial another lab's pod": s.dial("what another's services answer", func(t *testing.T, lab *person) string {
			pod := &corev1.Pod{}
			must(t, s.admin.Get(t.Context(), types.NamespacedName{Namespace: lab.environment, Name: "bare"}, pod))
			return pod.Status.PodIP
		}),
		"dial another lab's Service": s.dial("what another's services answer", func(t *testing.T, lab *person) string {
			service := &corev1.Service{}
			door := object(lab.environment, `{apiVersion: v1, kind: Service, metadata: {name: door}, spec: {selector: {app: bare}, ports: [{port: 8080}]}}`)
			if err := lab.client.Create(t.Context(), door); err != nil && !isThere(err) {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.admin.Delete(background(t), door) })
			must(t, s.admin.Get(t.Context(), types.NamespacedName{Namespace: lab.environment, Name: "door"}, service))
			return service.Spec.ClusterIP
		}),
	}
}

// dial is an attack by one connection to port 8080 of an address in the other lab.
func (s *stage) dial(gain string, address func(t *testing.T, lab *person) string) attack {
	return attack{gain: gain, try: func(t *testing.T) {
		s.haveTools(t)
		reach := func(to string) error {
			ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
			defer stop()
			_, err := s.mallory.run(ctx, s.mallory.environment, "tools", "timeout", "3", "bash", "-c", fmt.Sprintf("exec 3<>/dev/tcp/%s/8080", to))
			return err
		}
		theirs, mine := address(t, s.alice), address(t, s.mallory)
		eventually(t, "the own lab answers", func() bool { return reach(mine) == nil })
		if reach(theirs) == nil {
			t.Errorf("another's lab answers at %s: does the cluster enforce network policies?", theirs)
		}
	}}
}
