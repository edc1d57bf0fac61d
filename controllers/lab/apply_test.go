package lab_test

import (
	"context"
	"strconv"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

var _ = Describe("the names of a setup", func() {
	// inLab is an object in the namespace of a Lab.
	inLab := func(ctx context.Context, lab *v1beta1.Lab, name string, object client.Object) error {
		return cluster.Client.Get(ctx, client.ObjectKey{Namespace: "lab-" + lab.Name, Name: name}, object)
	}
	version := func(object client.Object) int {
		GinkgoHelper()
		n, err := strconv.Atoi(object.GetResourceVersion())
		Expect(err).NotTo(HaveOccurred())
		return n
	}
	// stuck is a Lab whose setup the API server refuses from the first object on, in a namespace that is there.
	stuck := func(ctx context.Context) (*catalog, *v1beta1.Lab) {
		GinkgoHelper()
		c := newCatalog(unique("topic"))
		setup := c.exercise.Spec.Setup
		c.exercise.Spec.Setup = append(c.exercise.Spec.Setup[:0:0], raw(map[string]any{
			"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "extra"},
			"spec": map[string]any{"ports": []any{map[string]any{"port": 99999}}},
		}))
		c.exercise.Spec.Setup = append(c.exercise.Spec.Setup, setup...)
		lab := c.create(ctx).lab()
		create(ctx, lab)
		eventuallyCondition(ctx, lab, v1beta1.ConditionStalled, metav1.ConditionTrue, v1beta1.ReasonSetupRefused, "set up Service extra")
		return c, lab
	}
	correct := func(ctx context.Context, c *catalog) {
		GinkgoHelper()
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(c.exercise), c.exercise)).To(Succeed())
		c.exercise.Spec.Setup = c.exercise.Spec.Setup[1:]
		Expect(cluster.Client.Update(ctx, c.exercise)).To(Succeed())
	}

	It("are all used before the learner can write anything, in each fresh environment", func(ctx SpecContext) {
		lab := started(ctx, newCatalog(unique("topic")).create(ctx).lab())
		last := func() {
			GinkgoHelper()
			access := &rbacv1.RoleBinding{}
			Expect(inLab(ctx, lab, guardrail.LearnerRole, access)).To(Succeed())
			for _, name := range []string{"settings", "rules"} {
				object := &corev1.ConfigMap{}
				Expect(inLab(ctx, lab, name, object)).To(Succeed())
				Expect(version(object)).To(BeNumerically("<", version(access)), "%s was written behind the learner's binding", name)
			}
			for _, rail := range []client.Object{newQuota(), newLimits(), newPolicy()} {
				Expect(inLab(ctx, lab, rail.GetName(), rail)).To(Succeed())
				Expect(rail.GetCreationTimestamp().After(access.CreationTimestamp.Time)).To(BeFalse())
			}
		}
		last()
		setEnvironment(ctx, lab, v1beta1.EnvironmentAbsent)
		eventuallyCondition(ctx, lab, v1beta1.ConditionProvisioned, metav1.ConditionFalse, v1beta1.ReasonEnvironmentAbsent, "")
		setEnvironment(ctx, lab, v1beta1.EnvironmentPresent)
		eventuallyInProgress(ctx, lab)
		last()
	})

	It("are nobody's while the setup is refused", func(ctx SpecContext) {
		_, lab := stuck(ctx)
		err := inLab(ctx, lab, guardrail.LearnerRole, &rbacv1.RoleBinding{})
		Expect(apierrors.IsNotFound(err)).To(BeTrue(), "the learner has rights before the setup: %v", err)
	})

	DescribeTable("are taken back from what stands there first",
		func(ctx SpecContext, name string, take func(object *corev1.ConfigMap)) {
			c, lab := stuck(ctx)
			first := configMap(name, nil, map[string]string{"level": "mine", "more": "mine"})
			first.Namespace = "lab-" + lab.Name
			take(first)
			Expect(cluster.Client.Create(ctx, first)).To(Succeed())
			correct(ctx, c)
			now := eventuallyInProgress(ctx, lab)
			Expect(now).To(lackCondition(v1beta1.ConditionStalled))
			object := &corev1.ConfigMap{}
			Expect(inLab(ctx, lab, name, object)).To(Succeed())
			Expect(object.UID).NotTo(Equal(first.UID))
			Expect(object.Data).NotTo(HaveKey("more"))
			Expect(object.OwnerReferences).To(BeEmpty())
			Expect(object.Immutable).To(BeNil())
			Eventually(func() []string { return reasons(ctx, lab) }).WithContext(ctx).Should(ContainElement(v1beta1.ReasonNameTaken))
		},
		Entry("with more in it than the setup has", "settings", func(*corev1.ConfigMap) {}),
		Entry("protected, with more in it", "rules", func(o *corev1.ConfigMap) { o.Labels = map[string]string{v1beta1.ProtectedLabel: "true"} }),
		Entry("that cannot be changed", "settings", func(o *corev1.ConfigMap) { o.Immutable = ptr.To(true) }),
		Entry("that has an owner", "rules", func(o *corev1.ConfigMap) {
			o.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "kube-root-ca.crt", UID: "6d1f1b8e-0000-4000-8000-000000000001"}}
		}),
	)

	It("wait for what goes slowly, and say so", func(ctx SpecContext) {
		c, lab := stuck(ctx)
		first := configMap("settings", nil, map[string]string{"level": "mine"})
		first.Namespace, first.Finalizers = "lab-"+lab.Name, []string{"example.com/block"}
		Expect(cluster.Client.Create(ctx, first)).To(Succeed())
		correct(ctx, c)
		eventuallyCondition(ctx, lab, v1beta1.ConditionProvisioned, metav1.ConditionFalse, v1beta1.ReasonNameTaken,
			"ConfigMap settings of somebody else is being removed")
		patch := client.RawPatch(client.Merge.Type(), []byte(`{"metadata":{"finalizers":null}}`))
		Expect(cluster.Client.Patch(ctx, first, patch)).To(Succeed())
		eventuallyInProgress(ctx, lab)
	})

	It("are not applied again where the learner is at work, though the status was lost", func(ctx SpecContext) {
		lab := started(ctx, newCatalog(unique("topic")).create(ctx).lab())
		stop(running)
		setLevel(ctx, lab, "medium")
		now, err := get(ctx, lab)
		Expect(err).NotTo(HaveOccurred())
		lost := now.DeepCopy()
		lost.Status.Environment = nil
		Expect(cluster.Client.Status().Patch(ctx, lost, client.MergeFrom(now))).To(Succeed())
		running = startOperator()
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(now.Status.Environment).NotTo(BeNil())
			g.Expect(task(now, "raise").Observed).To(Equal("the level is medium"))
		})
	})

	It("come back when a protected object goes missing", func(ctx SpecContext) {
		lab := started(ctx, newCatalog(unique("topic")).create(ctx).lab())
		rules := &corev1.ConfigMap{}
		Expect(inLab(ctx, lab, "rules", rules)).To(Succeed())
		Expect(cluster.Client.Delete(ctx, rules)).To(Succeed())
		Eventually(func(g Gomega) {
			again := &corev1.ConfigMap{}
			g.Expect(inLab(ctx, lab, "rules", again)).To(Succeed())
			g.Expect(again.Data).To(Equal(rules.Data))
			g.Expect(again.UID).NotTo(Equal(rules.UID))
		}).WithContext(ctx).Should(Succeed())
		Eventually(func() []string { return reasons(ctx, lab) }).WithContext(ctx).Should(ContainElement("ObjectRestored"))

		By("leaving alone what the learner deletes")
		settings := configMap("settings", nil, nil)
		settings.Namespace = "lab-" + lab.Name
		Expect(cluster.Client.Delete(ctx, settings)).To(Succeed())
		Consistently(func() bool {
			return apierrors.IsNotFound(inLab(ctx, lab, "settings", &corev1.ConfigMap{}))
		}, "3s").Should(BeTrue())
	})
})
