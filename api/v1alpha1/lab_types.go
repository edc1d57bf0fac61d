package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Environment says whether a lab's namespace and workloads should exist.
// +kubebuilder:validation:Enum=Present;Absent
type Environment string

const (
	// EnvironmentPresent asks for the lab's namespace with the exercise set up in it.
	EnvironmentPresent Environment = "Present"
	// EnvironmentAbsent asks for the namespace to be removed and the results kept.
	EnvironmentAbsent Environment = "Absent"
)

// LabPhase is a one-word summary of a Lab. Conditions carry the detail.
// +kubebuilder:validation:Enum=Pending;Provisioning;InProgress;Completed;Absent
type LabPhase string

const (
	// LabPending means that the lab cannot be set up yet: see its conditions.
	LabPending LabPhase = "Pending"
	// LabProvisioning means that the namespace and the exercise are being set up.
	LabProvisioning LabPhase = "Provisioning"
	// LabInProgress means that the learner can work.
	LabInProgress LabPhase = "InProgress"
	// LabCompleted means that every task has been passed. It is never taken back.
	LabCompleted LabPhase = "Completed"
	// LabAbsent means that the environment was removed on request and the results kept.
	LabAbsent LabPhase = "Absent"
)

// State is the verdict on a task, on one of its checks, or on a question.
type State string

const (
	// StatePassed means that it was seen to be so.
	StatePassed State = "Passed"
	// StatePending means not yet: seen says what was found instead.
	StatePending State = "Pending"
	// StateLocked means that another task has to be passed first.
	StateLocked State = "Locked"
	// StateError means that the exercise or the platform is at fault, never the learner.
	StateError State = "Error"
	// StateOpen means that a question waits for an answer.
	StateOpen State = "Open"
	// StateRight means that a question was answered correctly. It is never taken back.
	StateRight State = "Right"
	// StateWrong means that the last answer was wrong and another attempt is left.
	StateWrong State = "Wrong"
	// StateExhausted means that every attempt at a question was wrong.
	StateExhausted State = "Exhausted"
)

// LabSpec is what a learner asks for.
// +kubebuilder:validation:XValidation:rule="self.topic == oldSelf.topic",message="topic is immutable: create another Lab for another topic"
// +kubebuilder:validation:XValidation:rule="has(self.exercise) == has(oldSelf.exercise) && (!has(self.exercise) || self.exercise == oldSelf.exercise)",message="exercise is immutable: create another Lab for another exercise"
type LabSpec struct {
	// topic names the Topic whose exercise is worked on. kubectl get topics lists them. It cannot be changed.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +required
	Topic string `json:"topic,omitempty"`

	// exercise names one of the topic's exercises; left out, it is the topic's first. It cannot be changed.
	// kubectl get exercises lists them. status.exercise shows which one it became.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +optional
	Exercise string `json:"exercise,omitempty"`

	// environment is Present, or Absent to remove the lab's namespace and keep the results.
	// Present again starts a fresh environment: tasks that have been passed stay passed.
	// +kubebuilder:default=Present
	// +optional
	Environment Environment `json:"environment,omitempty"`

	// size is how much room the lab's namespace has beside what the exercise asks for.
	// +kubebuilder:default=Small
	// +optional
	Size LabSize `json:"size,omitempty"`

	// answers maps the id of a question to the answer: the letter of an option, the letters of all that apply, a number or
	// a short text.
	// Give them one at a time with kubectl patch --type merge.
	// +kubebuilder:validation:MaxProperties=64
	// +kubebuilder:validation:XValidation:rule="self.all(id, id.matches('^[a-z][a-z0-9-]{0,30}$'))",message="the ids of questions look like k8s-04: lower-case letters, digits and dashes"
	// +kubebuilder:validation:XValidation:rule="self.all(id, type(self[id]) == int ? self[id] >= -2147483648 && self[id] <= 2147483647 : size(self[id]) <= 256)",message="an answer is an integer of 32 bits or a text of at most 256 characters: put larger numbers in quotes"
	// +mapType=granular
	// +optional
	Answers map[string]intstr.IntOrString `json:"answers,omitempty"`
}

// LabSummary holds the cells of kubectl get labs.
type LabSummary struct {
	// tasks is passed/all, as in 2/4.
	// +kubebuilder:validation:MaxLength=16
	// +optional
	Tasks string `json:"tasks,omitempty"`

	// questions is rightly answered/all, as in 1/3.
	// +kubebuilder:validation:MaxLength=16
	// +optional
	Questions string `json:"questions,omitempty"`

	// score is status.scorePercent with its sign, as in 50%.
	// +kubebuilder:validation:MaxLength=8
	// +optional
	Score string `json:"score,omitempty"`
}

// LabEnvironment identifies what was set up for the learner.
type LabEnvironment struct {
	// namespaceUID is the UID of the lab's namespace. Another namespace of the same name is another environment.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	NamespaceUID string `json:"namespaceUID,omitempty"`

	// setupHash is the hash of the setup that was applied completely in that namespace.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	SetupHash string `json:"setupHash,omitempty"`

	// startedAt is when the setup was complete, by the operator's clock.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`
}

// CheckResult is the verdict on one check of a task.
// The fields stand in the order in which kubectl describe prints them.
type CheckResult struct {
	// needed says what must be so.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +required
	Needed string `json:"needed,omitempty"`

	// seen says what was found instead.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Seen string `json:"seen,omitempty"`

	// state is Passed, Pending or Error.
	// +kubebuilder:validation:Enum=Passed;Pending;Error
	// +required
	State State `json:"state,omitempty"`
}

// TaskStatus is how far the learner is with one task.
// The names of its fields are chosen for the order in which kubectl describe prints them.
type TaskStatus struct {
	// goal is the title of the task.
	// +kubebuilder:validation:MaxLength=200
	// +optional
	Goal string `json:"goal,omitempty"`

	// name is the name of the task in its Exercise.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	Name string `json:"name,omitempty"`

	// needed says what must be so: the first check of the task that is not met.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Needed string `json:"needed,omitempty"`

	// openedAt is when the task was first open to be worked on. Hints count from here.
	// +optional
	OpenedAt *metav1.Time `json:"openedAt,omitempty"`

	// passedAt is when the task was passed. It is never taken back.
	// +optional
	PassedAt *metav1.Time `json:"passedAt,omitempty"`

	// points is what the task is worth.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +optional
	Points int32 `json:"points,omitempty"`

	// record holds the values that the exercise keeps with the pass, for later tasks.
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(name, size(name) <= 31 && size(self[name]) <= 256)",message="record holds texts of at most 256 characters"
	// +optional
	Record map[string]string `json:"record,omitempty"`

	// seen says what was found instead of what is needed.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Seen string `json:"seen,omitempty"`

	// state is Passed, Pending, Locked or Error.
	// +kubebuilder:validation:Enum=Passed;Pending;Locked;Error
	// +required
	State State `json:"state,omitempty"`

	// tips are the hints that are due.
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:items:MaxLength=512
	// +listType=atomic
	// +optional
	Tips []string `json:"tips,omitempty"`

	// todo is the instructions of an open task, in Markdown.
	// +kubebuilder:validation:MaxLength=4096
	// +optional
	Todo string `json:"todo,omitempty"`

	// verdicts are the results of the single checks of an open task that has more than one.
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	Verdicts []CheckResult `json:"verdicts,omitempty"`
}

// QuestionStatus is how far the learner is with one question.
// The names of its fields are chosen for the order in which kubectl describe prints them.
type QuestionStatus struct {
	// ask is the question.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Ask string `json:"ask,omitempty"`

	// attemptsLeft is how many different answers can still be tried.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10
	// +optional
	AttemptsLeft *int32 `json:"attemptsLeft,omitempty"`

	// feedback says what is wrong with the last answer, or what keeps it from being graded.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Feedback string `json:"feedback,omitempty"`

	// id is the question's id, the key under spec.answers.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	ID string `json:"id,omitempty"`

	// modelAnswer is an answer worth saying aloud, shown when the question is settled.
	// +kubebuilder:validation:MaxLength=4096
	// +optional
	ModelAnswer string `json:"modelAnswer,omitempty"`

	// options are the choices of an open question, each with its letter. The order is this learner's own.
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MaxLength=520
	// +listType=atomic
	// +optional
	Options []string `json:"options,omitempty"`

	// state is Open, Right, Wrong, Exhausted or Locked; Error when the key or the platform is at fault.
	// +kubebuilder:validation:Enum=Open;Right;Wrong;Exhausted;Locked;Error
	// +required
	State State `json:"state,omitempty"`

	// tried are the different wrong answers given so far, in normal form.
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=256
	// +listType=set
	// +optional
	Tried []string `json:"tried,omitempty"`
}

// LabStatus is what the operator has seen. Only the operator writes it.
type LabStatus struct {
	// completedAt is when the lab was completed. It is never taken back.
	// +optional
	CompletedAt *metav1.Time `json:"completedAt,omitempty"`

	// conditions are Provisioned (the operator's part is done), Ready (it can be worked on), Completed,
	// Stalled (the author or the platform is at fault), CatalogOutdated (a newer exercise or topic is there).
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +patchStrategy=merge
	// +patchMergeKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty" patchStrategy:"merge" patchMergeKey:"type"`

	// environment identifies the namespace and the setup that the learner works in.
	// +optional
	Environment *LabEnvironment `json:"environment,omitempty"`

	// exercise is the Exercise that is worked on.
	// +kubebuilder:validation:MaxLength=63
	// +optional
	Exercise string `json:"exercise,omitempty"`

	// namespace is where the learner works.
	// +kubebuilder:validation:MaxLength=63
	// +optional
	Namespace string `json:"namespace,omitempty"`

	// next is one sentence on what to do now, with the command to look with.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Next string `json:"next,omitempty"`

	// notices quote what keeps the learner's pods from running (images that can't be pulled, pods that are refused),
	// and name answers to questions that this lab does not have.
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:items:MaxLength=512
	// +listType=atomic
	// +optional
	Notices []string `json:"notices,omitempty"`

	// observedGeneration is the generation of the spec that this status answers.
	// +kubebuilder:validation:Minimum=0
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// params are the values that were drawn for this learner, as texts. They stay as long as the exercise has them.
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(name, size(name) <= 31 && size(self[name]) <= 63)",message="params hold texts of at most 63 characters"
	// +optional
	Params map[string]string `json:"params,omitempty"`

	// phase is a one-word summary.
	// +optional
	Phase LabPhase `json:"phase,omitempty"`

	// questions is how far the learner is with each question.
	// +listType=map
	// +listMapKey=id
	// +kubebuilder:validation:MaxItems=32
	// +optional
	Questions []QuestionStatus `json:"questions,omitempty"`

	// revision is the hash of the exercise, questions and key that this lab is pinned to.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Revision string `json:"revision,omitempty"`

	// scorePercent is the points earned out of the points there are, from tasks and questions, in percent.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	ScorePercent int32 `json:"scorePercent,omitempty"`

	// startedAt is when the learner could first work.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// summary holds the cells of kubectl get labs.
	// +optional
	Summary LabSummary `json:"summary,omitempty,omitzero"`

	// tasks is how far the learner is with each task.
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Tasks []TaskStatus `json:"tasks,omitempty"`
}

// Lab is one learner's sitting of one exercise and the questions paired with it.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=learning
// +kubebuilder:printcolumn:name="Topic",type=string,JSONPath=`.spec.topic`,description="The topic"
// +kubebuilder:printcolumn:name="Exercise",type=string,JSONPath=`.status.exercise`,description="The exercise worked on"
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`,description="Pending, Provisioning, InProgress, Completed or Absent"
// +kubebuilder:printcolumn:name="Tasks",type=string,JSONPath=`.status.summary.tasks`,description="Tasks passed, of all"
// +kubebuilder:printcolumn:name="Questions",type=string,JSONPath=`.status.summary.questions`,description="Questions rightly answered, of all"
// +kubebuilder:printcolumn:name="Score",type=string,JSONPath=`.status.summary.score`,description="Points earned, of all"
// +kubebuilder:printcolumn:name="Namespace",type=string,JSONPath=`.status.namespace`,description="Where the learner works"
// +kubebuilder:printcolumn:name="Next",type=string,priority=1,JSONPath=`.status.next`,description="What to do now"
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 40",message="the name of a Lab has at most 40 characters"
// +kubebuilder:validation:XValidation:rule="self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="the name of a Lab has lower-case letters, digits and dashes only: it becomes part of a namespace's name"
type Lab struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is that of every Kubernetes object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what the learner asks for.
	// +required
	Spec LabSpec `json:"spec,omitzero"`

	// status is what the operator has seen.
	// +optional
	Status LabStatus `json:"status,omitempty,omitzero"`
}

// LabList is a list of Labs.
//
// +kubebuilder:object:root=true
type LabList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Lab `json:"items"`
}
