package workshop_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

var _ = Describe("the name in a LabResult", func() {
	It("is that of the roster, whatever stands on the Lab, and stays when the attendee is taken out", func(ctx SpecContext) {
		const grace = "Grace Hopper"
		f := newFixture(grace).create(ctx)
		f.eventuallyReady(ctx, 1)
		lab, err := f.lab(ctx, grace, "one")
		Expect(err).NotTo(HaveOccurred())
		before := client.MergeFrom(lab.DeepCopy())
		metav1.SetMetaDataAnnotation(&lab.ObjectMeta, v1beta1.AttendeeAnnotation, "somebody else")
		Expect(f.loginAs(ctx, grace).Patch(ctx, lab, before)).To(Succeed())
		f.passFirstTask(ctx, grace, "one")
		Eventually(func() (*v1beta1.LabResult, error) { return f.result(ctx, grace, "one") }).WithContext(ctx).Should(HaveField("Spec.Attendee", grace))

		f.edit(ctx, func(spec *v1beta1.WorkshopSpec) { spec.Attendees = []v1beta1.Attendee{{Name: "ada"}} })
		f.waits(ctx, "the labs one, two of Grace Hopper")
		f.answer(ctx, grace, "one", 1, v1beta1.QuestionRight)
		Eventually(func() (*v1beta1.LabResult, error) { return f.result(ctx, grace, "one") }).WithContext(ctx).
			Should(And(HaveField("Spec.Questions", HaveLen(1)), HaveField("Spec.Attendee", grace)))
	})
})
