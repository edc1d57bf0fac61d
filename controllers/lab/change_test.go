package lab_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

var _ = Describe("a Lab whose ground moves", func() {
	var (
		c   *catalog
		lab *v1beta1.Lab
	)

	// A lab in which something has been reached.
	BeforeEach(func(ctx SpecContext) {
		c = newCatalog(unique("topic")).create(ctx)
		lab = raised(ctx, c.lab())
	})

	// goesOn expects that nothing was lost, and completes the lab by what it was started from.
	goesOn := func(ctx context.Context) {
		GinkgoHelper()
		now, err := get(ctx, lab)
		Expect(err).NotTo(HaveOccurred())
		Expect(task(now, "raise")).To(Equal(task(lab, "raise")))
		Expect(now.Status.Phase).To(Equal(v1beta1.LabInProgress))
		setMark(ctx, lab)
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(now.Status.Phase).To(Equal(v1beta1.LabCompleted))
			g.Expect(now.Status.Summary.Tasks).To(Equal("3/3"))
		})
	}

	edit := func(ctx context.Context) {
		GinkgoHelper()
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(c.exercise), c.exercise)).To(Succeed())
		c.exercise.Spec.Tasks[1].Checks[0].Expression = "marks.size() == 7"
		c.exercise.Spec.Tasks[1].Title = "Mark it seven times"
		Expect(cluster.Client.Update(ctx, c.exercise)).To(Succeed())
	}

	It("goes on when the exercise is changed, and takes the change with a fresh environment", func(ctx SpecContext) {
		edit(ctx)
		now := eventuallyCondition(ctx, lab, v1beta1.ConditionCatalogOutdated, metav1.ConditionTrue, v1beta1.ReasonCatalogChanged,
			"set spec.environment to Absent, then to Present")
		Expect(currentTask(now).Title).To(Equal("Mark the work as done"))

		setEnvironment(ctx, lab, v1beta1.EnvironmentAbsent)
		setEnvironment(ctx, lab, v1beta1.EnvironmentPresent)
		now = eventuallyInProgress(ctx, lab)
		Expect(now).To(lackCondition(v1beta1.ConditionCatalogOutdated))
		Expect(currentTask(now).Title).To(Equal("Mark it seven times"))
		Expect(task(now, "raise").PassedAt).To(Equal(task(lab, "raise").PassedAt))
	})

	It("is completed by what it was started from when the exercise is changed and the operator restarted", func(ctx SpecContext) {
		edit(ctx)
		eventuallyCondition(ctx, lab, v1beta1.ConditionCatalogOutdated, metav1.ConditionTrue, v1beta1.ReasonCatalogChanged, "")
		restart()
		goesOn(ctx)
	})

	It("goes on when the exercise is made unusable", func(ctx SpecContext) {
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(c.exercise), c.exercise)).To(Succeed())
		c.exercise.Spec.Tasks[1].Checks[0].Expression = "nonsense("
		Expect(cluster.Client.Update(ctx, c.exercise)).To(Succeed())
		eventuallyCondition(ctx, lab, v1beta1.ConditionCatalogOutdated, metav1.ConditionTrue, v1beta1.ReasonCatalogChanged, "This lab goes on with what it was started from")
		goesOn(ctx)
	})

	It("goes on when the exercise is deleted", func(ctx SpecContext) {
		Expect(cluster.Client.Delete(ctx, c.exercise)).To(Succeed())
		now := eventuallyCondition(ctx, lab, v1beta1.ConditionCatalogOutdated, metav1.ConditionTrue, v1beta1.ReasonCatalogDeleted, "This lab goes on with what it was started from")
		Expect(now).To(lackCondition(v1beta1.ConditionStalled))
		goesOn(ctx)
	})

	It("goes on when the topic is changed", func(ctx SpecContext) {
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(c.topic), c.topic)).To(Succeed())
		c.topic.Spec.Questions[1].Prompt = "Asked anew?"
		Expect(cluster.Client.Update(ctx, c.topic)).To(Succeed())
		now := eventuallyCondition(ctx, lab, v1beta1.ConditionCatalogOutdated, metav1.ConditionTrue, v1beta1.ReasonCatalogChanged, "")
		now = answer(ctx, now, "q-number", intstr.FromString("many"))
		Expect(current(now).Prompt).To(Equal("What is q-number?"))
		goesOn(ctx)
	})

	It("goes on when topic, exercise and key are deleted and the operator restarted", func(ctx SpecContext) {
		for _, gone := range []client.Object{c.topic, c.exercise, c.key} {
			Expect(cluster.Client.Delete(ctx, gone)).To(Succeed())
		}
		eventuallyCondition(ctx, lab, v1beta1.ConditionCatalogOutdated, metav1.ConditionTrue, v1beta1.ReasonCatalogDeleted, "there is no Topic")
		restart()
		goesOn(ctx)
	})

	It("says so when what it was started from is lost, keeps what was reached, and comes back afresh", func(ctx SpecContext) {
		edit(ctx)
		eventuallyCondition(ctx, lab, v1beta1.ConditionCatalogOutdated, metav1.ConditionTrue, v1beta1.ReasonCatalogChanged, "")
		stop(running)
		Expect(cluster.Client.Delete(ctx, pinOf(ctx, lab))).To(Succeed())
		Expect(cluster.Client.Delete(ctx, &v1beta1.ExerciseRevision{ObjectMeta: metav1.ObjectMeta{Name: lab.Status.Revision}})).To(Succeed())
		running = startOperator()
		now := eventuallyCondition(ctx, lab, v1beta1.ConditionStalled, metav1.ConditionTrue, v1beta1.ReasonRevisionLost, "set spec.environment to Absent, then to Present")
		Expect(task(now, "raise")).To(Equal(task(lab, "raise")))
		Expect(now.Status.Next).To(ContainSubstring("set spec.environment to Absent"))

		setEnvironment(ctx, lab, v1beta1.EnvironmentAbsent)
		Eventually(func(g Gomega) {
			_, err := namespaceOf(ctx, lab.Status.Namespace)
			g.Expect(apierrors.IsNotFound(err)).To(BeTrue(), "the namespace is there: %v", err)
		}).WithContext(ctx).Should(Succeed())
		setEnvironment(ctx, lab, v1beta1.EnvironmentPresent)
		now = eventuallyInProgress(ctx, lab)
		Expect(now).To(lackCondition(v1beta1.ConditionStalled))
		Expect(task(now, "raise").PassedAt).To(Equal(task(lab, "raise").PassedAt))
	})

	It("goes on when what it was started from is lost while the catalog still has it", func(ctx SpecContext) {
		stop(running)
		pin := pinOf(ctx, lab)
		Expect(cluster.Client.Delete(ctx, pin)).To(Succeed())
		Expect(cluster.Client.Delete(ctx, &v1beta1.ExerciseRevision{ObjectMeta: metav1.ObjectMeta{Name: lab.Status.Revision}})).To(Succeed())
		running = startOperator()
		goesOn(ctx)
		Eventually(func(g Gomega) {
			g.Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(pin), pin)).To(Succeed(), "it is not kept again")
		}).WithContext(ctx).Should(Succeed())
	})

	It("goes on when what learners read of its revision is lost and the catalog has other content", func(ctx SpecContext) {
		edit(ctx)
		eventuallyCondition(ctx, lab, v1beta1.ConditionCatalogOutdated, metav1.ConditionTrue, v1beta1.ReasonCatalogChanged, "")
		stop(running)
		revision := &v1beta1.ExerciseRevision{ObjectMeta: metav1.ObjectMeta{Name: lab.Status.Revision}}
		Expect(cluster.Client.Delete(ctx, revision)).To(Succeed())
		running = startOperator()
		goesOn(ctx)
		Eventually(func() error {
			return cluster.Client.Get(ctx, client.ObjectKeyFromObject(revision), revision)
		}).WithContext(ctx).Should(Succeed())
	})

	DescribeTable("stalls on a pin that it cannot be judged by, keeps what was reached, and goes on when the right one is back",
		func(ctx SpecContext, old, changed, reason, message string) {
			stop(running)
			pin := pinOf(ctx, lab)
			kept := string(pin.Data.Raw)
			replacePin(ctx, pin, old, changed)
			running = startOperator()
			now := eventuallyCondition(ctx, lab, v1beta1.ConditionStalled, metav1.ConditionTrue, reason, message)
			Expect(now.Status.Phase).To(Equal(v1beta1.LabInProgress))
			Expect(task(now, "raise")).To(Equal(task(lab, "raise")))
			_, err := namespaceOf(ctx, lab.Status.Namespace)
			Expect(err).NotTo(HaveOccurred())

			// The operator makes another one, as the catalog still has the content.
			Expect(cluster.Client.Delete(ctx, pin)).To(Succeed())
			Eventually(func(g Gomega) {
				g.Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(pin), pin)).To(Succeed())
				g.Expect(pin.Data.Raw).To(MatchJSON(kept))
			}).WithContext(ctx).Should(Succeed())
			answer(ctx, lab, "q-number", intstr.FromInt32(300)) // wakes the lab
			goesOn(ctx)
		},
		Entry("with other content", `"Raise a level"`, `"Raze a level"`, v1beta1.ReasonRevisionAltered, "is not what its name says"),
		Entry("in another format", "pin.lab-operator.dev/v1", "pin.lab-operator.dev/v2", v1beta1.ReasonRevisionUnsupported,
			"Install the version of the operator that wrote it, or a later one"),
		Entry("in another language", `"language":"1.`, `"language":"1.9`, v1beta1.ReasonRevisionUnsupported,
			"Install the version of the operator that wrote it, or a later one"),
	)

	It("is not outdated by an edit that is taken back", func(ctx SpecContext) {
		edit(ctx)
		eventuallyCondition(ctx, lab, v1beta1.ConditionCatalogOutdated, metav1.ConditionTrue, v1beta1.ReasonCatalogChanged, "")
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(c.exercise), c.exercise)).To(Succeed())
		c.exercise.Spec.Tasks[1].Checks[0].Expression = "marks.size() == 1"
		c.exercise.Spec.Tasks[1].Title = "Mark the work as done"
		Expect(cluster.Client.Update(ctx, c.exercise)).To(Succeed())
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) { g.Expect(now).To(lackCondition(v1beta1.ConditionCatalogOutdated)) })
	})

	It("shares its revision with the next lab", func(ctx SpecContext) {
		Expect(started(ctx, c.lab()).Status.Revision).To(Equal(lab.Status.Revision))
	})
})

var _ = Describe("a Lab that requires an API", func() {
	const help = "install the thing server"

	// requiring is a catalog whose exercise requires an API of its own group.
	requiring := func(group string) *catalog {
		c := newCatalog(unique("topic"))
		c.exercise.Spec.Requires = []v1beta1.Requirement{{API: group + "/v1beta1", Remedy: help}}
		return c
	}

	It("says how to get it, and is ready when it is there", func(ctx SpecContext) {
		group := unique("things") + ".example.com"
		lab := requiring(group).create(ctx).lab()
		create(ctx, lab)
		now := eventuallyCondition(ctx, lab, v1beta1.ConditionReady, metav1.ConditionFalse, v1beta1.ReasonRequirementMissing,
			"The cluster does not serve "+group+"/v1beta1: "+help)
		Expect(now).To(lackCondition(v1beta1.ConditionStalled))
		Expect(now).To(haveCondition(v1beta1.ConditionProvisioned, metav1.ConditionTrue, v1beta1.ReasonProvisioned, ""))
		Expect(now.Status.Next).To(ContainSubstring(help))

		create(ctx, apiService(group))
		eventuallyInProgress(ctx, lab)
	})

	It("is not ready while the API is gone or out of order, and loses nothing", func(ctx SpecContext) {
		group := unique("things") + ".example.com"
		service := apiService(group)
		create(ctx, service)
		lab := raised(ctx, requiring(group).create(ctx).lab())

		By("pointing the API at a service that is not there, as when metrics-server is down")
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(service), service)).To(Succeed())
		Expect(unstructured.SetNestedMap(service.Object, map[string]any{"name": "none", "namespace": "default"}, "spec", "service")).To(Succeed())
		Expect(unstructured.SetNestedField(service.Object, true, "spec", "insecureSkipTLSVerify")).To(Succeed())
		Expect(cluster.Client.Update(ctx, service)).To(Succeed())
		now := eventuallyCondition(ctx, lab, v1beta1.ConditionReady, metav1.ConditionFalse, v1beta1.ReasonRequirementMissing,
			group+"/v1beta1 is installed in the cluster and does not answer: ")
		Expect(now.Status.Phase).To(Equal(v1beta1.LabInProgress))
		Expect(task(now, "raise")).To(Equal(task(lab, "raise")))

		By("deleting it")
		Expect(cluster.Client.Delete(ctx, service)).To(Succeed())
		setLevel(ctx, lab, "low")
		now = eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "steady").State).To(Equal(v1beta1.TaskPending))
		})
		Expect(now).To(haveCondition(v1beta1.ConditionReady, metav1.ConditionFalse, v1beta1.ReasonRequirementMissing, help))
		Expect(task(now, "raise")).To(Equal(task(lab, "raise")))

		By("bringing it back")
		create(ctx, apiService(group))
		eventuallyInProgress(ctx, lab)
	})
})

// raised is a Lab in which the first task has been passed.
func raised(ctx context.Context, lab *v1beta1.Lab) *v1beta1.Lab {
	GinkgoHelper()
	lab = started(ctx, lab)
	setLevel(ctx, lab, "high")
	return eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
		g.Expect(task(now, "raise").State).To(Equal(v1beta1.TaskPassed))
		g.Expect(task(now, "steady").State).To(Equal(v1beta1.TaskPassed))
	})
}

// apiService registers a group with the API server itself, which says at once that it is available.
func apiService(group string) *unstructured.Unstructured {
	service := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
		"metadata": map[string]any{"name": "v1beta1." + group},
		"spec": map[string]any{
			"group": group, "version": "v1beta1", "groupPriorityMinimum": int64(100), "versionPriority": int64(100),
		},
	}}
	return service
}
