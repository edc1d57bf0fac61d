//go:build cluster

package e2e

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/learner"
	"github.com/lab-operator/lab-operator/test/testenv"
)

var _ = Describe("a Lab", func() {
	It("is completed though the operator is killed at random moments", func(ctx context.Context) {
		namespace := inNamespace(ctx, "e2e-killed")
		somebody, err := learner.Create(ctx, cluster, config, namespace, GinkgoT().TempDir())
		Expect(err).NotTo(HaveOccurred())
		lab := startLab(ctx, namespace, "distributed-systems", "etcd-quorum")

		playing, stop := context.WithTimeout(ctx, 15*time.Minute)
		defer stop()
		solved := make(chan error, 1)
		go func() {
			solved <- somebody.Run(playing, filepath.Join(testenv.Root(), "labs", "etcd-quorum", "solution.sh"),
				client.ObjectKeyFromObject(lab), lab.Status.Namespace, GinkgoWriter)
		}()
		passed, kills := map[string]bool{}, 0
		for running := true; running; {
			select {
			case err := <-solved:
				Expect(err).NotTo(HaveOccurred(), tell(lab))
				running = false
			case <-time.After(10*time.Second + rand.N(10*time.Second)):
				Expect(cluster.DeleteAllOf(ctx, &corev1.Pod{}, client.InNamespace(testenv.OperatorNamespace), client.GracePeriodSeconds(0))).To(Succeed())
				kills++
			}
			Expect(cluster.Get(ctx, client.ObjectKeyFromObject(lab), lab)).To(Succeed())
			for _, task := range lab.Status.Tasks {
				Expect(passed[task.Name] && task.State != v1beta1.TaskPassed).To(BeFalse(), "task %s was passed and is not any more", task.Name)
				passed[task.Name] = task.State == v1beta1.TaskPassed
			}
		}
		Eventually(condition).WithArguments(ctx, lab, v1beta1.ConditionCompleted).Should(Equal("True"), func() string { return tell(lab) })
		Expect(kills).To(BeNumerically(">", 0))
		AddReportEntry("operator killed", kills)
	})

	It("is not ready while metrics-server is gone, and loses nothing", func(ctx context.Context) {
		lab := startLab(ctx, inNamespace(ctx, "e2e-outage"), "kubernetes", "hpa-scaling")
		metrics := types.NamespacedName{Namespace: "kube-system", Name: "metrics-server"}
		scale(ctx, metrics, 0)
		DeferCleanup(func(ctx context.Context) { scale(ctx, metrics, 1) })
		Eventually(condition).WithArguments(ctx, lab, v1beta1.ConditionReady).Should(Equal("False"))
		ready := meta.FindStatusCondition(lab.Status.Conditions, v1beta1.ConditionReady)
		Expect(ready.Reason).To(Equal(v1beta1.ReasonRequirementMissing))
		Expect(ready.Message).To(ContainSubstring("metrics-server"))
		Expect(lab.Status.Phase).To(Equal(v1beta1.LabInProgress))

		scale(ctx, metrics, 1)
		Eventually(condition).WithArguments(ctx, lab, v1beta1.ConditionReady).Should(Equal("True"))
	})

	It("quotes why the learner's pods do not run", func(ctx context.Context) {
		lab := startLab(ctx, inNamespace(ctx, "e2e-notices"), "kubernetes", "hpa-scaling")
		deployment := &appsv1.Deployment{}
		Expect(cluster.Get(ctx, types.NamespacedName{Namespace: lab.Status.Namespace, Name: "load"}, deployment)).To(Succeed())
		deployment.Spec.Replicas = ptr.To[int32](1)
		deployment.Spec.Template.Spec.Containers[0].Image = "lab-operator/no-such-image:none"
		Expect(cluster.Update(ctx, deployment)).To(Succeed())
		Eventually(notices).WithArguments(ctx, lab).Should(ContainElement(ContainSubstring("ImagePull")))

		deployment.ResourceVersion = ""
		deployment.Spec.Template.Spec.Containers[0].SecurityContext = &corev1.SecurityContext{Privileged: ptr.To(true)}
		Expect(cluster.Patch(ctx, deployment, client.Merge)).To(Succeed())
		Eventually(notices).WithArguments(ctx, lab).Should(ContainElement(ContainSubstring("violates PodSecurity")))
	})
})

var _ = Describe("an idle Lab", func() {
	It("costs no writes, and neither does a restart of the operator", func(ctx context.Context) {
		installEcho(ctx)
		lab := startLab(ctx, inNamespace(ctx, "e2e-idle"), echo, echo)
		write(ctx, lab.Status.Namespace, "hello")
		Eventually(seen).WithArguments(ctx, lab).Should(Equal("the word is hello"))
		version := lab.ResourceVersion

		Consistently(func() string {
			Expect(cluster.Get(ctx, client.ObjectKeyFromObject(lab), lab)).To(Succeed())
			return lab.ResourceVersion
		}).WithTimeout(60 * time.Second).WithPolling(time.Second).Should(Equal(version))

		Expect(cluster.DeleteAllOf(ctx, &corev1.Pod{}, client.InNamespace(testenv.OperatorNamespace))).To(Succeed())
		untilOperatorIsBack(ctx)
		// It is back when it answers a change; all that it wrote before would be seen.
		Consistently(func() string {
			Expect(cluster.Get(ctx, client.ObjectKeyFromObject(lab), lab)).To(Succeed())
			return lab.ResourceVersion
		}).WithTimeout(20 * time.Second).WithPolling(time.Second).Should(Equal(version))
		write(ctx, lab.Status.Namespace, "again")
		Eventually(seen).WithArguments(ctx, lab).Should(Equal("the word is again"))
	})
})

func scale(ctx context.Context, deployment types.NamespacedName, replicas int32) {
	GinkgoHelper()
	object := &appsv1.Deployment{}
	Expect(cluster.Get(ctx, deployment, object)).To(Succeed())
	before := client.MergeFrom(object.DeepCopy())
	object.Spec.Replicas = ptr.To(replicas)
	Expect(cluster.Patch(ctx, object, before)).To(Succeed())
}

func notices(ctx context.Context, lab *v1beta1.Lab) []string {
	GinkgoHelper()
	Expect(cluster.Get(ctx, client.ObjectKeyFromObject(lab), lab)).To(Succeed())
	return lab.Status.Notices
}

// seen is what the first task says that it sees.
func seen(ctx context.Context, lab *v1beta1.Lab) string {
	GinkgoHelper()
	Expect(cluster.Get(ctx, client.ObjectKeyFromObject(lab), lab)).To(Succeed())
	if len(lab.Status.Tasks) == 0 {
		return ""
	}
	return lab.Status.Tasks[0].Observed
}

func untilOperatorIsBack(ctx context.Context) {
	GinkgoHelper()
	Eventually(func() int32 {
		deployment := &appsv1.Deployment{}
		Expect(cluster.Get(ctx, types.NamespacedName{Namespace: testenv.OperatorNamespace, Name: "lab-operator"}, deployment)).To(Succeed())
		return deployment.Status.ReadyReplicas
	}).Should(BeNumerically(">=", 1))
}
