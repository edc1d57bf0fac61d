package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

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

// AnswerKey holds the answers to a topic's questions. The operator reads only those in its own namespace, where learners
// have no access.
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
