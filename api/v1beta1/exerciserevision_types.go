package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RevisionTask is what a learner may read of a task.
type RevisionTask struct {
	// name of the task, unique in the exercise.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	Name string `json:"name,omitempty"`

	// title says in a line what to achieve.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	// +required
	Title string `json:"title,omitempty"`

	// instructions say in Markdown what to achieve and why, and where to look.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +required
	Instructions string `json:"instructions,omitempty"`

	// points is what the task is worth in the score.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +optional
	Points int32 `json:"points,omitempty"`

	// dependsOn lists tasks that must have been passed before this one is open.
	// +kubebuilder:validation:MaxItems=11
	// +kubebuilder:validation:items:MaxLength=31
	// +listType=atomic
	// +optional
	DependsOn []string `json:"dependsOn,omitempty"`

	// mode is Once, or Continuous for a task that must hold at the moment of completion.
	// +optional
	Mode TaskMode `json:"mode,omitempty"`
}

// RevisionQuestion is what a learner may read of a question before answering it. A question that is revealed after its
// task has neither a prompt nor options here: they would give the task away.
type RevisionQuestion struct {
	// id of the question, as in k8s-04. It is the key under a Lab's spec.answers.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	ID string `json:"id,omitempty"`

	// task names the task that demonstrates the answer.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	Task string `json:"task,omitempty"`

	// type says how the question is answered.
	// +required
	Type QuestionType `json:"type,omitempty"`

	// reveal is when the question is shown.
	// +optional
	Reveal Reveal `json:"reveal,omitempty"`

	// interviewQuestion is the open question as an interviewer asks it.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +required
	InterviewQuestion string `json:"interviewQuestion,omitempty"`

	// prompt is the question in the form that is graded.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Prompt string `json:"prompt,omitempty"`

	// unit is what a number counts, as in seconds.
	// +kubebuilder:validation:MaxLength=32
	// +optional
	Unit string `json:"unit,omitempty"`

	// options are the choices of the types Choice and MultiChoice, in the author's order.
	// +kubebuilder:validation:MaxItems=8
	// +listType=atomic
	// +optional
	Options []Option `json:"options,omitempty"`

	// attempts is how many different answers can be tried.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	// +optional
	Attempts int32 `json:"attempts,omitempty"`

	// references are primary sources to read on.
	// +kubebuilder:validation:MaxItems=8
	// +listType=atomic
	// +optional
	References []Reference `json:"references,omitempty"`
}

// ExerciseRevisionSpec is what a learner may read of an exercise and its questions. It holds no checks, evidence, hints,
// setup or answers.
type ExerciseRevisionSpec struct {
	// exercise names the Exercise.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +required
	Exercise string `json:"exercise,omitempty"`

	// topic names the Topic whose questions go with the exercise.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +required
	Topic string `json:"topic,omitempty"`

	// title of the exercise, in a line.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=120
	// +required
	Title string `json:"title,omitempty"`

	// description says in Markdown what is learnt and what it is good for.
	// +kubebuilder:validation:MaxLength=2048
	// +optional
	Description string `json:"description,omitempty"`

	// difficulty tells a learner what to expect.
	// +optional
	Difficulty Difficulty `json:"difficulty,omitempty"`

	// estimatedMinutes is how long a learner takes, roughly.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=480
	// +optional
	EstimatedMinutes int32 `json:"estimatedMinutes,omitempty"`

	// tasks lists what to achieve, in order.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=12
	// +listType=atomic
	// +required
	Tasks []RevisionTask `json:"tasks,omitempty"`

	// questions lists the topic's questions that go with the exercise, in order.
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	Questions []RevisionQuestion `json:"questions,omitempty"`
}

// ExerciseRevision is an exercise with its questions as Labs were started from it. Its name is made of the exercise and a
// hash of the content, so all Labs that were started from the same content share it. The operator writes it, and removes
// it when no Lab refers to it any more.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster,categories=learning,shortName=exrev
// +kubebuilder:printcolumn:name="Exercise",type=string,JSONPath=`.spec.exercise`,description="The exercise"
// +kubebuilder:printcolumn:name="Topic",type=string,JSONPath=`.spec.topic`,description="The topic of the questions"
// +kubebuilder:printcolumn:name="Title",type=string,JSONPath=`.spec.title`,description="What is done"
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.spec == oldSelf.spec",message="spec is immutable: change the Exercise, the Topic or the AnswerKey, and the operator makes another revision"
type ExerciseRevision struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is that of every Kubernetes object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what a learner may read.
	// +required
	Spec ExerciseRevisionSpec `json:"spec,omitzero"`
}

// ExerciseRevisionList is a list of ExerciseRevisions.
//
// +kubebuilder:object:root=true
type ExerciseRevisionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ExerciseRevision `json:"items"`
}
