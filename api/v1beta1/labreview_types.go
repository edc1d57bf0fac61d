package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ReviewedOption is one option of a settled question.
type ReviewedOption struct {
	// letter under which this learner saw the option.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1
	// +required
	Letter string `json:"letter,omitempty"`

	// text of the option.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +required
	Text string `json:"text,omitempty"`

	// correct tells whether the option is part of the right answer. It is absent where that depends on the lab.
	// +optional
	Correct *bool `json:"correct,omitempty"`

	// feedback is what the author says about the option.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Feedback string `json:"feedback,omitempty"`
}

// ReviewedQuestion is a settled question with all that a learner may read about it.
type ReviewedQuestion struct {
	// id of the question.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	ID string `json:"id,omitempty"`

	// state is Right or Exhausted.
	// +kubebuilder:validation:XValidation:rule="self in ['Right', 'Exhausted']",message="state is Right or Exhausted"
	// +required
	State QuestionState `json:"state,omitempty"`

	// interviewQuestion is the open question as an interviewer asks it.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	InterviewQuestion string `json:"interviewQuestion,omitempty"`

	// prompt is the version that was graded.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Prompt string `json:"prompt,omitempty"`

	// options are the choices in the order in which this learner saw them, with the author's feedback on each.
	// +kubebuilder:validation:MaxItems=8
	// +listType=atomic
	// +optional
	Options []ReviewedOption `json:"options,omitempty"`

	// answer is the right answer. It is absent where it is computed from the lab.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Answer string `json:"answer,omitempty"`

	// feedback is what the author says about wrong answers.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Feedback string `json:"feedback,omitempty"`

	// modelAnswer is a complete answer to the interview question, in Markdown.
	// +kubebuilder:validation:MaxLength=4096
	// +optional
	ModelAnswer string `json:"modelAnswer,omitempty"`

	// references are primary sources for further reading.
	// +kubebuilder:validation:MaxItems=8
	// +listType=atomic
	// +optional
	References []Reference `json:"references,omitempty"`
}

// LabReviewSpec is what the operator writes when a question is settled. It is a spec, and not a status, since it does not
// change any more. If it is deleted, the operator writes it again.
type LabReviewSpec struct {
	// lab is the name of the Lab in the same namespace.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	// +required
	Lab string `json:"lab,omitempty"`

	// questions are the settled questions, in the order of the topic.
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	Questions []ReviewedQuestion `json:"questions,omitempty"`
}

// LabReview has the name of its Lab and holds what the learner may read about each question that is settled: the model
// answer, the right answer and the feedback on each option. The operator writes it; it is deleted with its Lab.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:categories=learning
// +kubebuilder:printcolumn:name="Lab",type=string,JSONPath=`.spec.lab`,description="The Lab"
// +kubebuilder:printcolumn:name="Questions",type=string,JSONPath=`.spec.questions[*].id`,description="The questions that are settled"
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type LabReview struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is that of every Kubernetes object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what the operator wrote.
	// +required
	Spec LabReviewSpec `json:"spec,omitzero"`
}

// LabReviewList is a list of LabReviews.
//
// +kubebuilder:object:root=true
type LabReviewList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []LabReview `json:"items"`
}
