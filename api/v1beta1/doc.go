// Package v1beta1 holds the API of lab-operator: a Lab is one learner's attempt at
// one Exercise, with the questions of its Topic that go with it. An AnswerKey has their answers.
//
// +kubebuilder:object:generate=true
// +groupName=learning.lab-operator.dev
package v1beta1
