package lab_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

var _ = Describe("the environment of a Lab", func() {
	var lab *v1beta1.Lab

	// A lab in which something has been reached.
	BeforeEach(func(ctx SpecContext) {
		lab = started(ctx, newCatalog(unique("topic")).create(ctx).lab())
		setLevel(ctx, lab, "high")
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "raise").State).To(Equal(v1beta1.TaskPassed))
		})
		lab = answer(ctx, lab, "q-number", intstr.FromInt32(299))
		lab = answer(ctx, lab, "q-number", intstr.FromInt32(300))
		Expect(answered(lab, "q-number").State).To(Equal(v1beta1.QuestionRight))
	})

	// keeps tells whether a Lab still has what was reached before.
	keeps := func(g Gomega, now *v1beta1.Lab) {
		GinkgoHelper()
		g.Expect(task(now, "raise").State).To(Equal(v1beta1.TaskPassed))
		g.Expect(task(now, "raise").PassedAt).To(Equal(task(lab, "raise").PassedAt))
		g.Expect(task(now, "raise").Outputs).To(Equal(task(lab, "raise").Outputs))
		g.Expect(answered(now, "q-number").State).To(Equal(v1beta1.QuestionRight))
		g.Expect(answered(now, "q-number").Attempts).To(Equal([]string{"299"}))
		g.Expect(now.Status.StartedAt).To(Equal(lab.Status.StartedAt))
	}

	// eventuallyFresh waits for another namespace with the setup as it was at the start.
	eventuallyFresh := func(ctx context.Context) {
		GinkgoHelper()
		now := eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(now.Status.Phase).To(Equal(v1beta1.LabInProgress))
			g.Expect(now.Status.Environment).NotTo(BeNil())
			g.Expect(now.Status.Environment.NamespaceUID).NotTo(Equal(lab.Status.Environment.NamespaceUID))
			g.Expect(task(now, "steady").State).To(Equal(v1beta1.TaskPending))
			keeps(g, now)
		})
		settings := &corev1.ConfigMap{}
		Expect(cluster.Client.Get(ctx, client.ObjectKey{Namespace: now.Status.Namespace, Name: "settings"}, settings)).To(Succeed())
		Expect(settings.Data).To(Equal(map[string]string{"level": "low"}))
		Expect(string(settings.UID)).NotTo(Equal(task(lab, "raise").Outputs["from"]))
	}

	It("goes and comes back afresh, and what was reached stays", func(ctx SpecContext) {
		setEnvironment(ctx, lab, v1beta1.EnvironmentAbsent)
		now := eventuallyCondition(ctx, lab, v1beta1.ConditionProvisioned, metav1.ConditionFalse, v1beta1.ReasonEnvironmentAbsent, "Set it to Present")
		Expect(now.Status.Phase).To(Equal(v1beta1.LabAbsent))
		Expect(now.Status.Environment).To(BeNil())
		Expect(now).To(haveCondition(v1beta1.ConditionReady, metav1.ConditionFalse, v1beta1.ReasonEnvironmentAbsent, "Set it to Present"))
		keeps(Default, now)
		_, err := namespaceOf(ctx, lab.Status.Namespace)
		Expect(apierrors.IsNotFound(err)).To(BeTrue(), "the namespace is there: %v", err)

		By("answering without an environment")
		now = answer(ctx, lab, "q-live", intstr.FromString("low"))
		Expect(current(now).ID).To(Equal("q-live"))
		Expect(current(now).Feedback).To(ContainSubstring("set spec.environment to Present"))
		Expect(answered(now, "q-live").AttemptsLeft).To(BeEquivalentTo(3))

		setEnvironment(ctx, lab, v1beta1.EnvironmentPresent)
		eventuallyFresh(ctx)
	})

	It("comes back afresh when someone deletes the namespace, and what was reached stays", func(ctx SpecContext) {
		namespace, err := namespaceOf(ctx, lab.Status.Namespace)
		Expect(err).NotTo(HaveOccurred())
		Expect(cluster.Client.Delete(ctx, namespace)).To(Succeed())
		eventuallyFresh(ctx)
	})

	It("stays taken apart while the namespace goes slowly", func(ctx SpecContext) {
		blocker := configMap("blocker", nil, nil)
		blocker.Namespace = lab.Status.Namespace
		blocker.Finalizers = []string{"example.com/block"}
		Expect(cluster.Client.Create(ctx, blocker)).To(Succeed())
		namespace, err := namespaceOf(ctx, lab.Status.Namespace)
		Expect(err).NotTo(HaveOccurred())
		namespace.Finalizers = []string{"example.com/block"}
		Expect(cluster.Client.Update(ctx, namespace)).To(Succeed())
		Expect(cluster.Client.Delete(ctx, namespace)).To(Succeed())

		now := eventuallyCondition(ctx, lab, v1beta1.ConditionProvisioned, metav1.ConditionFalse, v1beta1.ReasonTerminating, "a fresh one follows")
		keeps(Default, now)

		patch := client.RawPatch(client.Merge.Type(), []byte(`{"metadata":{"finalizers":null}}`))
		Expect(cluster.Client.Patch(ctx, blocker, patch)).To(Succeed())
		Expect(cluster.Client.Patch(ctx, namespace, patch)).To(Succeed())
		eventuallyFresh(ctx)
	})

	It("is ready for as long as it stands, once it was, whatever the learner takes apart", func(ctx SpecContext) {
		c := newCatalog(unique("topic"))
		c.exercise.Spec.ReadyWhen = []v1beta1.Check{{Expression: "marks.size() == 1", Expected: "somebody has left a mark"}}
		lab := c.create(ctx).lab()
		create(ctx, lab)
		waits := func() *v1beta1.Lab {
			return eventuallyCondition(ctx, lab, v1beta1.ConditionReady, metav1.ConditionFalse, v1beta1.ReasonNotReadyYet, "Waiting until somebody has left a mark")
		}
		lab = waits()
		setMark(ctx, lab)
		eventuallyInProgress(ctx, lab)

		mark := configMap("mark", nil, nil)
		mark.Namespace = lab.Status.Namespace
		Expect(cluster.Client.Delete(ctx, mark)).To(Succeed())
		setLevel(ctx, lab, "high")
		now := eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "raise").State).To(Equal(v1beta1.TaskPassed))
		})
		Expect(now).To(haveCondition(v1beta1.ConditionReady, metav1.ConditionTrue, v1beta1.ReasonReady, ""))

		By("starting afresh")
		setEnvironment(ctx, lab, v1beta1.EnvironmentAbsent)
		eventuallyCondition(ctx, lab, v1beta1.ConditionReady, metav1.ConditionFalse, v1beta1.ReasonEnvironmentAbsent, "")
		setEnvironment(ctx, lab, v1beta1.EnvironmentPresent)
		waits()
	})

	It("has the room of another size, once it is given one", func(ctx SpecContext) {
		pods := func() int64 {
			quota := newQuota().(*corev1.ResourceQuota)
			Expect(cluster.Client.Get(ctx, client.ObjectKey{Namespace: lab.Status.Namespace, Name: quota.Name}, quota)).To(Succeed())
			return quota.Spec.Hard.Pods().Value()
		}
		small := pods()
		patch := client.RawPatch(types.MergePatchType, []byte(`{"spec":{"size":"Medium"}}`))
		Expect(cluster.Client.Patch(ctx, lab.DeepCopy(), patch)).To(Succeed())
		Eventually(pods).WithContext(ctx).Should(BeEquivalentTo(2 * small))
	})

	DescribeTable("has its guardrails put back",
		func(ctx SpecContext, rail func() client.Object, harm func(object client.Object), whole func(g Gomega, object client.Object)) {
			object := rail()
			at := client.ObjectKey{Namespace: lab.Status.Namespace, Name: object.GetName()}
			Expect(cluster.Client.Get(ctx, at, object)).To(Succeed())
			if harm == nil {
				Expect(cluster.Client.Delete(ctx, object)).To(Succeed())
			} else {
				harm(object)
				Expect(cluster.Client.Update(ctx, object)).To(Succeed())
			}
			Eventually(func(g Gomega) {
				now := rail()
				g.Expect(cluster.Client.Get(ctx, at, now)).To(Succeed())
				g.Expect(now.GetLabels()).To(HaveKeyWithValue(v1beta1.LabUIDLabel, string(lab.UID)))
				g.Expect(now.GetLabels()).To(HaveKeyWithValue(v1beta1.ProtectedLabel, "true"))
				whole(g, now)
			}).WithContext(ctx).Should(Succeed())
		},
		Entry("a quota that was deleted", newQuota, nil, wholeQuota),
		Entry("a quota that was raised", newQuota, func(o client.Object) {
			o.(*corev1.ResourceQuota).Spec.Hard[corev1.ResourcePods] = resource.MustParse("1000")
		}, wholeQuota),
		Entry("a quota that allows what it forbade", newQuota, func(o client.Object) {
			o.(*corev1.ResourceQuota).Spec.Hard[corev1.ResourceServicesNodePorts] = resource.MustParse("5")
		}, wholeQuota),
		Entry("a quota without its labels", newQuota, func(o client.Object) { o.SetLabels(nil) }, wholeQuota),
		Entry("a limit range that was deleted", newLimits, nil, wholeLimits),
		Entry("a limit range that was emptied", newLimits, func(o client.Object) {
			o.(*corev1.LimitRange).Spec.Limits = nil
		}, wholeLimits),
		Entry("a network policy that was deleted", newPolicy, nil, wholePolicy),
		Entry("a network policy with one more way in", newPolicy, func(o client.Object) {
			spec := &o.(*networkingv1.NetworkPolicy).Spec
			spec.Ingress = append(spec.Ingress, networkingv1.NetworkPolicyIngressRule{})
		}, wholePolicy),
		Entry("a network policy that is about no pod", newPolicy, func(o client.Object) {
			o.(*networkingv1.NetworkPolicy).Spec.PodSelector.MatchLabels = map[string]string{"no": "pod"}
		}, wholePolicy),
		Entry("a role binding that was deleted", newBinding, nil, wholeBinding),
		Entry("a role binding with one more subject", newBinding, func(o client.Object) {
			binding := o.(*rbacv1.RoleBinding)
			binding.Subjects = append(binding.Subjects, rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: "default", Name: "other"})
		}, wholeBinding),
	)
})

func newQuota() client.Object {
	return &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "lab"}}
}

func wholeQuota(g Gomega, object client.Object) {
	hard := object.(*corev1.ResourceQuota).Spec.Hard
	g.Expect(hard.Pods().Value()).To(BeEquivalentTo(12))
	ports := hard[corev1.ResourceServicesNodePorts]
	g.Expect(ports.Value()).To(BeZero())
}

func newLimits() client.Object {
	return &corev1.LimitRange{ObjectMeta: metav1.ObjectMeta{Name: "lab"}}
}

func wholeLimits(g Gomega, object client.Object) {
	g.Expect(object.(*corev1.LimitRange).Spec.Limits).To(HaveLen(1))
}

func newPolicy() client.Object {
	return &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: "lab"}}
}

func wholePolicy(g Gomega, object client.Object) {
	spec := object.(*networkingv1.NetworkPolicy).Spec
	g.Expect(spec.PodSelector.MatchLabels).To(BeEmpty())
	g.Expect(spec.Ingress).To(HaveLen(1))
}

func newBinding() client.Object {
	return &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: guardrail.LearnerRole}}
}

func wholeBinding(g Gomega, object client.Object) {
	g.Expect(object.(*rbacv1.RoleBinding).Subjects).To(HaveLen(1))
}
