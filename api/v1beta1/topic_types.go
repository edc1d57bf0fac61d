package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TopicSpec is what an author writes.
// +kubebuilder:validation:XValidation:rule="!has(self.questions) || self.questions.all(q, self.exercises.exists(e, e == q.exercise))",message="a question names an exercise that the topic does not list"
type TopicSpec struct {
	// title of the topic, in one line.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=120
	// +required
	Title string `json:"title,omitempty"`

	// description says in Markdown what the topic is about.
	// +kubebuilder:validation:MaxLength=2048
	// +optional
	Description string `json:"description,omitempty"`

	// exercises lists the topic's exercises, in the order in which to do them.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +listType=set
	// +required
	Exercises []string `json:"exercises,omitempty"`

	// questions lists the interview questions of the topic. Their answers are in an AnswerKey.
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=id
	// +optional
	Questions []Question `json:"questions,omitempty"`
}

// TopicStatus is the operator's view of a topic.
type TopicStatus struct {
	// conditions has Accepted: whether labs can be started from this topic, and if not, what to fix.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	// +patchStrategy=merge
	// +patchMergeKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty" patchStrategy:"merge" patchMergeKey:"type"`

	// exerciseCount is the number of exercises.
	// +kubebuilder:validation:Minimum=0
	// +optional
	ExerciseCount int32 `json:"exerciseCount,omitempty"`

	// observedGeneration is the generation of the spec that this status answers.
	// +kubebuilder:validation:Minimum=0
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// questionCount is the number of questions.
	// +kubebuilder:validation:Minimum=0
	// +optional
	QuestionCount int32 `json:"questionCount,omitempty"`
}

// Topic is a subject: an ordered list of exercises, and the questions that go with them.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories=learning
// +kubebuilder:printcolumn:name="Title",type=string,JSONPath=`.spec.title`,description="What it is about"
// +kubebuilder:printcolumn:name="Exercises",type=integer,JSONPath=`.status.exerciseCount`,description="The number of exercises"
// +kubebuilder:printcolumn:name="Questions",type=integer,JSONPath=`.status.questionCount`,description="The number of questions"
// +kubebuilder:printcolumn:name="Accepted",type=string,JSONPath=`.status.conditions[?(@.type=='Accepted')].status`,description="Whether labs can be started from it"
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63",message="the name of a Topic has at most 63 characters"
type Topic struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is that of every Kubernetes object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what the author wrote.
	// +required
	Spec TopicSpec `json:"spec,omitzero"`

	// status is the operator's view.
	// +optional
	Status TopicStatus `json:"status,omitempty,omitzero"`
}

// TopicList is a list of Topics.
//
// +kubebuilder:object:root=true
type TopicList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Topic `json:"items"`
}
