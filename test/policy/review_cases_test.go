package policy

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// labReview is one that can be created, in the namespace of the Labs.
func labReview(name string) *v1beta1.LabReview {
	return &v1beta1.LabReview{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1beta1.GroupVersion.String(), Kind: "LabReview"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec:       v1beta1.LabReviewSpec{Lab: name, Questions: []v1beta1.ReviewedQuestion{{ID: "k8s-04", State: v1beta1.QuestionRight}}},
	}
}

// reviewAttempts are about what learners read of settled questions.
func reviewAttempts() map[string]attempt {
	const (
		policy = "lab-operator-reviews"
		only   = "the operator alone writes LabReviews"
	)
	there, added := labReview("hpa"), labReview("later")
	label := metadata("labels", map[string]any{"a": "b"})
	better := `{"spec":{"questions":[{"id":"k8s-04","state":"Right","modelAnswer":"mine"}]}}`
	return map[string]attempt{
		"the operator writes a review":                        may(operator, create(added)),
		"the operator changes a review":                       may(operator, merge(there, better)),
		"whoever has all rights writes no review":             mayNot(editor, create(added), policy, only),
		"whoever has all rights changes no review":            mayNot(editor, merge(there, better), policy, only),
		"an administrator changes no review":                  mayNot(administrator, merge(there, better), policy, only),
		"an administrator deletes a review":                   may(administrator, remove(there)),
		"another lab-operator writes no review":               mayNot(falseOperator, create(added), policy, only),
		"the controller manager writes a review as it stands": may(controllerManager, merge(there, label)),
	}
}
