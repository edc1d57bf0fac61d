package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// PassedTask is a task that was passed.
type PassedTask struct {
	// name of the task.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	Name string `json:"name,omitempty"`

	// at is when it was passed.
	// +required
	At metav1.Time `json:"at,omitempty,omitzero"`

	// outputs holds the values that were kept with the pass.
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(name, size(name) <= 31 && size(self[name]) <= 256)",message="outputs holds texts of at most 256 characters"
	// +optional
	Outputs map[string]string `json:"outputs,omitempty"`
}

// GradedQuestion is a question that an answer was given to.
type GradedQuestion struct {
	// id of the question.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	ID string `json:"id,omitempty"`

	// state is Right, Wrong or Exhausted.
	// +kubebuilder:validation:XValidation:rule="self in ['Right', 'Wrong', 'Exhausted']",message="state is Right, Wrong or Exhausted: nothing else is recorded of a question"
	// +required
	State QuestionState `json:"state,omitempty"`

	// attemptsLeft is how many different answers could still be tried.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10
	// +optional
	AttemptsLeft int32 `json:"attemptsLeft,omitempty"`

	// attempts are the different wrong answers, in normal form.
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=256
	// +listType=set
	// +optional
	Attempts []string `json:"attempts,omitempty"`
}

// LabResultSpec is what the operator has recorded of a Lab. It is a spec, and not a status, since a backup restores it.
type LabResultSpec struct {
	// workshop is the name of the Workshop, in the same namespace.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	// +required
	Workshop string `json:"workshop,omitempty"`

	// attendee is the attendee's name in the roster.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +required
	Attendee string `json:"attendee,omitempty"`

	// lab is the name of the Lab.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	// +required
	Lab string `json:"lab,omitempty"`

	// topic of the Lab.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +required
	Topic string `json:"topic,omitempty"`

	// exercise that was worked on.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +required
	Exercise string `json:"exercise,omitempty"`

	// startedAt is when the attendee could first work.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// completedAt is when the lab was completed.
	// +optional
	CompletedAt *metav1.Time `json:"completedAt,omitempty"`

	// scorePercent is the points earned out of the points there are, in percent.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	ScorePercent int32 `json:"scorePercent"` //nolint:kubeapilinter // it is always written, and zero is a number like others

	// tasksPassed is how many tasks have been passed.
	// +kubebuilder:validation:Minimum=0
	// +optional
	TasksPassed int32 `json:"tasksPassed"` //nolint:kubeapilinter // it is always written, and zero is a number like others

	// tasksTotal is how many tasks there are.
	// +kubebuilder:validation:Minimum=0
	// +optional
	TasksTotal int32 `json:"tasksTotal"` //nolint:kubeapilinter // it is always written, and zero is a number like others

	// questionsRight is how many questions were answered correctly.
	// +kubebuilder:validation:Minimum=0
	// +optional
	QuestionsRight int32 `json:"questionsRight"` //nolint:kubeapilinter // it is always written, and zero is a number like others

	// questionsTotal is how many questions there are.
	// +kubebuilder:validation:Minimum=0
	// +optional
	QuestionsTotal int32 `json:"questionsTotal"` //nolint:kubeapilinter // it is always written, and zero is a number like others

	// params are the values that were drawn for the attendee.
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(name, size(name) <= 31 && size(self[name]) <= 63)",message="params hold texts of at most 63 characters"
	// +optional
	Params map[string]string `json:"params,omitempty"`

	// passed are the tasks that were passed.
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=name
	// +optional
	Passed []PassedTask `json:"passed,omitempty"`

	// questions are those that an answer was given to.
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=id
	// +optional
	Questions []GradedQuestion `json:"questions,omitempty"`
}

// LabResult is the record of an attendee's Lab in a Workshop, in the workshop's namespace, out of the attendee's reach. It
// outlives the Lab: one that is made anew goes on from it, until the Workshop is deleted. Only the operator writes it.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:categories=learning
// +kubebuilder:printcolumn:name="Workshop",type=string,JSONPath=`.spec.workshop`,description="The Workshop"
// +kubebuilder:printcolumn:name="Attendee",type=string,JSONPath=`.spec.attendee`,description="The attendee's name in the roster"
// +kubebuilder:printcolumn:name="Exercise",type=string,JSONPath=`.spec.exercise`,description="The exercise worked on"
// +kubebuilder:printcolumn:name="Passed",type=integer,JSONPath=`.spec.tasksPassed`,description="Tasks passed"
// +kubebuilder:printcolumn:name="Tasks",type=integer,JSONPath=`.spec.tasksTotal`,description="Tasks of the exercise"
// +kubebuilder:printcolumn:name="Right",type=integer,JSONPath=`.spec.questionsRight`,description="Questions answered correctly"
// +kubebuilder:printcolumn:name="Questions",type=integer,JSONPath=`.spec.questionsTotal`,description="Questions of the lab"
// +kubebuilder:printcolumn:name="Score",type=integer,JSONPath=`.spec.scorePercent`,description="Points earned out of the points there are, in percent"
// +kubebuilder:printcolumn:name="Completed",type=date,JSONPath=`.spec.completedAt`,description="How long ago the lab was completed"
type LabResult struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is that of every Kubernetes object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what was recorded.
	// +required
	Spec LabResultSpec `json:"spec,omitzero"`
}

// LabResultList is a list of LabResults.
//
// +kubebuilder:object:root=true
type LabResultList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []LabResult `json:"items"`
}
