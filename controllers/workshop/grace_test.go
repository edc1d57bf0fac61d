package workshop_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/internal/roster"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// work is what an attendee has: it is lost when one of its UIDs changes.
func (f *fixture) work(ctx SpecContext, attendees ...string) map[string]types.UID {
	GinkgoHelper()
	work := map[string]types.UID{}
	for _, attendee := range attendees {
		for _, name := range []string{"one", "two"} {
			lab, err := f.lab(ctx, attendee, name)
			Expect(err).NotTo(HaveOccurred())
			Expect(lab.DeletionTimestamp).To(BeNil())
			Expect(lab.Spec.Environment).NotTo(Equal(v1beta1.EnvironmentAbsent))
			namespace := &corev1.Namespace{}
			Expect(cluster.Client.Get(ctx, client.ObjectKey{Name: lab.Status.Namespace}, namespace)).To(Succeed())
			Expect(namespace.DeletionTimestamp).To(BeNil())
			work[attendee+" "+name], work[attendee+" "+name+" namespace"] = lab.UID, namespace.UID
		}
	}
	return work
}

// waits waits until the Workshop says that an edit waits, and returns until when.
func (f *fixture) waits(ctx SpecContext, message string) metav1.Time {
	GinkgoHelper()
	var until metav1.Time
	f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
		g.Expect(condition(now, v1beta1.ConditionChangePending)).To(And(HavePrefix("True GracePeriod: "), ContainSubstring("%s", message)))
		g.Expect(now.Status.PendingChange).NotTo(BeNil())
		until = now.Status.PendingChange.AppliesAt
	})
	return until
}

var _ = Describe("an edit of a Workshop", func() {
	DescribeTable("that deletes work waits, and nothing has happened when it is undone",
		func(ctx SpecContext, change func(*v1beta1.WorkshopSpec), message string) {
			f := newFixture("ada", "bob")
			f.workshop.Spec.TTLAfterClosed = &metav1.Duration{Duration: time.Hour}
			f.create(ctx)
			f.eventuallyReady(ctx, 2)
			f.passFirstTask(ctx, "bob", "one")
			spec, work := f.now(ctx).Spec, f.work(ctx, "ada", "bob")

			f.edit(ctx, change)
			until := f.waits(ctx, message)
			Expect(until.Time).To(BeTemporally("~", time.Now().Add(10*time.Minute), 30*time.Second))
			restart()
			Consistently(func() metav1.Time { return f.waits(ctx, message) }).WithTimeout(time.Second).Should(Equal(until))
			Expect(f.work(ctx, "ada", "bob")).To(Equal(work))

			f.edit(ctx, func(now *v1beta1.WorkshopSpec) { *now = *spec.DeepCopy() })
			f.eventuallyReady(ctx, 2)
			f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
				g.Expect(condition(now, v1beta1.ConditionChangePending)).To(HavePrefix("False None"))
				g.Expect(now.Status.PendingChange).To(BeNil())
			})
			Expect(f.work(ctx, "ada", "bob")).To(Equal(work))
			Expect(f.result(ctx, "bob", "one")).To(HaveField("Spec.TasksPassed", BeEquivalentTo(1)))
			f.loginAs(ctx, "bob")
		},
		Entry("an empty roster", func(s *v1beta1.WorkshopSpec) { s.Attendees = nil }, "the labs one, two of ada; one, two of bob"),
		Entry("an attendee less", func(s *v1beta1.WorkshopSpec) { s.Attendees = s.Attendees[:1] }, "the labs one, two of bob"),
		Entry("a lab less", func(s *v1beta1.WorkshopSpec) { s.LabTemplates = s.LabTemplates[:1] }, "the labs two of ada; two of bob"),
		Entry("a close in the past", func(s *v1beta1.WorkshopSpec) { s.ClosesAt = in(-time.Minute) }, "what runs in the labs one, two of ada; one, two of bob"),
		Entry("a close so long ago that all is gone", func(s *v1beta1.WorkshopSpec) { s.ClosesAt = in(-2 * time.Hour) }, "the labs one, two of ada; one, two of bob"),
	)

	It("that deletes work is done when it is confirmed, and not by a confirmation of another edit", func(ctx SpecContext) {
		f := newFixture("ada", "bob").create(ctx)
		f.eventuallyReady(ctx, 2)
		bob := f.loginAs(ctx, "bob")
		f.confirm(ctx)
		f.edit(ctx, func(spec *v1beta1.WorkshopSpec) { spec.Attendees = spec.Attendees[:1] })
		f.waits(ctx, "the labs one, two of bob")

		By("ending the access at once")
		Eventually(func() error {
			return bob.List(ctx, &v1beta1.LabList{}, client.InNamespace(f.attendeeNamespace("bob")))
		}).WithContext(ctx).
			Should(MatchError(apierrors.IsUnauthorized, "unauthorized"))
		f.work(ctx, "bob")

		f.confirm(ctx)
		eventuallyGone(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.attendeeNamespace("bob")}})
		f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
			g.Expect(condition(now, v1beta1.ConditionChangePending)).To(HavePrefix("False None"))
		})
		f.work(ctx, "ada")
	})

	It("of a template's size resizes its Labs, and takes no answer away", func(ctx SpecContext) {
		f := newFixture("ada").create(ctx)
		f.eventuallyReady(ctx, 1)
		f.passFirstTask(ctx, "ada", "one")
		f.answer(ctx, "ada", "one", 1, v1beta1.QuestionRight)
		before, err := f.lab(ctx, "ada", "one")
		Expect(err).NotTo(HaveOccurred())
		f.edit(ctx, func(spec *v1beta1.WorkshopSpec) { spec.LabTemplates[0].Spec.Size = v1beta1.SizeLarge })
		after := f.eventuallyLab(ctx, "ada", "one", func(g Gomega, lab *v1beta1.Lab) { g.Expect(lab.Spec.Size).To(Equal(v1beta1.SizeLarge)) })
		Expect(after.UID).To(Equal(before.UID))
		Expect(after.Spec.Answers).To(Equal(before.Spec.Answers))
		Expect(f.lab(ctx, "ada", "two")).To(HaveField("Spec.Size", v1beta1.SizeSmall))
		Expect(condition(f.now(ctx), v1beta1.ConditionChangePending)).To(HavePrefix("False None"))
	})

	It("that means the same changes nothing", func(ctx SpecContext) {
		f := newFixture("ada").create(ctx)
		f.eventuallyReady(ctx, 1)
		work := f.work(ctx, "ada")
		before := f.now(ctx)
		f.edit(ctx, func(spec *v1beta1.WorkshopSpec) {
			spec.LabTemplates[0].Spec.Exercise, spec.LabTemplates[1].Spec.Exercise = f.exercise.Name, ""
			spec.LabTemplates[0].Spec.Size, spec.LabTemplates[0].Spec.Environment = "", ""
			spec.OnClose.Environments = v1beta1.EnvironmentAbsent
			spec.OpensAt = before.CreationTimestamp.DeepCopy()
			spec.ExtendBy, spec.Attendees[0].ExtendBy = &metav1.Duration{}, &metav1.Duration{}
			spec.Attendees[0].DisplayName = "ada"
		})
		f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
			g.Expect(now.Generation).To(BeNumerically(">", before.Generation))
			g.Expect(condition(now, v1beta1.ConditionChangePending)).To(HavePrefix("False None"))
		})
		Consistently(func() map[string]types.UID { return f.work(ctx, "ada") }).WithTimeout(time.Second).Should(Equal(work))
	})
})

// crooked is a clock that is wrong by a time.
type crooked struct {
	clock.RealClock
	ahead time.Duration
}

func (c crooked) Now() time.Time                   { return c.RealClock.Now().Add(c.ahead) }
func (c crooked) Since(ts time.Time) time.Duration { return c.Now().Sub(ts) }

// rerun replaces the operator by one with other options, until the test ends.
func rerun(options operator.Options) {
	GinkgoHelper()
	Expect(running.Stop()).To(Succeed())
	var err error
	running, err = testenv.RunOperator(testenv.Impersonate(cluster.Config, testenv.OperatorAccount), options)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(restart)
}

var _ = Describe("a Workshop and an operator", func() {
	It("whose clock is a day ahead loses nothing, and says so", func(ctx SpecContext) {
		f := newFixture("ada")
		f.workshop.Spec.TTLAfterClosed = &metav1.Duration{Duration: time.Hour}
		f.create(ctx)
		f.eventuallyReady(ctx, 1)
		ada, work := f.loginAs(ctx, "ada"), f.work(ctx, "ada")
		rerun(operator.Options{Clock: crooked{ahead: 24 * time.Hour}})
		f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
			g.Expect(condition(now, v1beta1.ConditionStalled)).To(HavePrefix(
				"True ClockSkew: The operator's clock is 24h0m0s ahead of the API server's. Nothing is closed or deleted before both clocks say so"))
			g.Expect(now.Status.Phase).To(Equal(v1beta1.WorkshopOpen))
		})
		Consistently(func() map[string]types.UID { return f.work(ctx, "ada") }).WithTimeout(time.Second).Should(Equal(work))
		Expect(ada.List(ctx, &v1beta1.LabList{}, client.InNamespace(f.attendeeNamespace("ada")))).To(Succeed())
	})

	It("that allows fewer attendees gives nobody labs, and says so", func(ctx SpecContext) {
		rerun(operator.Options{MaxAttendees: 1})
		f := newFixture("ada", "bob").create(ctx)
		f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
			g.Expect(condition(now, v1beta1.ConditionStalled)).To(HavePrefix("True TooManyAttendees: The roster has 2 attendees, and the operator allows 1"))
		})
		Expect(f.namespaces(ctx)).To(BeEmpty())
		f.apply(ctx, func(spec *v1beta1.WorkshopSpec) { spec.Attendees = spec.Attendees[:1] })
		f.eventuallyReady(ctx, 1)
	})

	It("that finds it restored with another UID takes everything over, and leaves nothing behind", func(ctx SpecContext) {
		f := newFixture("ada", "bob").create(ctx)
		f.eventuallyReady(ctx, 2)
		f.loginAs(ctx, "ada")
		f.passFirstTask(ctx, "ada", "one")
		work := f.work(ctx, "ada")

		By("losing the Workshop and its Secrets, and restoring it without bob")
		Expect(running.Stop()).To(Succeed())
		old := f.now(ctx)
		Expect(cluster.Client.Patch(ctx, old, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`)))).To(Succeed())
		Expect(cluster.Client.Delete(ctx, old)).To(Succeed())
		Expect(cluster.Client.DeleteAllOf(ctx, &corev1.Secret{}, client.InNamespace(f.workshop.Namespace))).To(Succeed())
		f.workshop.ResourceVersion, f.workshop.UID = "", ""
		f.workshop.Spec.Attendees = f.workshop.Spec.Attendees[:1]
		Expect(cluster.Client.Create(ctx, f.workshop)).To(Succeed())
		running = startOperator()

		f.loginAs(ctx, "ada")
		f.eventuallyReady(ctx, 1)
		Expect(f.work(ctx, "ada")).To(Equal(work))
		Expect(f.result(ctx, "ada", "one")).To(HaveField("Spec.TasksPassed", BeEquivalentTo(1)))
		f.waits(ctx, "the labs one, two of bob")
		f.confirm(ctx)
		eventuallyGone(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.attendeeNamespace("bob")}})

		Expect(cluster.Client.Delete(ctx, f.now(ctx))).To(Succeed())
		eventuallyGone(ctx, &v1beta1.Workshop{ObjectMeta: f.workshop.ObjectMeta})
		Expect(f.namespaces(ctx)).To(BeEmpty())
	})

	It("that is asked to delete it names what does not go", func(ctx SpecContext) {
		f := newFixture("ada").create(ctx)
		f.eventuallyReady(ctx, 1)
		held := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.attendeeNamespace("ada"), Finalizers: []string{"example.com/held"}}}
		Expect(cluster.Client.Patch(ctx, held, client.Merge)).To(Succeed())
		lab, err := f.lab(ctx, "ada", "two")
		Expect(err).NotTo(HaveOccurred())
		free := client.MergeFrom(lab.DeepCopy())
		lab.Finalizers = append(lab.Finalizers, "example.com/held")
		Expect(cluster.Client.Patch(ctx, lab, free)).To(Succeed())

		// So nobody has to wait until it has taken long.
		rerun(operator.Options{Clock: crooked{ahead: time.Minute}})
		Expect(cluster.Client.Delete(ctx, f.now(ctx))).To(Succeed())
		Eventually(func() string { return condition(f.now(ctx), v1beta1.ConditionDeleting) }).WithContext(ctx).
			Should(HavePrefix("True RemovalBlocked: Some of what was made for attendees does not go: lab two of ada: "))
		Expect(cluster.Client.Patch(ctx, lab, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`)))).To(Succeed())
		Eventually(func() string { return condition(f.now(ctx), v1beta1.ConditionDeleting) }).WithContext(ctx).
			Should(ContainSubstring("namespace " + f.attendeeNamespace("ada") + ": "))
		Expect(cluster.Client.Patch(ctx, held, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`)))).To(Succeed())
		eventuallyGone(ctx, &v1beta1.Workshop{ObjectMeta: f.workshop.ObjectMeta})
	})

	It("goes whatever a learner writes into annotations", func(ctx SpecContext) {
		f := newFixture("Grace Hopper").create(ctx)
		f.eventuallyReady(ctx, 1)
		f.passFirstTask(ctx, "Grace Hopper", "one")
		grace := f.loginAs(ctx, "Grace Hopper")
		long := make([]byte, 40000)
		for i := range long {
			long[i] = 'x'
		}
		for _, name := range []string{"Ada", "", "\x1b[31m", string(long)} {
			lab, err := f.lab(ctx, "Grace Hopper", "one")
			Expect(err).NotTo(HaveOccurred())
			before := client.MergeFrom(lab.DeepCopy())
			metav1.SetMetaDataAnnotation(&lab.ObjectMeta, v1beta1.AttendeeAnnotation, name)
			Expect(grace.Patch(ctx, lab, before)).To(Succeed())
		}
		lab, err := f.lab(ctx, "Grace Hopper", "one")
		Expect(err).NotTo(HaveOccurred())
		seat, seated := roster.SeatOf(lab)
		Expect(seated).To(BeTrue())
		Expect(seat.Handle).To(Equal(roster.Handle("Grace Hopper")))
		Expect(cluster.Client.Delete(ctx, f.now(ctx))).To(Succeed())
		eventuallyGone(ctx, &v1beta1.Workshop{ObjectMeta: f.workshop.ObjectMeta})
		Expect(f.namespaces(ctx)).To(BeEmpty())
	})
})

var _ = Describe("a namespace of an attendee who is not known", func() {
	// leftover is a namespace as an earlier operator made it, under a name that is not derived now.
	leftover := func(ctx SpecContext, f *fixture) *corev1.Namespace {
		GinkgoHelper()
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "ws-" + f.workshop.Namespace + "-old", Labels: map[string]string{
			v1beta1.WorkshopUIDLabel: string(f.workshop.UID), v1beta1.WorkshopLabel: f.workshop.Name,
			v1beta1.WorkshopNamespaceLabel: f.workshop.Namespace, v1beta1.AttendeeLabel: "old",
		}}}
		made, err := client.New(testenv.Impersonate(cluster.Config, testenv.OperatorAccount), client.Options{Scheme: cluster.Client.Scheme()})
		Expect(err).NotTo(HaveOccurred())
		Expect(made.Create(ctx, namespace)).To(Succeed())
		return namespace
	}

	It("stays while a Lab is in it, and goes with the Workshop", func(ctx SpecContext) {
		f := newFixture("ada").create(ctx)
		f.eventuallyReady(ctx, 1)
		namespace := leftover(ctx, f)
		lab := &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Namespace: namespace.Name, Name: "one"}, Spec: v1beta1.LabSpec{Topic: f.topic.Name}}
		Expect(cluster.Client.Create(ctx, lab)).To(Succeed())
		f.edit(ctx, func(spec *v1beta1.WorkshopSpec) {
			spec.Attendees = append(spec.Attendees, v1beta1.Attendee{Name: "bob"})
		})
		f.eventuallyReady(ctx, 2)
		restart()
		Consistently(func() *metav1.Time {
			Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(namespace), namespace)).To(Succeed())
			return namespace.DeletionTimestamp
		}).WithTimeout(time.Second).Should(BeNil())
		Expect(cluster.Client.Delete(ctx, f.now(ctx))).To(Succeed())
		eventuallyGone(ctx, &v1beta1.Workshop{ObjectMeta: f.workshop.ObjectMeta})
		eventuallyGone(ctx, namespace)
	})
})
