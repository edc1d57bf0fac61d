package workshop_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

var _ = Describe("a Workshop that leaves the environments at its close", func() {
	It("deletes the pods once, so that no connection outlives the close", func(ctx SpecContext) {
		f := newFixture("ada")
		f.workshop.Spec.OnClose.Environments = v1beta1.EnvironmentPresent
		f.workshop.Spec.ClosesAt = in(8 * time.Second)
		f.create(ctx)
		f.loginAs(ctx, "ada")
		lab := f.eventuallyLab(ctx, "ada", "one", func(g Gomega, lab *v1beta1.Lab) { g.Expect(lab.Status.Phase).To(Equal(v1beta1.LabInProgress)) })
		first := podOf(lab)
		second := first.DeepCopy()
		runOnANode(ctx, first)
		note := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: lab.Status.Namespace, Name: "kept"}}
		Expect(cluster.Client.Create(ctx, note)).To(Succeed())

		isCut(ctx, first)
		f.eventuallyLab(ctx, "ada", "one", func(g Gomega, lab *v1beta1.Lab) {
			g.Expect(lab.Labels).To(HaveKeyWithValue(v1beta1.ClosedLabel, "present"))
			g.Expect(lab.Status.Phase).To(Equal(v1beta1.LabInProgress))
		})
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(note), note)).To(Succeed())

		By("leaving alone what the workloads make again")
		Expect(cluster.Client.Create(ctx, second)).To(Succeed())
		Consistently(func() error { return cluster.Client.Get(ctx, client.ObjectKeyFromObject(second), second) }).WithTimeout(time.Second).Should(Succeed())

		By("going on after an extension")
		f.edit(ctx, func(spec *v1beta1.WorkshopSpec) { spec.ExtendBy = &metav1.Duration{Duration: time.Hour} })
		f.eventuallyLab(ctx, "ada", "one", func(g Gomega, lab *v1beta1.Lab) { g.Expect(lab.Labels).NotTo(HaveKey(v1beta1.ClosedLabel)) })
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(second), second)).To(Succeed())
	})
})

var _ = Describe("a Workshop that takes the environments away at its close", func() {
	It("gives their pods a second to end, whatever they ask for", func(ctx SpecContext) {
		f := newFixture("ada")
		f.workshop.Spec.ClosesAt = in(8 * time.Second)
		f.create(ctx)
		f.loginAs(ctx, "ada")
		pod := podOf(f.eventuallyLab(ctx, "ada", "one", func(g Gomega, lab *v1beta1.Lab) { g.Expect(lab.Status.Phase).To(Equal(v1beta1.LabInProgress)) }))
		runOnANode(ctx, pod)
		isCut(ctx, pod)
		f.eventuallyLab(ctx, "ada", "one", func(g Gomega, lab *v1beta1.Lab) { g.Expect(lab.Status.Phase).To(Equal(v1beta1.LabAbsent)) })
	})
})

// podOf is a pod in the environment of a lab. It asks for the longest grace period that a learner may have.
func podOf(lab *v1beta1.Lab) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: lab.Status.Namespace, Name: "web"},
		Spec: corev1.PodSpec{
			TerminationGracePeriodSeconds: new(int64(300)),
			SecurityContext:               &corev1.PodSecurityContext{RunAsNonRoot: new(true), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
			Containers: []corev1.Container{{
				Name: "web", Image: "web",
				SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: new(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}},
			}},
		},
	}
}

// runOnANode makes a pod and gives it a node, so that it ends in its grace period and not at once.
func runOnANode(ctx SpecContext, pod *corev1.Pod) {
	Expect(cluster.Client.Create(ctx, pod)).To(Succeed())
	scheduled := &corev1.Binding{ObjectMeta: pod.ObjectMeta, Target: corev1.ObjectReference{Kind: "Node", Name: "node"}}
	Expect(cluster.Client.SubResource("binding").Create(ctx, pod, scheduled)).To(Succeed())
}

// isCut waits until a pod has to end within a second, and ends it, as the kubelet does.
func isCut(ctx SpecContext, pod *corev1.Pod) {
	Eventually(func() (*corev1.Pod, error) {
		return pod, cluster.Client.Get(ctx, client.ObjectKeyFromObject(pod), pod)
	}).WithContext(ctx).WithTimeout(time.Minute).Should(HaveField("DeletionGracePeriodSeconds", HaveValue(BeEquivalentTo(1))))
	Expect(cluster.Client.Delete(ctx, pod, client.GracePeriodSeconds(0))).To(Succeed())
}
