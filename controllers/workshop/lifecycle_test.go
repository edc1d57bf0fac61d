package workshop_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

var _ = Describe("a Workshop", func() {
	It("gives every attendee labs, and a kubeconfig that reaches them and nothing else", func(ctx SpecContext) {
		f := newFixture("ada", "Grace Hopper").create(ctx)
		f.eventuallyReady(ctx, 2)
		Expect(f.now(ctx).Status).To(And(
			HaveField("Phase", v1beta1.WorkshopOpen), HaveField("Attendees", BeEquivalentTo(2)), HaveField("Started", BeEquivalentTo(0)),
		))

		By("sitting down as one of them")
		seated := f.loginAs(ctx, "Grace Hopper")
		labs := &v1beta1.LabList{}
		Expect(seated.List(ctx, labs, client.InNamespace(f.attendeeNamespace("Grace Hopper")))).To(Succeed())
		Expect(labs.Items).To(HaveLen(2))
		lab := labs.Items[0].DeepCopy()
		lab.Spec.Environment = v1beta1.EnvironmentAbsent
		Expect(seated.Patch(ctx, lab, client.MergeFrom(&labs.Items[0]), client.DryRunAll)).To(Succeed())
		note := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: labs.Items[0].Status.Namespace, Name: "mine"}}
		Expect(seated.Create(ctx, note, client.DryRunAll)).To(Succeed())

		By("trying what is not an attendee's to do")
		Expect(seated.List(ctx, labs, client.InNamespace(f.attendeeNamespace("ada")))).To(MatchError(apierrors.IsForbidden, "forbidden"))
		Expect(seated.List(ctx, &corev1.SecretList{}, client.InNamespace(f.workshop.Namespace))).To(MatchError(apierrors.IsForbidden, "forbidden"))
		Expect(seated.List(ctx, &v1beta1.LabResultList{}, client.InNamespace(f.workshop.Namespace))).To(MatchError(apierrors.IsForbidden, "forbidden"))
		Expect(seated.Delete(ctx, lab)).To(MatchError(apierrors.IsForbidden, "forbidden"))
		bigger := lab.DeepCopy()
		bigger.Spec.Size = v1beta1.SizeLarge
		Expect(seated.Patch(ctx, bigger, client.MergeFrom(lab))).To(MatchError(ContainSubstring("a learner changes only spec.answers and spec.environment")))
		Expect(seated.Create(ctx, &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Namespace: lab.Namespace, Name: "more"}, Spec: lab.Spec})).
			To(MatchError(apierrors.IsForbidden, "forbidden"))
	})

	It("gives access at its opening, and labs some time before", func(ctx SpecContext) {
		f := newFixture("ada")
		f.workshop.Spec.OpensAt = new(in(30 * time.Minute))
		f.workshop.Spec.LeadTime = &metav1.Duration{Duration: 10 * time.Minute}
		f.create(ctx)
		f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
			g.Expect(now.Status.Phase).To(Equal(v1beta1.WorkshopScheduled))
			g.Expect(condition(now, v1beta1.ConditionProvisioned)).To(Equal("False Scheduled: Labs are set up 10m0s before the workshop opens"))
		})
		Expect(f.namespaces(ctx)).To(BeEmpty())

		By("setting the labs up")
		f.edit(ctx, func(spec *v1beta1.WorkshopSpec) { spec.OpensAt = new(in(5 * time.Minute)) })
		f.eventuallyReady(ctx, 1)
		Expect(f.now(ctx).Status.Phase).To(Equal(v1beta1.WorkshopProvisioning))
		Expect(condition(f.now(ctx), v1beta1.ConditionOpen)).To(HavePrefix("False Scheduled"))
		_, err := f.secret(ctx, "ada")
		Expect(err).To(MatchError(apierrors.IsNotFound, "not found"))

		By("opening by itself when it is time")
		f.edit(ctx, func(spec *v1beta1.WorkshopSpec) { spec.OpensAt = new(in(3 * time.Second)) })
		f.loginAs(ctx, "ada")
		f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
			g.Expect(now.Status.Phase).To(Equal(v1beta1.WorkshopOpen))
			g.Expect(condition(now, v1beta1.ConditionOpen)).To(HavePrefix("True Open"))
		})
	})

	It("takes late-comers in, and takes everything but the results from who is taken out", func(ctx SpecContext) {
		f := newFixture("ada", "bob").create(ctx)
		f.eventuallyReady(ctx, 2)
		bob := f.loginAs(ctx, "bob")
		f.passFirstTask(ctx, "bob", "one")

		f.apply(ctx, func(spec *v1beta1.WorkshopSpec) {
			spec.Attendees = []v1beta1.Attendee{{Name: "ada"}, {Name: "late.comer@example.org"}}
		})
		f.loginAs(ctx, "late.comer@example.org")
		eventuallyGone(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.attendeeNamespace("bob")}})
		Expect(bob.List(ctx, &v1beta1.LabList{}, client.InNamespace(f.attendeeNamespace("bob")))).To(MatchError(apierrors.IsUnauthorized, "unauthorized"))
		_, err := f.secret(ctx, "bob")
		Expect(err).To(MatchError(apierrors.IsNotFound, "not found"))
		Expect(f.result(ctx, "bob", "one")).To(And(
			HaveField("Spec.TasksPassed", BeEquivalentTo(1)), HaveField("Spec.TasksTotal", BeEquivalentTo(2)),
			HaveField("Spec.QuestionsRight", BeZero()), HaveField("Spec.QuestionsTotal", BeEquivalentTo(1)),
		))
		f.eventuallyReady(ctx, 2)

		By("coming back to where one was")
		f.edit(ctx, func(spec *v1beta1.WorkshopSpec) {
			spec.Attendees = append(spec.Attendees, v1beta1.Attendee{Name: "bob"})
		})
		f.eventuallyLab(ctx, "bob", "one", func(g Gomega, lab *v1beta1.Lab) {
			g.Expect(lab.Status.TasksPassed).To(BeEquivalentTo(1))
		})
	})

	It("closes: access and workloads go, results stay, and an extension opens it again", func(ctx SpecContext) {
		f := newFixture("ada", "bob").create(ctx)
		f.eventuallyReady(ctx, 2)
		f.passFirstTask(ctx, "ada", "one")
		ada := f.loginAs(ctx, "ada")

		f.apply(ctx, func(spec *v1beta1.WorkshopSpec) {
			spec.ClosesAt = in(-time.Second)
			spec.Attendees[1].ExtendBy = &metav1.Duration{Duration: time.Hour}
		})
		for _, name := range []string{"one", "two"} {
			f.eventuallyLab(ctx, "ada", name, func(g Gomega, lab *v1beta1.Lab) { g.Expect(lab.Status.Phase).To(Equal(v1beta1.LabAbsent)) })
		}
		Expect(ada.List(ctx, &v1beta1.LabList{}, client.InNamespace(f.attendeeNamespace("ada")))).To(MatchError(apierrors.IsUnauthorized, "unauthorized"))
		By("going on for the one who has more time")
		f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
			g.Expect(now.Status.Phase).To(Equal(v1beta1.WorkshopOpen))
			g.Expect(now.Status.Ready).To(BeEquivalentTo(1))
		})
		f.passFirstTask(ctx, "bob", "two")

		By("closing for everybody")
		f.apply(ctx, func(spec *v1beta1.WorkshopSpec) {
			spec.Attendees[1].ExtendBy = nil
			spec.Attendees = append(spec.Attendees, v1beta1.Attendee{Name: "too-late"})
		})
		f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
			g.Expect(now.Status.Phase).To(Equal(v1beta1.WorkshopClosed))
			g.Expect(condition(now, v1beta1.ConditionProvisioned)).To(ContainSubstring("extend it by spec.extendBy"))
			g.Expect(now.Status.Started).To(BeEquivalentTo(2))
			g.Expect(now.Status.Ready).To(BeZero())
		})
		Expect(f.namespaces(ctx)).To(ConsistOf(f.attendeeNamespace("ada"), f.attendeeNamespace("bob")))

		By("extending it")
		f.edit(ctx, func(spec *v1beta1.WorkshopSpec) { spec.ExtendBy = &metav1.Duration{Duration: time.Hour} })
		f.eventuallyReady(ctx, 3)
		f.eventuallyLab(ctx, "ada", "one", func(g Gomega, lab *v1beta1.Lab) {
			g.Expect(lab.Status.Phase).To(Equal(v1beta1.LabInProgress))
			g.Expect(lab.Status.TasksPassed).To(BeEquivalentTo(1))
		})
		again := f.loginAs(ctx, "ada")
		Eventually(func() error {
			return again.List(ctx, &v1beta1.LabList{}, client.InNamespace(f.attendeeNamespace("ada")))
		}).WithContext(ctx).Should(Succeed())
	})

	It("removes the namespaces after the grace period, and everything when it is deleted", func(ctx SpecContext) {
		f := newFixture("ada").create(ctx)
		f.eventuallyReady(ctx, 1)
		f.passFirstTask(ctx, "ada", "one")
		f.apply(ctx, func(spec *v1beta1.WorkshopSpec) {
			spec.ClosesAt = in(-time.Second)
			spec.TTLAfterClosed = &metav1.Duration{Duration: time.Second}
		})
		eventuallyGone(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.attendeeNamespace("ada")}})
		f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
			g.Expect(now.Status.Phase).To(Equal(v1beta1.WorkshopRemoved))
			g.Expect(now.Status.Started).To(BeEquivalentTo(1))
			g.Expect(now.Status.Summary.MedianScore).NotTo(BeEmpty())
		})
		Expect(f.result(ctx, "ada", "one")).To(HaveField("Spec.Attendee", "ada"))

		Expect(cluster.Client.Delete(ctx, f.now(ctx))).To(Succeed())
		eventuallyGone(ctx, &v1beta1.Workshop{ObjectMeta: f.workshop.ObjectMeta})
		_, err := f.result(ctx, "ada", "one")
		Expect(err).To(MatchError(apierrors.IsNotFound, "not found"))
	})

	It("leaves nothing behind when it is deleted while it is open", func(ctx SpecContext) {
		f := newFixture("ada", "bob", "cyd").create(ctx)
		f.eventuallyReady(ctx, 3)
		f.passFirstTask(ctx, "cyd", "two")
		Expect(cluster.Client.Delete(ctx, f.now(ctx))).To(Succeed())
		eventuallyGone(ctx, &v1beta1.Workshop{ObjectMeta: f.workshop.ObjectMeta})
		Expect(f.namespaces(ctx)).To(BeEmpty())
		for _, list := range []client.ObjectList{&corev1.SecretList{}, &v1beta1.LabResultList{}} {
			Expect(cluster.Client.List(ctx, list, client.InNamespace(f.workshop.Namespace))).To(Succeed())
			Expect(list).To(HaveField("Items", BeEmpty()))
		}
		labs := &v1beta1.LabList{}
		Expect(cluster.Client.List(ctx, labs, client.MatchingLabels{v1beta1.WorkshopNamespaceLabel: f.workshop.Namespace})).To(Succeed())
		Expect(labs.Items).To(BeEmpty())
	})

	It("goes with its namespace, which waits for what was made for attendees", func(ctx SpecContext) {
		f := newFixture("ada").create(ctx)
		f.eventuallyReady(ctx, 1)
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.workshop.Namespace, Finalizers: []string{"example.com/held"}}}
		Expect(cluster.Client.Patch(ctx, namespace, client.Merge)).To(Succeed())
		Expect(cluster.Client.Delete(ctx, namespace)).To(Succeed())
		// Progress that comes now has nowhere to go.
		f.passFirstTask(ctx, "ada", "one")
		Expect(cluster.Client.Delete(ctx, f.now(ctx))).To(Succeed()) // As the controller of namespaces does.
		eventuallyGone(ctx, &v1beta1.Workshop{ObjectMeta: f.workshop.ObjectMeta})
		Expect(f.namespaces(ctx)).To(BeEmpty())
		Expect(cluster.Client.Patch(ctx, namespace, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`)))).To(Succeed())
	})

	It("is idle when nothing happens, also over a restart of the operator", func(ctx SpecContext) {
		f := newFixture("ada", "bob").create(ctx)
		f.eventuallyReady(ctx, 2)
		f.loginAs(ctx, "bob")
		versions := func() map[string]string {
			all := map[string]string{}
			lists := []client.ObjectList{&v1beta1.WorkshopList{}, &v1beta1.LabList{}, &corev1.SecretList{}, &corev1.ServiceAccountList{}, &corev1.NamespaceList{}}
			for _, list := range lists {
				Expect(cluster.Client.List(ctx, list)).To(Succeed())
				for _, object := range objects(list) {
					if object.GetLabels()[v1beta1.WorkshopNamespaceLabel] == f.workshop.Namespace || object.GetNamespace() == f.workshop.Namespace {
						all[object.GetNamespace()+"/"+object.GetName()] = object.GetResourceVersion()
					}
				}
			}
			return all
		}
		Eventually(func(g Gomega) {
			before := versions()
			g.Consistently(versions).WithTimeout(time.Second).Should(Equal(before))
		}).WithContext(ctx).Should(Succeed())
		before := versions()
		restart()
		Consistently(versions).WithTimeout(3 * time.Second).Should(Equal(before))
	})
})
