package workshop_test

import (
	"math/rand/v2"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

var _ = Describe("a Workshop while the operator dies again and again", func() {
	// restless kills the operator at random moments until what should be is so.
	restless := func(ctx SpecContext, f *fixture, should func(now *v1beta1.Workshop) bool) (kills int) {
		GinkgoHelper()
		Eventually(func() bool {
			if now := f.now(ctx); now.Status.ObservedGeneration == now.Generation && should(now) {
				return true
			}
			restart()
			kills++
			moment := time.After(300*time.Millisecond + rand.N(900*time.Millisecond))
			select {
			case <-moment:
			case <-ctx.Done():
			}
			return false
		}).WithContext(ctx).WithTimeout(2 * time.Minute).Should(BeTrue())
		return kills
	}

	It("survives it: everybody is provisioned once, and who leaves is gone", func(ctx SpecContext) {
		f := newFixture("ada", "bob", "cyd", "dan", "eve", "fay").create(ctx)
		kills := restless(ctx, f, func(now *v1beta1.Workshop) bool { return now.Status.Ready == 6 })
		for _, name := range []string{"ada", "bob", "cyd", "dan", "eve", "fay"} {
			f.loginAs(ctx, name)
		}
		Expect(f.namespaces(ctx)).To(HaveLen(6))
		f.passFirstTask(ctx, "ada", "one")

		f.apply(ctx, func(spec *v1beta1.WorkshopSpec) { spec.Attendees = spec.Attendees[4:] })
		kills += restless(ctx, f, func(*v1beta1.Workshop) bool { return len(f.namespaces(ctx)) == 2 })
		for _, name := range []string{"ada", "bob", "cyd", "dan"} {
			eventuallyGone(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.attendeeNamespace(name)}})
			Eventually(func() error { _, err := f.secret(ctx, name); return err }).WithContext(ctx).Should(HaveOccurred())
		}
		Expect(f.result(ctx, "ada", "one")).To(HaveField("Spec.TasksPassed", BeEquivalentTo(1)))
		AddReportEntry("the operator died", kills)
	})
})
