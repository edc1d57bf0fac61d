package workshop_test

import (
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

var _ = Describe("bad input to a Workshop", func() {
	DescribeTable("is refused by the API server", func(ctx SpecContext, change func(*v1beta1.WorkshopSpec), want string) {
		f := newFixture("ada")
		change(&f.workshop.Spec)
		f.workshop.Namespace = metav1.NamespaceDefault
		Expect(cluster.Client.Create(ctx, f.workshop)).To(MatchError(ContainSubstring("%s", want)))
	},
		Entry("the same attendee twice", func(s *v1beta1.WorkshopSpec) {
			s.Attendees = []v1beta1.Attendee{{Name: "ada"}, {Name: "ada"}}
		}, `Duplicate value: {"name":"ada"}`),
		Entry("a name of nothing but a blank", func(s *v1beta1.WorkshopSpec) { s.Attendees[0].Name = " " }, "begins with a letter or a digit"),
		Entry("a name of nothing but punctuation", func(s *v1beta1.WorkshopSpec) { s.Attendees[0].Name = "../.." }, "begins with a letter or a digit"),
		Entry("a name with a line break", func(s *v1beta1.WorkshopSpec) { s.Attendees[0].Name = "ada\nbob" }, "no control characters"),
		Entry("an opening after the close", func(s *v1beta1.WorkshopSpec) { s.OpensAt = new(in(2 * time.Hour)) }, "closesAt is not after opensAt"),
		Entry("a roster of 1,001", func(s *v1beta1.WorkshopSpec) {
			for i := range 1000 {
				s.Attendees = append(s.Attendees, v1beta1.Attendee{Name: fmt.Sprintf("attendee-%d", i)})
			}
		}, "Too many: 1001: must have at most 1000 items"),
		Entry("no labs", func(s *v1beta1.WorkshopSpec) { s.LabTemplates = nil }, "spec.labTemplates"),
	)

	It("takes names of every script and case, and keeps them apart", func(ctx SpecContext) {
		names := []string{"ada", "Ada", "ADA", "Zoë Müller", "山田太郎", "محمد", "o'brien", "a.b", "a-b", "a b", "1", "x: {y: 1}", "a$(rm -rf x)", "ada-99a563ab2f6e21e9", strings.Repeat("é", 128)}
		f := newFixture(names...)
		f.workshop.Spec.LabTemplates = f.workshop.Spec.LabTemplates[:1]
		f.create(ctx)
		f.eventuallyReady(ctx, len(names))
		Expect(f.namespaces(ctx)).To(HaveLen(len(names)))
		for _, name := range names {
			f.loginAs(ctx, name)
		}
	})

	It("says that an exercise does not exist, and goes on when it does", func(ctx SpecContext) {
		f := newFixture("ada")
		Expect(cluster.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.workshop.Namespace}})).To(Succeed())
		f.createWorkshop(ctx)
		f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
			g.Expect(condition(now, v1beta1.ConditionStalled)).To(Equal(fmt.Sprintf(
				"True ExerciseNotFound: Nobody is given labs: lab one: there is no topic %[1]s; lab two: there is no topic %[1]s. Install it, or correct spec.labTemplates", f.topic.Name)))
		})
		Expect(f.namespaces(ctx)).To(BeEmpty())
		f.createCatalog(ctx)
		f.eventuallyReady(ctx, 1)
		f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
			g.Expect(condition(now, v1beta1.ConditionStalled)).To(HavePrefix("False None"))
		})
	})

	It("leaves a namespace alone that is in the way, and serves the others", func(ctx SpecContext) {
		f := newFixture("ada", "bob")
		taken := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.attendeeNamespace("ada")}}
		Expect(cluster.Client.Create(ctx, taken)).To(Succeed())
		f.create(ctx)
		f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
			g.Expect(now.Status.Ready).To(BeEquivalentTo(1))
			g.Expect(condition(now, v1beta1.ConditionProvisioned)).To(And(
				HavePrefix("False NamespaceTaken: 1 of 2 attendees have their labs; for ada: namespace "+f.attendeeNamespace("ada")),
				ContainSubstring("does not belong to this workshop")))
			g.Expect(condition(now, v1beta1.ConditionStalled)).To(HavePrefix("True NamespaceTaken"))
		})
		labs := &v1beta1.LabList{}
		Expect(cluster.Client.List(ctx, labs)).To(Succeed())
		for _, lab := range labs.Items {
			Expect(lab.Namespace).NotTo(Equal(f.attendeeNamespace("ada")))
		}
		Expect(cluster.Client.Delete(ctx, taken)).To(Succeed())
		f.eventuallyReady(ctx, 2)
	})

	It("says that the cluster is out of quota, and goes on when there is room", func(ctx SpecContext) {
		f := newFixture("ada", "bob", "cyd").createNamespaceAndCatalog(ctx)
		quota := &corev1.ResourceQuota{
			ObjectMeta: metav1.ObjectMeta{Namespace: f.workshop.Namespace, Name: "tight"},
			Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"count/secrets": resource.MustParse("2")}},
		}
		Expect(cluster.Client.Create(ctx, quota)).To(Succeed())
		f.createWorkshop(ctx)
		f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
			g.Expect(condition(now, v1beta1.ConditionProvisioned)).To(And(HavePrefix("False OutOfQuota: 3 of 3"), ContainSubstring("exceeded quota: tight")))
			g.Expect(condition(now, v1beta1.ConditionStalled)).To(HavePrefix("False None"))
		})
		Eventually(func(g Gomega) {
			g.Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(quota), quota)).To(Succeed())
			quota.Spec.Hard["count/secrets"] = resource.MustParse("9")
			g.Expect(cluster.Client.Update(ctx, quota)).To(Succeed())
			quota.Status.Hard = quota.Spec.Hard
			g.Expect(cluster.Client.Status().Update(ctx, quota)).To(Succeed())
		}).WithContext(ctx).Should(Succeed())
		f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
			g.Expect(condition(now, v1beta1.ConditionProvisioned)).To(HavePrefix("True Provisioned: 3 of 3"))
		})
		for _, name := range []string{"ada", "bob", "cyd"} {
			f.loginAs(ctx, name)
		}
	})

	It("brings up no more at the same time than maxConcurrent", func(ctx SpecContext) {
		f := newFixture("ada", "bob", "cyd")
		f.workshop.Spec.MaxConcurrent = 1
		f.exercise.Spec.ReadyWhen = []v1beta1.Check{{Expression: "note.data.open == 'yes'", Expected: "somebody opens it"}}
		f.create(ctx)
		for i, name := range []string{"ada", "bob", "cyd"} {
			for _, lab := range []string{"one", "two"} {
				made := f.eventuallyLab(ctx, name, lab, func(g Gomega, lab *v1beta1.Lab) {
					g.Expect(lab.Status.Environment).NotTo(BeNil())
				})
				Consistently(f.namespaces).WithArguments(ctx).WithTimeout(400 * time.Millisecond).Should(HaveLen(i + 1))
				note := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: made.Status.Namespace, Name: "note"}, Data: map[string]string{"open": "yes"}}
				Expect(cluster.Client.Create(ctx, note)).To(Succeed())
			}
		}
		f.eventuallyReady(ctx, 3)
	})
})
