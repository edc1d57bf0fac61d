package workshop_test

import (
	"math/rand/v2"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

var _ = Describe("a Workshop while the operator dies again and again", func() {
	// restless kills the operator at random moments until what should be is so.
	restless := func(ctx SpecContext, r *room, should func(now *v1alpha1.Workshop) bool) (kills int) {
		GinkgoHelper()
		Eventually(func() bool {
			if now := r.now(ctx); now.Status.ObservedGeneration == now.Generation && should(now) {
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
		r := newRoom("ada", "bob", "cyd", "dan", "eve", "fay").open(ctx)
		kills := restless(ctx, r, func(now *v1alpha1.Workshop) bool { return now.Status.Ready == 6 })
		for _, name := range []string{"ada", "bob", "cyd", "dan", "eve", "fay"} {
			r.sit(ctx, name)
		}
		Expect(r.namespaces(ctx)).To(HaveLen(6))
		r.write(ctx, "ada", "one")

		r.apply(ctx, func(spec *v1alpha1.WorkshopSpec) { spec.Attendees = spec.Attendees[4:] })
		kills += restless(ctx, r, func(*v1alpha1.Workshop) bool { return len(r.namespaces(ctx)) == 2 })
		for _, name := range []string{"ada", "bob", "cyd", "dan"} {
			eventuallyGone(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: r.home(name)}})
			Eventually(func() error { _, err := r.secret(ctx, name); return err }).WithContext(ctx).Should(HaveOccurred())
		}
		Expect(r.result(ctx, "ada", "one")).To(HaveField("Spec.Summary.Tasks", "1/2"))
		AddReportEntry("the operator died", kills)
	})
})
