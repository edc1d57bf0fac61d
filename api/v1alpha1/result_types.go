package v1alpha1

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

	// record holds the values that were kept with the pass.
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(name, size(name) <= 31 && size(self[name]) <= 256)",message="record holds texts of at most 256 characters"
	// +optional
	Record map[string]string `json:"record,omitempty"`
}

// GradedQuestion is a question that an answer was given to.
type GradedQuestion struct {
	// id of the question.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	ID string `json:"id,omitempty"`

	// state is Right, Wrong or Exhausted.
	// +kubebuilder:validation:Enum=Right;Wrong;Exhausted
	// +required
	State State `json:"state,omitempty"`

	// attemptsLeft is how many different answers could still be tried.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10
	// +optional
	AttemptsLeft int32 `json:"attemptsLeft,omitempty"`

	// tried are the different wrong answers, in normal form.
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=256
	// +listType=set
	// +optional
	Tried []string `json:"tried,omitempty"`
}

// ResultSpec is what the operator has recorded of a Lab. It is a spec, and not a status, since a backup restores it.
type ResultSpec struct {
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
	ScorePercent int32 `json:"scorePercent,omitempty"`

	// summary holds the cells of kubectl get results.
	// +optional
	Summary LabSummary `json:"summary,omitempty,omitzero"`

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

// Result is the record of an attendee's Lab in a Workshop, in the workshop's namespace, out of the attendee's reach. It
// outlives the Lab: one that is made anew goes on from it, until the Workshop is deleted. Only the operator writes it.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:categories=learning
// +kubebuilder:printcolumn:name="Workshop",type=string,JSONPath=`.spec.workshop`,description="The Workshop"
// +kubebuilder:printcolumn:name="Attendee",type=string,JSONPath=`.spec.attendee`,description="The attendee's name in the roster"
// +kubebuilder:printcolumn:name="Exercise",type=string,JSONPath=`.spec.exercise`,description="The exercise worked on"
// +kubebuilder:printcolumn:name="Tasks",type=string,JSONPath=`.spec.summary.tasks`,description="Tasks passed, of all"
// +kubebuilder:printcolumn:name="Questions",type=string,JSONPath=`.spec.summary.questions`,description="Questions rightly answered, of all"
// +kubebuilder:printcolumn:name="Score",type=string,JSONPath=`.spec.summary.score`,description="Points earned, of all"
// +kubebuilder:printcolumn:name="Completed",type=date,JSONPath=`.spec.completedAt`,description="How long ago the lab was completed"
type Result struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is that of every Kubernetes object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what was recorded.
	// +required
	Spec ResultSpec `json:"spec,omitzero"`
}

// ResultList is a list of Results.
//
// +kubebuilder:object:root=true
type ResultList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Result `json:"items"`
}
