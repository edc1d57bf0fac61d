package lab_test

import (
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// shiftedClock is the real one, but for a shift that can change while it is used.
type shiftedClock struct {
	clock.RealClock
	shift atomic.Int64
}

func (c *shiftedClock) Now() time.Time { return c.RealClock.Now().Add(time.Duration(c.shift.Load())) }

func (c *shiftedClock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

var _ = Describe("an operator whose clock is wrong", Serial, func() {
	var shifted *shiftedClock

	BeforeEach(func() {
		stop(running)
		shifted = &shiftedClock{}
		exposed = prometheus.NewRegistry()
		var err error
		running, err = testenv.RunOperator(testenv.Impersonate(cluster.Config, testenv.OperatorAccount), operator.Options{Registerer: exposed, Clock: shifted})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(restart)
	})

	DescribeTable("destroys nothing when it jumps",
		func(ctx SpecContext, shift time.Duration) {
			lab := started(ctx, newCatalog(unique("topic")).create(ctx).lab())
			setLevel(ctx, lab, "high")
			eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
				g.Expect(task(now, "raise").State).To(Equal(v1beta1.TaskPassed))
			})
			lab = answer(ctx, lab, "q-number", intstr.FromInt32(299))
			before, err := get(ctx, lab)
			Expect(err).NotTo(HaveOccurred())
			shifted.shift.Store(int64(shift))

			By("holding and completing as if nothing had happened")
			setMark(ctx, lab)
			now := eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
				g.Expect(now.Status.Phase).To(Equal(v1beta1.LabCompleted))
			})
			Expect(now.Status.Environment).To(Equal(before.Status.Environment))
			Expect(task(now, "raise").PassedAt).To(Equal(task(before, "raise").PassedAt))
			Expect(answered(now, "q-number").Attempts).To(Equal([]string{"299"}))

			By("setting up another lab")
			started(ctx, newCatalog(unique("topic")).create(ctx).lab())
		},
		Entry("a day ahead", 24*time.Hour),
		Entry("a day back", -24*time.Hour),
	)

	It("says what holds up a Lab that takes long to be deleted, and an environment that takes long to go", func(ctx SpecContext) {
		lab := started(ctx, newCatalog(unique("topic")).create(ctx).lab())
		blocker := configMap("blocker", nil, nil)
		blocker.Namespace, blocker.Finalizers = lab.Status.Namespace, []string{"example.com/block"}
		Expect(cluster.Client.Create(ctx, blocker)).To(Succeed())
		namespace, err := namespaceOf(ctx, lab.Status.Namespace)
		Expect(err).NotTo(HaveOccurred())
		namespace.Finalizers = []string{"example.com/block"}
		Expect(cluster.Client.Update(ctx, namespace)).To(Succeed())
		// The namespace controller of these tests writes no conditions.
		namespace.Status.Conditions = []corev1.NamespaceCondition{{
			Type: corev1.NamespaceDeletionDiscoveryFailure, Status: corev1.ConditionTrue, Reason: "DiscoveryFailed", LastTransitionTime: metav1.Now(),
			Message: "Discovery failed for some groups, 1 failing: metrics.k8s.io/v1beta1: stale GroupVersion discovery",
		}}
		Expect(cluster.Client.Status().Update(ctx, namespace)).To(Succeed())

		setEnvironment(ctx, lab, v1beta1.EnvironmentAbsent)
		eventuallyCondition(ctx, lab, v1beta1.ConditionProvisioned, metav1.ConditionFalse, v1beta1.ReasonTerminating, "is being removed as spec.environment asks")
		shifted.shift.Store(int64(time.Minute))
		eventuallyCondition(ctx, lab, v1beta1.ConditionProvisioned, metav1.ConditionFalse, v1beta1.ReasonTerminating,
			"stale GroupVersion discovery. Repair or delete the API that does not answer: kubectl get apiservices")
		Eventually(func() []string { return reasons(ctx, lab) }).WithContext(ctx).Should(ContainElement("NamespaceDeletionDiscoveryFailure"))

		Expect(cluster.Client.Delete(ctx, lab)).To(Succeed())
		now := eventuallyCondition(ctx, lab, v1beta1.ConditionDeleting, metav1.ConditionTrue, "NamespaceDeletionDiscoveryFailure", "stale GroupVersion discovery")
		Expect(now.Status.Next).To(ContainSubstring("stale GroupVersion discovery"))
		eventuallyCondition(ctx, lab, v1beta1.ConditionReady, metav1.ConditionFalse, v1beta1.ReasonTerminating, "The lab is being deleted")

		patch := client.RawPatch(client.Merge.Type(), []byte(`{"metadata":{"finalizers":null}}`))
		Expect(cluster.Client.Patch(ctx, blocker, patch)).To(Succeed())
		Expect(cluster.Client.Patch(ctx, namespace, patch)).To(Succeed())
		Eventually(func() bool {
			_, err := get(ctx, lab)
			return apierrors.IsNotFound(err)
		}, "60s").WithContext(ctx).Should(BeTrue())
	}, SpecTimeout(2*time.Minute))
})
