package policy

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// exerciseRevision is one that can be created.
func exerciseRevision(name string) *v1beta1.ExerciseRevision {
	return &v1beta1.ExerciseRevision{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1beta1.GroupVersion.String(), Kind: "ExerciseRevision"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1beta1.ExerciseRevisionSpec{
			Exercise: "hpa-scaling", Topic: "kubernetes", Title: "Scale",
			Tasks: []v1beta1.RevisionTask{{Name: "requests", Title: "Set a request", Instructions: "On the pods."}},
		},
	}
}

// revisionAttempts are about what learners read of what their labs are judged by.
func revisionAttempts() map[string]attempt {
	const (
		policy = "lab-operator-revisions"
		only   = "only the operator writes ExerciseRevisions"
	)
	there, added := exerciseRevision("hpa-scaling-838d905ce4"), exerciseRevision("hpa-scaling-0000000000")
	label := metadata("labels", map[string]any{"a": "b"})
	return map[string]attempt{
		"the operator writes a revision":                        may(operator, create(added)),
		"the operator removes a revision":                       may(operator, remove(there)),
		"an administrator writes no revision":                   mayNot(administrator, create(added), policy, only),
		"an administrator changes no revision":                  mayNot(administrator, merge(there, label), policy, only),
		"an administrator deletes a revision":                   may(administrator, remove(there)),
		"whoever administers labs deletes a revision":           may(facilitator, remove(there)),
		"whoever has all rights but that deletes no revision":   mayNot(falseDeployer, remove(there), policy, only),
		"another lab-operator writes no revision":               mayNot(falseOperator, create(added), policy, only),
		"another lab-operator changes no revision":              mayNot(falseOperator, merge(there, label), policy, only),
		"the controller manager writes a revision as it stands": may(controllerManager, merge(there, label)),
	}
}
