package lab_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

var _ = Describe("a Lab on a catalog that it cannot be started from", func() {
	// refused expects a Lab that says why it is not started, in every place where a learner may look.
	refused := func(ctx context.Context, lab *v1beta1.Lab, reason, message string) {
		GinkgoHelper()
		now := eventuallyCondition(ctx, lab, v1beta1.ConditionStalled, metav1.ConditionTrue, reason, message)
		Expect(now).To(haveCondition(v1beta1.ConditionProvisioned, metav1.ConditionFalse, reason, message))
		Expect(now).To(haveCondition(v1beta1.ConditionReady, metav1.ConditionFalse, reason, message))
		Expect(now.Status.Phase).To(Equal(v1beta1.LabPending))
		Expect(now.Status.Next).To(ContainSubstring("%s", message))
		Expect(now.Status.Revision).To(BeEmpty())
		_, err := namespaceOf(ctx, now.Status.Namespace)
		Expect(apierrors.IsNotFound(err)).To(BeTrue(), "there is a namespace: %v", err)
	}

	It("names the topics there are to look at, and starts when the topic comes", func(ctx SpecContext) {
		c := newCatalog(unique("topic"))
		lab := c.lab()
		create(ctx, lab)
		refused(ctx, lab, v1beta1.ReasonTopicNotFound, "there is no Topic "+c.topic.Name+": kubectl get topics lists those there are")
		c.create(ctx)
		eventuallyInProgress(ctx, lab)
	})

	It("says that the exercise is missing, and starts when it comes", func(ctx SpecContext) {
		c := newCatalog(unique("topic"))
		exercise := c.exercise
		c.exercise = nil
		c.create(ctx)
		lab := c.lab()
		create(ctx, lab)
		refused(ctx, lab, v1beta1.ReasonExerciseNotFound, "there is no Exercise of that name: add it, or choose another")
		create(ctx, exercise)
		eventuallyInProgress(ctx, lab)
	})

	It("names the exercises of the topic to one who asks for another", func(ctx SpecContext) {
		c, other := newCatalog(unique("topic")).create(ctx), newCatalog(unique("topic")).create(ctx)
		lab := c.lab()
		lab.Spec.Exercise = other.exercise.Name
		create(ctx, lab)
		refused(ctx, lab, v1beta1.ReasonExerciseNotInTopic, "it lists "+c.exercise.Name+"; choose one of them")
	})

	It("asks for the key of the questions", func(ctx SpecContext) {
		c := newCatalog(unique("topic"))
		key := c.key
		c.key = nil
		c.create(ctx)
		lab := c.lab()
		create(ctx, lab)
		refused(ctx, lab, v1beta1.ReasonInvalidTopic, "there is no AnswerKey "+c.topic.Name+" in the operator's namespace: add it there")
		create(ctx, key)
		eventuallyInProgress(ctx, lab)
	})

	DescribeTable("says what to correct in a setup",
		func(ctx SpecContext, object map[string]any, message string) {
			c := newCatalog(unique("topic"))
			c.exercise.Spec.Setup = append(c.exercise.Spec.Setup, raw(object))
			c.create(ctx)
			lab := c.lab()
			create(ctx, lab)
			refused(ctx, lab, v1beta1.ReasonInvalidExercise, "spec.setup[2]"+message)
			eventuallyRejected(ctx, c.exercise, "spec.setup[2]"+message)
		},
		Entry("of an object of the whole cluster", object("scheduling.k8s.io/v1", "PriorityClass", nil),
			": PriorityClass extra would be an object of the whole cluster: a setup has objects of the lab's namespace only"),
		Entry("of an object of the whole cluster that names a namespace", object("scheduling.k8s.io/v1", "PriorityClass", map[string]any{"namespace": "default"}),
			".metadata.namespace: name no namespace"),
		Entry("of an unknown kind", object("example.com/v1", "Widget", nil),
			": the cluster does not have the kind Widget of example.com/v1: correct apiVersion and kind, or name the API under spec.requires"),
		Entry("of an unknown version", object("apps/v9", "Deployment", nil),
			": the cluster does not have the kind Deployment of apps/v9: correct apiVersion and kind"),
		Entry("in another namespace", object("v1", "ConfigMap", map[string]any{"namespace": "kube-system"}),
			".metadata.namespace: name no namespace: the object goes into the lab's"),
		Entry("with owners", object("v1", "ConfigMap", map[string]any{"ownerReferences": []any{map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "name": "rules", "uid": "1"}}}),
			".metadata.ownerReferences: leave ownerReferences out: the lab owns its objects"),
		Entry("with finalizers", object("v1", "ConfigMap", map[string]any{"finalizers": []any{"example.com/keep"}}),
			".metadata.finalizers: leave finalizers out: they would keep the lab from being deleted"),
		Entry("of a kind of RBAC", object("rbac.authorization.k8s.io/v1", "RoleBinding", nil),
			": RoleBinding is not accepted in a setup: the operator gives learners their rights"),
	)

	DescribeTable("says what to correct in an expression",
		func(ctx SpecContext, expression, message string) {
			c := newCatalog(unique("topic"))
			c.exercise.Spec.Tasks[0].Checks[0].Expression = expression
			c.create(ctx)
			lab := c.lab()
			create(ctx, lab)
			const field = "spec.tasks[0].checks[0].expression: "
			refused(ctx, lab, v1beta1.ReasonInvalidExercise, field+message)
			eventuallyRejected(ctx, c.exercise, field+message)

			By("starting when it is corrected")
			Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(c.exercise), c.exercise)).To(Succeed())
			c.exercise.Spec.Tasks[0].Checks[0].Expression = "settings.data.level == 'high'"
			Expect(cluster.Client.Update(ctx, c.exercise)).To(Succeed())
			eventuallyInProgress(ctx, lab)
		},
		Entry("that does not compile", "setings.data.level == 'high'", "does not compile: setings is neither evidence nor a function: there is marks, settings"),
		Entry("that returns no bool", "settings.data.level + '!'", "returns string: it must return a bool"),
		Entry("that costs too much", "lists.range(2000).all(a, lists.range(2000).all(b, a + b >= 0))", "costs too much even on a handful of small objects: use fewer nested macros or shorter lists"),
	)

	It("says what the API server refuses, and keeps trying", func(ctx SpecContext) {
		c := newCatalog(unique("topic"))
		c.exercise.Spec.Setup = append(c.exercise.Spec.Setup, raw(map[string]any{
			"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "extra"},
			"spec": map[string]any{"ports": []any{map[string]any{"port": 99999}}},
		}))
		lab := c.create(ctx).lab()
		create(ctx, lab)
		now := eventuallyCondition(ctx, lab, v1beta1.ConditionStalled, metav1.ConditionTrue, v1beta1.ReasonSetupRefused, "Correct the exercise, then start a fresh environment")
		Expect(now).To(haveCondition(v1beta1.ConditionStalled, metav1.ConditionTrue, v1beta1.ReasonSetupRefused, "set up Service extra"))
		Expect(now.Status.Phase).To(Equal(v1beta1.LabProvisioning))

		By("starting when it is corrected")
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(c.exercise), c.exercise)).To(Succeed())
		c.exercise.Spec.Setup = c.exercise.Spec.Setup[:2]
		Expect(cluster.Client.Update(ctx, c.exercise)).To(Succeed())
		eventuallyInProgress(ctx, lab)
	})

	It("leaves a namespace alone that has the lab's name, and starts when it is out of the way", func(ctx SpecContext) {
		lab := newCatalog(unique("topic")).create(ctx).lab()
		foreign := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "lab-" + lab.Name}}
		Expect(cluster.Client.Create(ctx, foreign)).To(Succeed())
		create(ctx, lab)
		now := eventuallyCondition(ctx, lab, v1beta1.ConditionProvisioned, metav1.ConditionFalse, v1beta1.ReasonNamespaceTaken,
			"Delete it, or delete this lab and give the new one another name")
		Expect(now.Status.Phase).To(Equal(v1beta1.LabPending))
		Expect(now.Status.Next).To(ContainSubstring("does not belong to this lab"))
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(foreign), foreign)).To(Succeed())
		Expect(foreign.Labels).NotTo(HaveKey(v1beta1.LabUIDLabel))

		Expect(cluster.Client.Delete(ctx, foreign)).To(Succeed())
		eventuallyInProgress(ctx, lab)
	})

	It("leaves a namespace alone that has the lab's name, also when the lab is deleted", func(ctx SpecContext) {
		lab := newCatalog(unique("topic")).create(ctx).lab()
		foreign := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "lab-" + lab.Name}}
		create(ctx, foreign)
		create(ctx, lab)
		eventuallyCondition(ctx, lab, v1beta1.ConditionProvisioned, metav1.ConditionFalse, v1beta1.ReasonNamespaceTaken, "")
		Expect(cluster.Client.Delete(ctx, lab)).To(Succeed())
		Eventually(func(g Gomega) {
			_, err := get(ctx, lab)
			g.Expect(apierrors.IsNotFound(err)).To(BeTrue(), "the Lab is there: %v", err)
		}).WithContext(ctx).Should(Succeed())
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(foreign), foreign)).To(Succeed())
		Expect(foreign.DeletionTimestamp).To(BeNil())
	})
})

// object is one of a setup, with more in its metadata.
func object(apiVersion, kind string, metadata map[string]any) map[string]any {
	all := map[string]any{"name": "extra"}
	for key, value := range metadata {
		all[key] = value
	}
	content := map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": all}
	return runtime.DeepCopyJSON(content)
}

// eventuallyRejected waits until an Exercise tells its author what to correct.
func eventuallyRejected(ctx context.Context, exercise *v1beta1.Exercise, message string) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		now := &v1beta1.Exercise{}
		g.Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(exercise), now)).To(Succeed())
		accepted := meta.FindStatusCondition(now.Status.Conditions, v1beta1.ConditionAccepted)
		g.Expect(accepted).NotTo(BeNil())
		g.Expect(accepted.Status).To(Equal(metav1.ConditionFalse))
		g.Expect(accepted.Reason).To(Equal(v1beta1.ReasonInvalidExercise))
		g.Expect(accepted.Message).To(ContainSubstring("%s", message))
	}).WithContext(ctx).Should(Succeed())
}
