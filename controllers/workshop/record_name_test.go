package workshop_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

var _ = Describe("the name in a Result", func() {
	It("is that of the roster, whatever stands on the Lab, and stays when the attendee is taken out", func(ctx SpecContext) {
		const grace = "Grace Hopper"
		r := newRoom(grace).open(ctx)
		r.eventuallyReady(ctx, 1)
		lab, err := r.lab(ctx, grace, "one")
		Expect(err).NotTo(HaveOccurred())
		before := client.MergeFrom(lab.DeepCopy())
		metav1.SetMetaDataAnnotation(&lab.ObjectMeta, v1alpha1.AttendeeAnnotation, "somebody else")
		Expect(r.sit(ctx, grace).Patch(ctx, lab, before)).To(Succeed())
		r.write(ctx, grace, "one")
		Eventually(func() (*v1alpha1.Result, error) { return r.result(ctx, grace, "one") }).WithContext(ctx).Should(HaveField("Spec.Attendee", grace))

		r.edit(ctx, func(spec *v1alpha1.WorkshopSpec) { spec.Attendees = []v1alpha1.Attendee{{Name: "ada"}} })
		r.waits(ctx, "the labs one, two of Grace Hopper")
		r.answer(ctx, grace, "one", 1, v1alpha1.StateRight)
		Eventually(func() (*v1alpha1.Result, error) { return r.result(ctx, grace, "one") }).WithContext(ctx).
			Should(And(HaveField("Spec.Questions", HaveLen(1)), HaveField("Spec.Attendee", grace)))
	})
})
