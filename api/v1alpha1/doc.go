// Package v1alpha1 holds the API of lab-operator: a Lab is one learner's sitting of
// one Exercise, paired with questions of its Topic, whose answers an AnswerKey grades.
//
// +kubebuilder:object:generate=true
// +groupName=learning.lab-operator.dev
package v1alpha1
