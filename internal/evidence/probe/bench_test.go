package probe

import (
	"context"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// BenchmarkFirstLook measures how long a lab waits for its first probe: alone, and beside services that hang, of which
// there are far more than probes are taken at the same time. The two belong side by side.
func BenchmarkFirstLook(b *testing.B) {
	for _, hanging := range []int{0, 200} {
		b.Run(fmt.Sprintf("beside %d services that hang", hanging), func(b *testing.B) {
			told, hung := make(chan types.NamespacedName, 1), make(chan types.NamespacedName, hanging)
			pool := NewPool(Config{
				Adapters: []Adapter{{
					Name: "helm",
					Probe: func(ctx context.Context, _ Dialer, spec *v1beta1.ProbeEvidence) (map[string]any, error) {
						if spec.Helm.Release == "bad" {
							return hangs(ctx, 0)
						}
						return answers(ctx, 0)
					},
				}},
				Dialer: func(namespace string) Dialer { return place{namespace: namespace} },
				Notify: func(lab types.NamespacedName) {
					if lab.Namespace == "good" {
						told <- lab
						return
					}
					select {
					case hung <- lab:
					default:
					}
				},
				// The rate would be all that is measured.
				Rate: 1 << 30,
			})
			ctx, stop := context.WithCancel(b.Context())
			ended := make(chan error, 1)
			go func() { ended <- pool.Start(ctx) }()
			for i := range hanging {
				name := fmt.Sprintf("bad-%d", i)
				subject := subjectOf(name, "bad")
				subject.Evidence[0].Probe.Timeout = &metav1.Duration{Duration: 100 * time.Millisecond}
				pool.Want(labNamed(name), subject, []string{"bad"})
			}
			for range hanging {
				<-hung // each has been probed once, and is known to hang
			}
			for i := 0; b.Loop(); i++ {
				lab := types.NamespacedName{Namespace: "good", Name: fmt.Sprint(i)}
				pool.Want(lab, subjectOf("good", "good"), []string{"good"})
				<-told
				pool.Forget(lab)
			}
			stop()
			if err := <-ended; err != nil {
				b.Fatal(err)
			}
		})
	}
}
