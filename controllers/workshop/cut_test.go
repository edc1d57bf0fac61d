package workshop_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

var _ = Describe("a Workshop that leaves the environments at its close", func() {
	It("deletes the pods once, so that no connection outlives the close", func(ctx SpecContext) {
		r := newRoom("ada")
		r.workshop.Spec.OnClose.Environments = v1alpha1.EnvironmentPresent
		r.workshop.Spec.ClosesAt = in(8 * time.Second)
		r.open(ctx)
		r.sit(ctx, "ada")
		lab := r.eventuallyLab(ctx, "ada", "one", func(g Gomega, lab *v1alpha1.Lab) { g.Expect(lab.Status.Phase).To(Equal(v1alpha1.LabInProgress)) })
		named := func(name string) metav1.ObjectMeta {
			return metav1.ObjectMeta{Namespace: lab.Status.Namespace, Name: name}
		}
		pod := func() *corev1.Pod {
			return &corev1.Pod{ObjectMeta: named("web"), Spec: corev1.PodSpec{
				Containers:      []corev1.Container{{Name: "web", Image: "web"}},
				SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: new(true), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
			}}
		}
		first := pod()
		first.Spec.Containers[0].SecurityContext = &corev1.SecurityContext{AllowPrivilegeEscalation: new(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}}
		second := first.DeepCopy()
		Expect(cluster.Client.Create(ctx, first)).To(Succeed())
		note := &corev1.ConfigMap{ObjectMeta: named("kept")}
		Expect(cluster.Client.Create(ctx, note)).To(Succeed())

		eventuallyGone(ctx, &corev1.Pod{ObjectMeta: first.ObjectMeta})
		r.eventuallyLab(ctx, "ada", "one", func(g Gomega, lab *v1alpha1.Lab) {
			g.Expect(lab.Labels).To(HaveKeyWithValue(v1alpha1.ClosedLabel, "present"))
			g.Expect(lab.Status.Phase).To(Equal(v1alpha1.LabInProgress))
		})
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(note), note)).To(Succeed())

		By("leaving alone what the workloads make again")
		Expect(cluster.Client.Create(ctx, second)).To(Succeed())
		Consistently(func() error { return cluster.Client.Get(ctx, client.ObjectKeyFromObject(second), second) }).WithTimeout(time.Second).Should(Succeed())

		By("going on after an extension")
		r.edit(ctx, func(spec *v1alpha1.WorkshopSpec) { spec.ExtendBy = &metav1.Duration{Duration: time.Hour} })
		r.eventuallyLab(ctx, "ada", "one", func(g Gomega, lab *v1alpha1.Lab) { g.Expect(lab.Labels).NotTo(HaveKey(v1alpha1.ClosedLabel)) })
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(second), second)).To(Succeed())
	})
})
