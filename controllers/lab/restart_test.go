package lab_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/test/testenv"
)

var _ = Describe("an operator that is restarted", func() {
	It("writes nothing where all is as it should be, and goes on", func(ctx SpecContext) {
		c := newCatalog(unique("topic")).create(ctx)
		lab := started(ctx, c.lab())
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "raise").Observed).To(Equal("the level is low"))
		})
		Eventually(func(g Gomega) {
			topic := &v1beta1.Topic{}
			g.Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(c.topic), topic)).To(Succeed())
			g.Expect(meta.IsStatusConditionTrue(topic.Status.Conditions, v1beta1.ConditionAccepted)).To(BeTrue())
		}).WithContext(ctx).Should(Succeed())
		before := versionsOf(ctx, lab)
		Expect(len(before)).To(BeNumerically(">", 10))

		restart()
		// Another Lab that is worked on says that the new operator has come that far.
		witness := started(ctx, newCatalog(unique("topic")).create(ctx).lab())
		Consistently(func() map[string]string { return versionsOf(ctx, lab) }, "1s").Should(Equal(before))

		By("following the labs it has found")
		setLevel(ctx, lab, "high")
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "raise").State).To(Equal(v1beta1.TaskPassed))
		})
		Expect(task(witness, "raise").State).To(Equal(v1beta1.TaskPending))
	})

	It("does what was asked while it was away", func(ctx SpecContext) {
		lab := started(ctx, newCatalog(unique("topic")).create(ctx).lab())
		stop(running)
		setLevel(ctx, lab, "high")
		setMark(ctx, lab)
		running = startOperator()
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(now.Status.Phase).To(Equal(v1beta1.LabCompleted))
		})
	})
})

// ourWrites is when the operator last changed an object.
func ourWrites(object client.Object) string {
	var times []string
	for _, entry := range object.GetManagedFields() {
		if entry.Manager == "lab-operator" {
			times = append(times, entry.Time.String())
		}
	}
	return strings.Join(times, " ")
}

// versionsOf are the resource versions of a Lab and of all that was made for it or stands in its namespace.
func versionsOf(ctx context.Context, lab *v1beta1.Lab) map[string]string {
	GinkgoHelper()
	versions := map[string]string{}
	note := func(kind string, objects ...client.Object) {
		for _, object := range objects {
			versions[kind+" "+object.GetNamespace()+"/"+object.GetName()] = object.GetResourceVersion()
		}
	}
	now, err := get(ctx, lab)
	Expect(err).NotTo(HaveOccurred())
	namespace, err := namespaceOf(ctx, lab.Status.Namespace)
	Expect(err).NotTo(HaveOccurred())
	note("own", now, namespace)
	ofTopic := client.MatchingLabels{v1beta1.TopicLabel: lab.Spec.Topic}
	for kind, listing := range map[string]struct {
		list    client.ObjectList
		options []client.ListOption
	}{
		"ConfigMap":          {&corev1.ConfigMapList{}, []client.ListOption{client.InNamespace(namespace.Name)}},
		"ResourceQuota":      {&corev1.ResourceQuotaList{}, []client.ListOption{client.InNamespace(namespace.Name)}},
		"LimitRange":         {&corev1.LimitRangeList{}, []client.ListOption{client.InNamespace(namespace.Name)}},
		"NetworkPolicy":      {&networkingv1.NetworkPolicyList{}, []client.ListOption{client.InNamespace(namespace.Name)}},
		"RoleBinding":        {&rbacv1.RoleBindingList{}, []client.ListOption{client.InNamespace(namespace.Name)}},
		"ControllerRevision": {&appsv1.ControllerRevisionList{}, []client.ListOption{client.InNamespace(testenv.OperatorNamespace), ofTopic}},
		"ExerciseRevision":   {&v1beta1.ExerciseRevisionList{}, []client.ListOption{ofTopic}},
		"Exercise":           {&v1beta1.ExerciseList{}, nil},
		"Topic":              {&v1beta1.TopicList{}, nil},
	} {
		Expect(cluster.Client.List(ctx, listing.list, listing.options...)).To(Succeed())
		Expect(meta.EachListItem(listing.list, func(item runtime.Object) error {
			object := item.(client.Object)
			// Other specs' catalogs come and go.
			if kind != "Exercise" && kind != "Topic" || object.GetName() == lab.Spec.Topic || object.GetName() == lab.Status.Exercise {
				note(kind, object)
			}
			if kind == "ResourceQuota" {
				// The quota controller counts when it gets to it: only our own writes matter.
				versions[kind+" "+object.GetNamespace()+"/"+object.GetName()] = ourWrites(object)
			}
			return nil
		})).To(Succeed())
	}
	return versions
}
