package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NumberAnswer is the correct answer of a question of the form Number.
type NumberAnswer struct {
	// value is the correct number, in the question's unit, as text: 300 or 0.5.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^-?[0-9]+(\.[0-9]+)?$`
	// +required
	Value string `json:"value,omitempty"`

	// tolerance is how far off an answer may be. Left out, it must be exact.
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^[0-9]+(\.[0-9]+)?$`
	// +optional
	Tolerance string `json:"tolerance,omitempty"`
}

// TextAnswer is the correct answer of a question of the form Text.
type TextAnswer struct {
	// accepted lists the texts that are right, synonyms of each other. Case, spaces and the punctuation around a text do
	// not count. The first is the one that a learner is told who has used every attempt.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=128
	// +listType=set
	// +required
	Accepted []string `json:"accepted,omitempty"`
}

// LiveAnswer is a correct answer that is computed from the learner's own lab. It goes with a question of any form.
type LiveAnswer struct {
	// expression is CEL over the evidence of the question's exercise. For the form Choice it returns the name of an
	// option, for Number a number, for Text a text; or a list of them where several are right. For MultiChoice it
	// returns the list of the names of all right options. What it returned within the last minute counts as well.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +required
	Expression string `json:"expression,omitempty"`

	// tolerance is how far off an answer of the form Number may be. Left out, it must be exact.
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^[0-9]+(\.[0-9]+)?$`
	// +optional
	Tolerance string `json:"tolerance,omitempty"`
}

// OptionFeedback tells why an option is wrong.
type OptionFeedback struct {
	// option is the name of the option.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	Option string `json:"option,omitempty"`

	// text says why it is wrong, without giving the right one away.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +required
	Text string `json:"text,omitempty"`
}

// Answer is the answer to one question.
// +kubebuilder:validation:XValidation:rule="[has(self.choice), has(self.choices), has(self.number), has(self.text), has(self.live)].filter(given, given).size() == 1",message="an answer has exactly one of choice, choices, number, text and live"
// +kubebuilder:validation:XValidation:rule="!has(self.optionFeedback) || has(self.choice) || has(self.choices) || has(self.live)",message="optionFeedback goes with choice, choices and live"
type Answer struct {
	// id of the question.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9-]{0,30}$`
	// +required
	ID string `json:"id,omitempty"`

	// choice is the name of the correct option of a question of the form Choice.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +optional
	Choice string `json:"choice,omitempty"`

	// choices are the names of all correct options of a question of the form MultiChoice.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=31
	// +listType=set
	// +optional
	Choices []string `json:"choices,omitempty"`

	// number is the correct number.
	// +optional
	Number *NumberAnswer `json:"number,omitempty"`

	// text lists the texts that are correct.
	// +optional
	Text *TextAnswer `json:"text,omitempty"`

	// live computes the correct answer from the learner's own lab, whatever the form of the question.
	// +optional
	Live *LiveAnswer `json:"live,omitempty"`

	// optionFeedback tells for each wrong option why it is wrong. Of a set of letters, the first wrong one is spoken of.
	// +kubebuilder:validation:MaxItems=8
	// +listType=map
	// +listMapKey=option
	// +optional
	OptionFeedback []OptionFeedback `json:"optionFeedback,omitempty"`

	// feedback is for wrong answers that have no feedback of their own.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Feedback string `json:"feedback,omitempty"`

	// modelAnswer is an answer worth saying aloud, in Markdown.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +required
	ModelAnswer string `json:"modelAnswer,omitempty"`
}

// AnswerKeySpec is what an author writes.
type AnswerKeySpec struct {
	// topic names the Topic whose questions are answered here.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +required
	Topic string `json:"topic,omitempty"`

	// answers lists one answer for each question of the topic.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=id
	// +required
	Answers []Answer `json:"answers,omitempty"`
}

// AnswerKey holds the answers to a topic's questions. It counts only in the operator's own namespace, where
// learners cannot read.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:categories=learning
// +kubebuilder:printcolumn:name="Topic",type=string,JSONPath=`.spec.topic`,description="The topic that it answers"
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name == self.spec.topic",message="an AnswerKey has the name of its topic"
type AnswerKey struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is that of every Kubernetes object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what the author wrote.
	// +required
	Spec AnswerKeySpec `json:"spec,omitzero"`
}

// AnswerKeyList is a list of AnswerKeys.
//
// +kubebuilder:object:root=true
type AnswerKeyList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []AnswerKey `json:"items"`
}
