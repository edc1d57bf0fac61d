package lab_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

var _ = Describe("the life of a Lab", func() {
	It("takes one apply to be worked on", func(ctx SpecContext) {
		lab := started(ctx, newCatalog(unique("topic")).create(ctx).lab())

		Expect(lab.Status.Namespace).To(Equal("lab-" + lab.Name))
		Expect(lab.Status.Exercise).To(HaveSuffix("-levels"))
		Expect(lab).To(haveCondition(v1beta1.ConditionProvisioned, metav1.ConditionTrue, v1beta1.ReasonProvisioned, lab.Status.Namespace))
		Expect(lab).To(haveCondition(v1beta1.ConditionCompleted, metav1.ConditionFalse, v1beta1.ReasonTasksOpen, ""))
		Expect(lab).To(lackCondition(v1beta1.ConditionStalled))
		Expect(lab).To(lackCondition(v1beta1.ConditionCatalogOutdated))
		Expect(lab.Status.Summary).To(Equal(v1beta1.LabSummary{Tasks: "0/3", Questions: "0/4", Score: "0%"}))
		Expect(lab.Status.Next).To(ContainSubstring("Raise the level to high"))
		Expect(lab.Status.Next).To(ContainSubstring("kubectl -n " + lab.Status.Namespace + " get"))

		namespace, err := namespaceOf(ctx, lab.Status.Namespace)
		Expect(err).NotTo(HaveOccurred())
		Expect(namespace.Labels).To(HaveKeyWithValue(v1beta1.LabUIDLabel, string(lab.UID)))
		Expect(namespace.Labels).To(HaveKeyWithValue("pod-security.kubernetes.io/enforce", "restricted"))
		for _, fence := range []client.Object{&corev1.ResourceQuota{}, &corev1.LimitRange{}, &networkingv1.NetworkPolicy{}} {
			Expect(cluster.Client.Get(ctx, client.ObjectKey{Namespace: namespace.Name, Name: "lab"}, fence)).To(Succeed())
		}
		bindings := &rbacv1.RoleBindingList{}
		Expect(cluster.Client.List(ctx, bindings, client.InNamespace(namespace.Name))).To(Succeed())
		Expect(bindings.Items).To(HaveLen(2))
		for name, data := range map[string]map[string]string{"settings": {"level": "low"}, "rules": {"rule": "be fair"}} {
			found := &corev1.ConfigMap{}
			Expect(cluster.Client.Get(ctx, client.ObjectKey{Namespace: namespace.Name, Name: name}, found)).To(Succeed())
			Expect(found.Data).To(Equal(data))
		}
		Expect(lab.Status.Revision).To(HavePrefix(lab.Status.Exercise + "-"))
		revision := &v1beta1.ExerciseRevision{}
		Expect(cluster.Client.Get(ctx, client.ObjectKey{Name: lab.Status.Revision}, revision)).To(Succeed())
		Expect(revision.Spec.Title).To(Equal("Raise a level"))
	})

	It("judges what the learner does until the lab is completed", func(ctx SpecContext) {
		c := newCatalog(unique("topic"))
		c.topic.Spec.Exercises = append(c.topic.Spec.Exercises, "the-next-one")
		lab := started(ctx, c.create(ctx).lab())
		lab = eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "raise").Observed).To(Equal("the level is low"))
		})
		open := task(lab, "raise")
		Expect(open.State).To(Equal(v1beta1.TaskPending))
		Expect(open.Expected).To(Equal("the level is high"))
		Expect(currentTask(lab).Name).To(Equal("raise"))
		Expect(currentTask(lab).Instructions).NotTo(BeEmpty())
		Expect(lab.Status.Current.Intro).To(ContainSubstring("Raise a level"))
		Expect(task(lab, "mark").State).To(Equal(v1beta1.TaskLocked))

		By("passing the first task, with its record")
		setLevel(ctx, lab, "high")
		lab = eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "raise").State).To(Equal(v1beta1.TaskPassed))
			g.Expect(task(now, "steady").State).To(Equal(v1beta1.TaskPassed))
			g.Expect(task(now, "mark").State).To(Equal(v1beta1.TaskPending))
			g.Expect(now.Status.Summary).To(Equal(v1beta1.LabSummary{Tasks: "2/3", Questions: "0/4", Score: "37%"}))
		})
		settings := &corev1.ConfigMap{}
		Expect(cluster.Client.Get(ctx, client.ObjectKey{Namespace: lab.Status.Namespace, Name: "settings"}, settings)).To(Succeed())
		Expect(task(lab, "raise").Outputs).To(Equal(map[string]string{"from": string(settings.UID)}))
		Expect(currentTask(lab).Name).To(Equal("mark"))
		Expect(currentTask(lab).Checks).To(HaveLen(2))
		Expect(lab.Status.Current.Intro).To(BeEmpty(), "the introduction is over")
		Expect(lab.Status.Next).To(ContainSubstring("Mark the work as done"))
		passedAt := task(lab, "raise").PassedAt

		By("taking back a task that has to hold until the end, and no other")
		setLevel(ctx, lab, "low")
		lab = eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "steady").State).To(Equal(v1beta1.TaskPending))
		})
		Expect(task(lab, "raise").State).To(Equal(v1beta1.TaskPassed))
		Expect(task(lab, "raise").PassedAt).To(Equal(passedAt))

		By("passing the task that has to hold for two seconds, without completing")
		setMark(ctx, lab)
		lab = eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "mark").Expected).To(Equal("this stays so for 2s"))
		})
		lab = eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "mark").State).To(Equal(v1beta1.TaskPassed))
		})
		Expect(lab.Status.Phase).To(Equal(v1beta1.LabInProgress))
		Expect(lab.Status.CompletedAt).To(BeNil())

		By("completing when all hold at the same moment")
		setLevel(ctx, lab, "high")
		lab = eventuallyCondition(ctx, lab, v1beta1.ConditionCompleted, metav1.ConditionTrue, v1beta1.ReasonAllTasksPassed, "")
		Expect(lab.Status.Phase).To(Equal(v1beta1.LabCompleted))
		Expect(lab.Status.CompletedAt).NotTo(BeNil())
		Expect(lab.Status.Summary.Tasks).To(Equal("3/3"))
		Expect(lab.Status.Next).To(ContainSubstring("a level was low"))
		Expect(lab.Status.Next).To(ContainSubstring("Question q-choice is open"))
		completedAt := lab.Status.CompletedAt

		By("staying completed whatever happens")
		setLevel(ctx, lab, "low")
		lab = eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(now.Status.Current.Task).To(BeNil())
		})
		Expect(lab.Status.Summary.Tasks).To(Equal("3/3"))
		Expect(lab.Status.CompletedAt).To(Equal(completedAt))

		By("telling of it once, in events")
		Eventually(func(g Gomega) {
			// The continuous task was passed twice, the first time at once with another.
			g.Expect(reasons(ctx, lab)).To(ConsistOf("Provisioned", "Ready", "TaskPassed", "TaskPassed", "TaskPassed", "TaskPassed", "Completed"))
		}).WithContext(ctx).Should(Succeed())
	})

	It("leaves nothing behind when it is deleted", func(ctx SpecContext) {
		lab := started(ctx, newCatalog(unique("topic")).create(ctx).lab())
		Expect(cluster.Client.Delete(ctx, lab)).To(Succeed())
		Eventually(func(g Gomega) {
			_, err := get(ctx, lab)
			g.Expect(apierrors.IsNotFound(err)).To(BeTrue(), "the Lab is there: %v", err)
		}).WithContext(ctx).Should(Succeed())
		_, err := namespaceOf(ctx, lab.Status.Namespace)
		Expect(apierrors.IsNotFound(err)).To(BeTrue(), "the namespace is there: %v", err)
	})
})

// reasons are those of the events on a Lab.
func reasons(ctx SpecContext, lab *v1beta1.Lab) []string {
	GinkgoHelper()
	found := &eventsv1.EventList{}
	Expect(cluster.Client.List(ctx, found, client.InNamespace(lab.Namespace))).To(Succeed())
	var reasons []string
	for _, event := range found.Items {
		if event.Regarding.UID == lab.UID {
			reasons = append(reasons, event.Reason)
		}
	}
	return reasons
}
