package lab_test

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	gomegatypes "github.com/onsi/gomega/types"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// get reads a Lab as it is now.
func get(ctx context.Context, lab *v1alpha1.Lab) (*v1alpha1.Lab, error) {
	now := &v1alpha1.Lab{}
	err := cluster.Client.Get(ctx, client.ObjectKeyFromObject(lab), now)
	return now, err
}

// eventually waits until a Lab is as it should be, and returns it.
func eventually(ctx context.Context, lab *v1alpha1.Lab, should func(g Gomega, now *v1alpha1.Lab)) *v1alpha1.Lab {
	GinkgoHelper()
	var now *v1alpha1.Lab
	Eventually(func(g Gomega) {
		var err error
		now, err = get(ctx, lab)
		g.Expect(err).NotTo(HaveOccurred())
		should(g, now)
	}).WithContext(ctx).Should(Succeed())
	return now
}

// started creates a Lab and waits until the learner can work.
func started(ctx context.Context, lab *v1alpha1.Lab) *v1alpha1.Lab {
	GinkgoHelper()
	create(ctx, lab)
	return eventuallyInProgress(ctx, lab)
}

func eventuallyInProgress(ctx context.Context, lab *v1alpha1.Lab) *v1alpha1.Lab {
	GinkgoHelper()
	return eventually(ctx, lab, func(g Gomega, now *v1alpha1.Lab) {
		g.Expect(now.Status.Phase).To(Equal(v1alpha1.LabInProgress))
		g.Expect(now).To(haveCondition(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady, "You can work"))
		g.Expect(now.Status.Questions).NotTo(BeEmpty())
	})
}

// eventuallyCondition waits for a condition.
func eventuallyCondition(ctx context.Context, lab *v1alpha1.Lab, kind string, status metav1.ConditionStatus, reason, message string) *v1alpha1.Lab {
	GinkgoHelper()
	return eventually(ctx, lab, func(g Gomega, now *v1alpha1.Lab) {
		g.Expect(now).To(haveCondition(kind, status, reason, message))
	})
}

// haveCondition matches a Lab with a condition for its present spec. The message is part of the condition's.
func haveCondition(kind string, status metav1.ConditionStatus, reason, message string) gomegatypes.GomegaMatcher {
	return WithTransform(func(lab *v1alpha1.Lab) string {
		c := meta.FindStatusCondition(lab.Status.Conditions, kind)
		if c == nil {
			return "no condition " + kind
		}
		if c.ObservedGeneration != lab.Generation {
			return fmt.Sprintf("condition of generation %d, not %d", c.ObservedGeneration, lab.Generation)
		}
		return fmt.Sprintf("%s=%s %s: %s", c.Type, c.Status, c.Reason, c.Message)
	}, And(HavePrefix("%s=%s %s: ", kind, status, reason), ContainSubstring("%s", message)))
}

func task(lab *v1alpha1.Lab, name string) v1alpha1.TaskStatus {
	for _, task := range lab.Status.Tasks {
		if task.Name == name {
			return task
		}
	}
	return v1alpha1.TaskStatus{}
}

func answered(lab *v1alpha1.Lab, id string) v1alpha1.QuestionStatus {
	for _, question := range lab.Status.Questions {
		if question.ID == id {
			return question
		}
	}
	return v1alpha1.QuestionStatus{}
}

// setLevel does the learner's work on the ConfigMap settings.
func setLevel(ctx context.Context, lab *v1alpha1.Lab, level string) {
	GinkgoHelper()
	patch := client.RawPatch(client.Merge.Type(), []byte(fmt.Sprintf(`{"data":{"level":%q}}`, level)))
	settings := configMap("settings", nil, nil)
	settings.Namespace = lab.Status.Namespace
	Expect(cluster.Client.Patch(ctx, settings, patch)).To(Succeed())
}

// setMark does the learner's work of marking.
func setMark(ctx context.Context, lab *v1alpha1.Lab) {
	GinkgoHelper()
	mark := configMap("mark", map[string]string{"kind": "mark"}, nil)
	mark.Namespace = lab.Status.Namespace
	Expect(cluster.Client.Create(ctx, mark)).To(Succeed())
}

// answer gives an answer, and waits until the operator has seen it.
func answer(ctx context.Context, lab *v1alpha1.Lab, id string, value intstr.IntOrString) *v1alpha1.Lab {
	GinkgoHelper()
	return change(ctx, lab, func(spec *v1alpha1.LabSpec) {
		if spec.Answers == nil {
			spec.Answers = map[string]intstr.IntOrString{}
		}
		spec.Answers[id] = value
	})
}

// setEnvironment asks for an environment or its removal.
func setEnvironment(ctx context.Context, lab *v1alpha1.Lab, environment v1alpha1.Environment) {
	GinkgoHelper()
	change(ctx, lab, func(spec *v1alpha1.LabSpec) { spec.Environment = environment })
}

// change changes the spec of a Lab, and waits until the operator has seen it.
func change(ctx context.Context, lab *v1alpha1.Lab, edit func(spec *v1alpha1.LabSpec)) *v1alpha1.Lab {
	GinkgoHelper()
	now, err := get(ctx, lab)
	Expect(err).NotTo(HaveOccurred())
	before := now.DeepCopy()
	edit(&now.Spec)
	Expect(cluster.Client.Patch(ctx, now, client.MergeFrom(before))).To(Succeed())
	return eventually(ctx, lab, func(g Gomega, now *v1alpha1.Lab) {
		g.Expect(now.Status.ObservedGeneration).To(Equal(now.Generation))
	})
}

// namespaceOf reads a namespace's metadata.
func namespaceOf(ctx context.Context, name string) (*corev1.Namespace, error) {
	namespace := &corev1.Namespace{}
	err := cluster.Client.Get(ctx, client.ObjectKey{Name: name}, namespace)
	return namespace, err
}

// revisions are what Labs with this UID are pinned to.
func revisions(ctx context.Context, lab *v1alpha1.Lab) []appsv1.ControllerRevision {
	GinkgoHelper()
	found := &appsv1.ControllerRevisionList{}
	Expect(cluster.Client.List(ctx, found, client.InNamespace(testenv.OperatorNamespace),
		client.MatchingLabels{v1alpha1.LabUIDLabel: string(lab.UID)})).To(Succeed())
	return found.Items
}
