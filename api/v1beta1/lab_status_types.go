package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TaskState is the verdict on a task.
// +kubebuilder:validation:Enum=Passed;Pending;Locked;Error
type TaskState string

const (
	// TaskPassed means that the task was seen to be done. It is never taken back.
	TaskPassed TaskState = "Passed"
	// TaskPending means that the task is open: observed says what was found instead of what is expected.
	TaskPending TaskState = "Pending"
	// TaskLocked means that another task must be passed first.
	TaskLocked TaskState = "Locked"
	// TaskError means that the exercise or the platform is at fault, never the learner.
	TaskError TaskState = "Error"
)

// CheckState is the verdict on one check of a task.
// +kubebuilder:validation:Enum=Passed;Pending;Error
type CheckState string

const (
	// CheckPassed means that the check is met.
	CheckPassed CheckState = "Passed"
	// CheckPending means that it is not met yet.
	CheckPending CheckState = "Pending"
	// CheckError means that the exercise or the platform is at fault, never the learner.
	CheckError CheckState = "Error"
)

// QuestionState is the verdict on a question.
// +kubebuilder:validation:Enum=Open;Right;Wrong;Exhausted;Locked;Error
type QuestionState string

const (
	// QuestionOpen means that the question waits for an answer.
	QuestionOpen QuestionState = "Open"
	// QuestionRight means that the question was answered correctly. It is never taken back.
	QuestionRight QuestionState = "Right"
	// QuestionWrong means that the last answer was wrong and another attempt is left.
	QuestionWrong QuestionState = "Wrong"
	// QuestionExhausted means that every attempt at the question was wrong. It is never taken back.
	QuestionExhausted QuestionState = "Exhausted"
	// QuestionLocked means that the task of the question must be passed first.
	QuestionLocked QuestionState = "Locked"
	// QuestionError means that the answer key or the platform is at fault, never the learner.
	QuestionError QuestionState = "Error"
)

// IsSettled tells whether a question in this state takes no more answers.
func (s QuestionState) IsSettled() bool { return s == QuestionRight || s == QuestionExhausted }

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
type CheckResult struct {
	// expected says what must be so.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +required
	Expected string `json:"expected,omitempty"`

	// observed says what was found instead. It is absent where the check is met.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Observed string `json:"observed,omitempty"`

	// state is Passed, Pending or Error.
	// +required
	State CheckState `json:"state,omitempty"`
}

// CurrentTask is the open task to work on now, with all that a learner needs for it.
type CurrentTask struct {
	// name of the task in its Exercise.
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
	// +kubebuilder:validation:MaxLength=4096
	// +optional
	Instructions string `json:"instructions,omitempty"`

	// checks are the results of the single checks.
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	Checks []CheckResult `json:"checks,omitempty"`

	// hints are those that are due.
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:items:MaxLength=512
	// +listType=atomic
	// +optional
	Hints []string `json:"hints,omitempty"`
}

// CurrentQuestion is one open question, with all that a learner needs to answer it.
type CurrentQuestion struct {
	// id of the question, the key under spec.answers.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	ID string `json:"id,omitempty"`

	// interviewQuestion is the open question as an interviewer asks it.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	InterviewQuestion string `json:"interviewQuestion,omitempty"`

	// prompt is the question in the form that is graded.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Prompt string `json:"prompt,omitempty"`

	// unit is what a number counts, as in seconds.
	// +kubebuilder:validation:MaxLength=32
	// +optional
	Unit string `json:"unit,omitempty"`

	// options are the choices, each with its letter. The order is this learner's own.
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MaxLength=520
	// +listType=atomic
	// +optional
	Options []string `json:"options,omitempty"`

	// attemptsLeft is how many different answers can still be tried.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10
	// +optional
	AttemptsLeft int32 `json:"attemptsLeft,omitempty"`

	// answerWith is the command that answers it, with ANSWER where the answer goes.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	AnswerWith string `json:"answerWith,omitempty"`

	// feedback says what is wrong with the last answer, or what keeps it from being graded.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Feedback string `json:"feedback,omitempty"`
}

// LabCurrent is what a learner works on now, in full: enough to go on with kubectl alone. What came before stands in the
// LabReview, and what comes next in the ExerciseRevision.
type LabCurrent struct {
	// intro is the title and the description of the exercise, in Markdown, until the first task is passed.
	// +kubebuilder:validation:MaxLength=2200
	// +optional
	Intro string `json:"intro,omitempty"`

	// task is the first open task. It is absent where none is open.
	// +optional
	Task *CurrentTask `json:"task,omitempty"`

	// taskQuestion is one open question: one that was answered and is not settled, or else one about a task that is open or
	// passed. It is absent where none is open.
	// +optional
	TaskQuestion *CurrentQuestion `json:"taskQuestion,omitempty"`
}

// TaskStatus is how far the learner is with one task. Its title and instructions stand in the ExerciseRevision.
type TaskStatus struct {
	// name of the task in its Exercise.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	Name string `json:"name,omitempty"`

	// state is Passed, Pending, Locked or Error.
	// +required
	State TaskState `json:"state,omitempty"`

	// expected says what must be so: the first check of the open task that is not met.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Expected string `json:"expected,omitempty"`

	// observed says what was found instead of what is expected.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Observed string `json:"observed,omitempty"`

	// openedAt is when the task was first open. Hints count from here.
	// +optional
	OpenedAt *metav1.Time `json:"openedAt,omitempty"`

	// passedAt is when the task was passed. It is never taken back.
	// +optional
	PassedAt *metav1.Time `json:"passedAt,omitempty"`

	// outputs holds the values that the exercise keeps with the pass, for later tasks.
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(name, size(name) <= 31 && size(self[name]) <= 256)",message="outputs holds texts of at most 256 characters"
	// +optional
	Outputs map[string]string `json:"outputs,omitempty"`
}

// QuestionStatus is how far the learner is with one question. A question that was not answered yet is in no list.
type QuestionStatus struct {
	// id of the question, the key under spec.answers.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	ID string `json:"id,omitempty"`

	// state is Open, Right, Wrong, Exhausted or Locked; Error when the answer key or the platform is at fault.
	// +required
	State QuestionState `json:"state,omitempty"`

	// attempts are the different wrong answers given so far, in normal form.
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=256
	// +listType=atomic
	// +optional
	Attempts []string `json:"attempts,omitempty"`

	// attemptsLeft is how many different answers can still be tried. It is always written: zero is a number like others.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10
	// +optional
	AttemptsLeft int32 `json:"attemptsLeft"` //nolint:kubeapilinter // it is always written, and zero is a number like others
}

// LabStatus is what the operator has seen. Only the operator writes it.
type LabStatus struct {
	// completedAt is when the lab was completed. It is never taken back.
	// +optional
	CompletedAt *metav1.Time `json:"completedAt,omitempty"`

	// conditions are Provisioned (the operator's part is done), Ready (the learner can work) and Completed; while they are
	// true, Stalled (the author or the platform is at fault) and CatalogOutdated (the exercise or topic has changed); and, while
	// a deletion takes long, Deleting.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +patchStrategy=merge
	// +patchMergeKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty" patchStrategy:"merge" patchMergeKey:"type"`

	// current is what the learner works on now: one open task and one open question.
	// +optional
	Current LabCurrent `json:"current,omitempty,omitzero"`

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

	// questions is how far the learner is with each question that was answered. The LabReview has what is settled.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +optional
	Questions []QuestionStatus `json:"questions,omitempty"`

	// questionsRight is how many questions were answered correctly.
	// +kubebuilder:validation:Minimum=0
	// +optional
	QuestionsRight int32 `json:"questionsRight"` //nolint:kubeapilinter // it is always written, and zero is a number like others

	// questionsTotal is how many questions there are.
	// +kubebuilder:validation:Minimum=0
	// +optional
	QuestionsTotal int32 `json:"questionsTotal"` //nolint:kubeapilinter // it is always written, and zero is a number like others

	// revision names the ExerciseRevision that this lab was started from.
	// +kubebuilder:validation:MaxLength=80
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

	// tasks is how far the learner is with each task, in the order of the exercise.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Tasks []TaskStatus `json:"tasks,omitempty"`

	// tasksPassed is how many tasks have been passed.
	// +kubebuilder:validation:Minimum=0
	// +optional
	TasksPassed int32 `json:"tasksPassed"` //nolint:kubeapilinter // it is always written, and zero is a number like others

	// tasksTotal is how many tasks there are.
	// +kubebuilder:validation:Minimum=0
	// +optional
	TasksTotal int32 `json:"tasksTotal"` //nolint:kubeapilinter // it is always written, and zero is a number like others
}
