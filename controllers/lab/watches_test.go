package lab_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// reconciles is how many reconciles a controller has ended in this process.
func reconciles(controller string) int {
	GinkgoHelper()
	families, err := ctrlmetrics.Registry.Gather()
	Expect(err).NotTo(HaveOccurred())
	total := 0.0
	for _, family := range families {
		if family.GetName() != "controller_runtime_reconcile_total" {
			continue
		}
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if label.GetName() == "controller" && label.GetValue() == controller {
					total += metric.GetCounter().GetValue()
				}
			}
		}
	}
	return int(total)
}

// settledReconciles waits until a controller has nothing to do, and returns how many reconciles it has ended.
func settledReconciles(ctx SpecContext, controller string) int {
	GinkgoHelper()
	last, since := -1, 0
	Eventually(func() int {
		if now := reconciles(controller); now != last {
			last, since = now, 0
		} else {
			since++
		}
		return since
	}).WithContext(ctx).Should(BeNumerically(">=", 50), "controller %s is never idle", controller)
	return last
}

var _ = Describe("a status write", Serial, func() {
	It("of the operator wakes no Lab", func(ctx SpecContext) {
		lab := started(ctx, newCatalog(unique("topic")).create(ctx).lab())
		before := settledReconciles(ctx, "lab")

		setLevel(ctx, lab, "medium")
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "raise").Observed).To(Equal("the level is medium"))
		})
		// One for the ConfigMap, and none for the status that tells of it.
		Expect(settledReconciles(ctx, "lab") - before).To(Equal(1))
	})

	It("of a catalog wakes nobody", func(ctx SpecContext) {
		c := newCatalog(unique("topic")).create(ctx)
		started(ctx, c.lab())
		before := map[string]int{}
		for _, controller := range []string{"lab", "exercise", "topic", "workshop"} {
			before[controller] = settledReconciles(ctx, controller)
		}
		for object, patch := range map[client.Object]string{
			c.exercise: `{"status":{"taskCount":7}}`,
			c.topic:    `{"status":{"exerciseCount":7}}`,
		} {
			Expect(cluster.Client.Status().Patch(ctx, object.DeepCopyObject().(client.Object), client.RawPatch(client.Merge.Type(), []byte(patch)))).To(Succeed())
		}
		for controller, count := range before {
			Expect(settledReconciles(ctx, controller)).To(Equal(count), "controller %s was woken", controller)
		}
	})

	It("that takes a status away wakes the Lab", func(ctx SpecContext) {
		lab := started(ctx, newCatalog(unique("topic")).create(ctx).lab())
		settledReconciles(ctx, "lab")
		Expect(cluster.Client.Status().Patch(ctx, lab.DeepCopy(), client.RawPatch(client.Merge.Type(), []byte(`{"status":null}`)))).To(Succeed())
		eventuallyInProgress(ctx, lab)
	})
})
