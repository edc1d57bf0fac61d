package lab_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	gomegatypes "github.com/onsi/gomega/types"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// get reads a Lab as it is now.
func get(ctx context.Context, lab *v1beta1.Lab) (*v1beta1.Lab, error) {
	now := &v1beta1.Lab{}
	err := cluster.Client.Get(ctx, client.ObjectKeyFromObject(lab), now)
	return now, err
}

// eventually waits until a Lab is as it should be, and returns it.
func eventually(ctx context.Context, lab *v1beta1.Lab, should func(g Gomega, now *v1beta1.Lab)) *v1beta1.Lab {
	GinkgoHelper()
	var now *v1beta1.Lab
	Eventually(func(g Gomega) {
		var err error
		now, err = get(ctx, lab)
		g.Expect(err).NotTo(HaveOccurred())
		should(g, now)
	}).WithContext(ctx).Should(Succeed())
	return now
}

// started creates a Lab and waits until the learner can work.
func started(ctx context.Context, lab *v1beta1.Lab) *v1beta1.Lab {
	GinkgoHelper()
	create(ctx, lab)
	return eventuallyInProgress(ctx, lab)
}

func eventuallyInProgress(ctx context.Context, lab *v1beta1.Lab) *v1beta1.Lab {
	GinkgoHelper()
	return eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
		g.Expect(now.Status.Phase).To(Equal(v1beta1.LabInProgress))
		g.Expect(now).To(haveCondition(v1beta1.ConditionReady, metav1.ConditionTrue, v1beta1.ReasonReady, "You can work"))
		g.Expect(now.Status.Summary.Questions).NotTo(BeEmpty())
	})
}

// eventuallyCondition waits for a condition.
func eventuallyCondition(ctx context.Context, lab *v1beta1.Lab, kind string, status metav1.ConditionStatus, reason, message string) *v1beta1.Lab {
	GinkgoHelper()
	return eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
		g.Expect(now).To(haveCondition(kind, status, reason, message))
	})
}

// haveCondition matches a Lab with a condition for its present spec. The message is part of the condition's.
func haveCondition(kind string, status metav1.ConditionStatus, reason, message string) gomegatypes.GomegaMatcher {
	return WithTransform(func(lab *v1beta1.Lab) string {
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

// lackCondition matches a Lab whose status is about its present spec and has no condition of a type.
func lackCondition(kind string) gomegatypes.GomegaMatcher {
	return WithTransform(func(lab *v1beta1.Lab) string {
		if lab.Status.ObservedGeneration != lab.Generation {
			return fmt.Sprintf("status of generation %d, not %d", lab.Status.ObservedGeneration, lab.Generation)
		}
		if c := meta.FindStatusCondition(lab.Status.Conditions, kind); c != nil {
			return fmt.Sprintf("%s=%s %s: %s", c.Type, c.Status, c.Reason, c.Message)
		}
		return ""
	}, BeEmpty())
}

// current is the open question that a Lab shows.
func current(lab *v1beta1.Lab) v1beta1.CurrentQuestion {
	if lab.Status.Current.TaskQuestion == nil {
		return v1beta1.CurrentQuestion{}
	}
	return *lab.Status.Current.TaskQuestion
}

// currentTask is the open task that a Lab shows.
func currentTask(lab *v1beta1.Lab) v1beta1.CurrentTask {
	if lab.Status.Current.Task == nil {
		return v1beta1.CurrentTask{}
	}
	return *lab.Status.Current.Task
}

// eventuallyReviewed waits until the LabReview has a question, and returns what it says of it.
func eventuallyReviewed(ctx context.Context, lab *v1beta1.Lab, id string) v1beta1.ReviewedQuestion {
	GinkgoHelper()
	var found v1beta1.ReviewedQuestion
	Eventually(func(g Gomega) {
		review := &v1beta1.LabReview{}
		g.Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(lab), review)).To(Succeed())
		at := slices.IndexFunc(review.Spec.Questions, func(q v1beta1.ReviewedQuestion) bool { return q.ID == id })
		g.Expect(at).NotTo(Equal(-1), "question %s is not in the review", id)
		found = review.Spec.Questions[at]
	}).WithContext(ctx).Should(Succeed())
	return found
}

func task(lab *v1beta1.Lab, name string) v1beta1.TaskStatus {
	for _, task := range lab.Status.Tasks {
		if task.Name == name {
			return task
		}
	}
	return v1beta1.TaskStatus{}
}

func answered(lab *v1beta1.Lab, id string) v1beta1.QuestionStatus {
	for _, question := range lab.Status.Questions {
		if question.ID == id {
			return question
		}
	}
	return v1beta1.QuestionStatus{}
}

// setLevel does the learner's work on the ConfigMap settings.
func setLevel(ctx context.Context, lab *v1beta1.Lab, level string) {
	GinkgoHelper()
	patch := client.RawPatch(client.Merge.Type(), []byte(fmt.Sprintf(`{"data":{"level":%q}}`, level)))
	settings := configMap("settings", nil, nil)
	settings.Namespace = lab.Status.Namespace
	Expect(cluster.Client.Patch(ctx, settings, patch)).To(Succeed())
}

// setMark does the learner's work of marking.
func setMark(ctx context.Context, lab *v1beta1.Lab) {
	GinkgoHelper()
	mark := configMap("mark", map[string]string{"kind": "mark"}, nil)
	mark.Namespace = lab.Status.Namespace
	Expect(cluster.Client.Create(ctx, mark)).To(Succeed())
}

// answer gives an answer, and waits until the operator has seen it.
func answer(ctx context.Context, lab *v1beta1.Lab, id string, value intstr.IntOrString) *v1beta1.Lab {
	GinkgoHelper()
	return change(ctx, lab, func(spec *v1beta1.LabSpec) {
		if spec.Answers == nil {
			spec.Answers = map[string]intstr.IntOrString{}
		}
		spec.Answers[id] = value
	})
}

// setEnvironment asks for an environment or its removal.
func setEnvironment(ctx context.Context, lab *v1beta1.Lab, environment v1beta1.Environment) {
	GinkgoHelper()
	change(ctx, lab, func(spec *v1beta1.LabSpec) { spec.Environment = environment })
}

// change changes the spec of a Lab, and waits until the operator has seen it.
func change(ctx context.Context, lab *v1beta1.Lab, edit func(spec *v1beta1.LabSpec)) *v1beta1.Lab {
	GinkgoHelper()
	now, err := get(ctx, lab)
	Expect(err).NotTo(HaveOccurred())
	before := now.DeepCopy()
	edit(&now.Spec)
	Expect(cluster.Client.Patch(ctx, now, client.MergeFrom(before))).To(Succeed())
	return eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
		g.Expect(now.Status.ObservedGeneration).To(Equal(now.Generation))
	})
}

// namespaceOf reads a namespace's metadata.
func namespaceOf(ctx context.Context, name string) (*corev1.Namespace, error) {
	namespace := &corev1.Namespace{}
	err := cluster.Client.Get(ctx, client.ObjectKey{Name: name}, namespace)
	return namespace, err
}

// pinOf reads the pin of the revision that a Lab was started from.
func pinOf(ctx context.Context, lab *v1beta1.Lab) *appsv1.ControllerRevision {
	GinkgoHelper()
	pin := &appsv1.ControllerRevision{}
	Expect(cluster.Client.Get(ctx, client.ObjectKey{Namespace: testenv.OperatorNamespace, Name: lab.Status.Revision}, pin)).To(Succeed())
	return pin
}

// replacePin puts other data in the place of a pin, which cannot be edited.
func replacePin(ctx context.Context, pin *appsv1.ControllerRevision, old, now string) {
	GinkgoHelper()
	Expect(string(pin.Data.Raw)).To(ContainSubstring("%s", old))
	Expect(cluster.Client.Delete(ctx, pin)).To(Succeed())
	pin.ObjectMeta = metav1.ObjectMeta{Namespace: pin.Namespace, Name: pin.Name, Labels: pin.Labels}
	pin.Data = runtime.RawExtension{Raw: []byte(strings.Replace(string(pin.Data.Raw), old, now, 1))}
	Expect(cluster.Client.Create(ctx, pin)).To(Succeed())
}
