//go:build cluster

package e2e

import (
	"context"
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// changes is how often the learner's change is measured.
const changes = 100

var _ = Describe("a learner's change", func() {
	It("reaches the status about as fast as a bare watcher could copy it", func(ctx context.Context) {
		installEcho(ctx)
		lab := startLab(ctx, inNamespace(ctx, "e2e-latency"), echo, echo)
		write(ctx, lab.Status.Namespace, "start")
		Eventually(seen).WithArguments(ctx, lab).Should(Equal("the word is start"))

		labs, err := cluster.Watch(ctx, &v1beta1.LabList{}, client.InNamespace(lab.Namespace))
		Expect(err).NotTo(HaveOccurred())
		defer labs.Stop()
		copies := bareCopier(ctx, lab.Status.Namespace)

		// Slower than the operator keeps a flapping lab back.
		pace := time.NewTicker(300 * time.Millisecond)
		defer pace.Stop()
		var ours, bare []time.Duration
		for i := range changes {
			word := fmt.Sprintf("word-%d", i)
			began := time.Now()
			write(ctx, lab.Status.Namespace, word)
			copied := make(chan time.Duration, 1)
			go func() {
				defer GinkgoRecover()
				copied <- until(copies, began, func(object any) bool {
					copied, ok := object.(*corev1.ConfigMap)
					return ok && copied.Name == "copy" && copied.Data["word"] == word
				})
			}()
			ours = append(ours, until(labs, began, func(object any) bool {
				lab, ok := object.(*v1beta1.Lab)
				return ok && len(lab.Status.Tasks) > 0 && lab.Status.Tasks[0].Observed == "the word is "+word
			}))
			bare = append(bare, <-copied)
			<-pace.C
		}
		report := fmt.Sprintf("p50 %s, p99 %s; a bare watcher that copies the word: p50 %s, p99 %s",
			percentile(ours, 50), percentile(ours, 99), percentile(bare, 50), percentile(bare, 99))
		AddReportEntry("change to status", report)
		GinkgoWriter.Println("change to status:", report)
	})
})

// bareCopier does what must be done at least: it watches one object and writes what it sees to another.
func bareCopier(ctx context.Context, namespace string) watch.Interface {
	GinkgoHelper()
	notes, err := cluster.Watch(ctx, &corev1.ConfigMapList{}, client.InNamespace(namespace), client.MatchingFields{"metadata.name": "note"})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(notes.Stop)
	copied := &corev1.ConfigMap{}
	copied.Namespace, copied.Name = namespace, "copy"
	Expect(cluster.Create(ctx, copied)).To(Succeed())
	go func() {
		defer GinkgoRecover()
		for event := range notes.ResultChan() {
			note, ok := event.Object.(*corev1.ConfigMap)
			if !ok || ctx.Err() != nil {
				return
			}
			before := client.MergeFrom(copied.DeepCopy())
			copied.Data = map[string]string{"word": note.Data["word"]}
			if err := cluster.Patch(ctx, copied, before); err != nil {
				return
			}
		}
	}()
	copies, err := cluster.Watch(ctx, &corev1.ConfigMapList{}, client.InNamespace(namespace), client.MatchingFields{"metadata.name": "copy"})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(copies.Stop)
	return copies
}

// until waits for an event and tells how long after the beginning it came.
func until(events watch.Interface, began time.Time, wanted func(any) bool) time.Duration {
	GinkgoHelper()
	late := time.After(30 * time.Second)
	for {
		select {
		case event := <-events.ResultChan():
			if wanted(event.Object) {
				return time.Since(began)
			}
		case <-late:
			Fail("the change was not seen within 30 s")
		}
	}
}

func percentile(durations []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(durations))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)].Round(100 * time.Microsecond)
}
