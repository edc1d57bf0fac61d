//go:build cluster

package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/test/internal/kindcluster"
)

// What every spec shares. Specs have namespaces of their own.
var (
	config  *rest.Config
	cluster client.WithWatch
)

func TestEndToEnd(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(2 * time.Minute)
	SetDefaultEventuallyPollingInterval(250 * time.Millisecond)
	RunSpecs(t, "the operator in a cluster")
}

var _ = BeforeSuite(func(ctx context.Context) {
	logf.SetLogger(GinkgoLogr)
	var err error
	config, cluster, err = kindcluster.Connect(ctx)
	Expect(err).NotTo(HaveOccurred())
})

// inNamespace makes a namespace for the Labs of a spec, and removes it with them.
func inNamespace(ctx context.Context, name string) string {
	GinkgoHelper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	Expect(client.IgnoreAlreadyExists(cluster.Create(ctx, namespace))).To(Succeed())
	DeferCleanup(func(ctx context.Context) {
		labs := &v1beta1.LabList{}
		Expect(cluster.DeleteAllOf(ctx, &v1beta1.Lab{}, client.InNamespace(name))).To(Succeed())
		Eventually(func() []v1beta1.Lab {
			Expect(cluster.List(ctx, labs, client.InNamespace(name))).To(Succeed())
			return labs.Items
		}).WithTimeout(3 * time.Minute).Should(BeEmpty())
		Expect(client.IgnoreNotFound(cluster.Delete(ctx, namespace))).To(Succeed())
	})
	return name
}

// startLab creates a Lab and waits until it can be worked on.
func startLab(ctx context.Context, namespace, topic, exercise string) *v1beta1.Lab {
	GinkgoHelper()
	lab := &v1beta1.Lab{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "lab"},
		Spec:       v1beta1.LabSpec{Topic: topic, Exercise: exercise},
	}
	Expect(cluster.Create(ctx, lab)).To(Succeed())
	Eventually(condition).WithArguments(ctx, lab, v1beta1.ConditionReady).Should(Equal("True"), func() string { return tell(lab) })
	return lab
}

// condition reads a Lab anew and tells the status of one of its conditions.
func condition(ctx context.Context, lab *v1beta1.Lab, kind string) string {
	GinkgoHelper()
	Expect(cluster.Get(ctx, client.ObjectKeyFromObject(lab), lab)).To(Succeed())
	found := meta.FindStatusCondition(lab.Status.Conditions, kind)
	if found == nil {
		return ""
	}
	return string(found.Status)
}

// tell is what the Lab says, for the message of a failed expectation.
func tell(lab *v1beta1.Lab) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, tasks %s, next: %s\n", lab.Status.Phase, lab.Status.Summary.Tasks, lab.Status.Next)
	for _, c := range lab.Status.Conditions {
		fmt.Fprintf(&b, "  %s=%s %s: %s\n", c.Type, c.Status, c.Reason, c.Message)
	}
	for _, task := range lab.Status.Tasks {
		fmt.Fprintf(&b, "  %s %s: needed %q, seen %q\n", task.Name, task.State, task.Expected, task.Observed)
	}
	return b.String()
}
