package workshop_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

var _ = Describe("the LabResult of an attendee's Lab", func() {
	It("gives a Lab that is made anew its progress, its attempts and its outputs", func(ctx SpecContext) {
		f := newFixture("ada").create(ctx)
		f.eventuallyReady(ctx, 1)
		before := f.passFirstTask(ctx, "ada", "one")
		f.answer(ctx, "ada", "one", 7, v1beta1.QuestionWrong)
		f.answer(ctx, "ada", "one", 8, v1beta1.QuestionWrong)
		Eventually(func(g Gomega) {
			g.Expect(f.result(ctx, "ada", "one")).To(And(
				HaveField("Spec.Passed", HaveLen(1)),
				HaveField("Spec.Questions", ConsistOf(And(HaveField("State", v1beta1.QuestionWrong), HaveField("Attempts", HaveLen(2)), HaveField("AttemptsLeft", BeEquivalentTo(1))))),
			))
		}).WithContext(ctx).Should(Succeed())

		By("deleting the Lab, as a restore or GitOps may")
		old, err := f.lab(ctx, "ada", "one")
		Expect(err).NotTo(HaveOccurred())
		Expect(cluster.Client.Delete(ctx, old)).To(Succeed())
		again := f.eventuallyLab(ctx, "ada", "one", func(g Gomega, lab *v1beta1.Lab) {
			g.Expect(lab.UID).NotTo(Equal(old.UID))
			g.Expect(lab.Status.Phase).To(Equal(v1beta1.LabInProgress))
			g.Expect(lab.Status.Summary).To(Equal(before.Status.Summary))
		})
		Expect(again.Status.Tasks[0].Outputs).To(Equal(before.Status.Tasks[0].Outputs))
		Expect(again.Status.Tasks[0].PassedAt.Time).To(BeTemporally("==", before.Status.Tasks[0].PassedAt.Time))
		Expect(again.Status.StartedAt.Time).To(BeTemporally("==", before.Status.StartedAt.Time))
		Expect(again.Status.Questions[0].AttemptsLeft).To(BeEquivalentTo(1))

		By("losing the status alone")
		lost := again.DeepCopy()
		lost.Status = v1beta1.LabStatus{}
		Expect(cluster.Client.Status().Update(ctx, lost)).To(Succeed())
		f.eventuallyLab(ctx, "ada", "one", func(g Gomega, lab *v1beta1.Lab) {
			g.Expect(lab.Status.Summary).To(Equal(before.Status.Summary))
			g.Expect(lab.Status.Questions[0].AttemptsLeft).To(BeEquivalentTo(1))
		})

		By("using the last attempt")
		f.answer(ctx, "ada", "one", 9, v1beta1.QuestionExhausted)
	})

	It("is no one's who only claims a seat", func(ctx SpecContext) {
		f := newFixture("ada").create(ctx)
		f.eventuallyReady(ctx, 1)
		own, err := f.lab(ctx, "ada", "one")
		Expect(err).NotTo(HaveOccurred())
		forged := &v1beta1.Lab{Spec: own.Spec}
		forged.Namespace, forged.Name, forged.Labels, forged.Annotations = f.workshop.Namespace, "one", own.Labels, own.Annotations
		Expect(cluster.Client.Create(ctx, forged)).To(Succeed())
		DeferCleanup(func(ctx SpecContext) {
			Expect(cluster.Client.Delete(ctx, forged)).To(Succeed())
			eventuallyGone(ctx, forged)
		})
		Eventually(func() (v1beta1.LabPhase, error) {
			err := cluster.Client.Get(ctx, client.ObjectKeyFromObject(forged), forged)
			return forged.Status.Phase, err
		}).WithContext(ctx).Should(Equal(v1beta1.LabInProgress))
		other := *f
		f.passFirstTask(ctx, "ada", "one")
		Eventually(func() (*v1beta1.LabResult, error) { return other.result(ctx, "ada", "one") }).WithContext(ctx).
			Should(HaveField("Spec.TasksPassed", BeEquivalentTo(1)))
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(forged), forged)).To(Succeed())
		Expect(forged.Status.TasksPassed).To(BeZero())
	})
})

// objects are those of a list.
func objects(list client.ObjectList) []client.Object {
	GinkgoHelper()
	var all []client.Object
	Expect(meta.EachListItem(list, func(item runtime.Object) error {
		all = append(all, item.(client.Object)) //nolint:forcetypeassert // Lists of the API hold objects.
		return nil
	})).To(Succeed())
	return all
}
