package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Difficulty tells a learner what to expect.
// +kubebuilder:validation:Enum=Beginner;Intermediate;Advanced
type Difficulty string

const (
	// DifficultyBeginner needs no knowledge of the subject.
	DifficultyBeginner Difficulty = "Beginner"
	// DifficultyIntermediate needs some practice with the subject.
	DifficultyIntermediate Difficulty = "Intermediate"
	// DifficultyAdvanced is for those who run such systems at work.
	DifficultyAdvanced Difficulty = "Advanced"
)

// PodSecurityLevel is a level of the Pod Security Standards.
// +kubebuilder:validation:Enum=restricted;baseline
type PodSecurityLevel string

const (
	// PodSecurityRestricted is the default.
	PodSecurityRestricted PodSecurityLevel = "restricted"
	// PodSecurityBaseline is for exercises whose software or whose learners cannot meet restricted.
	PodSecurityBaseline PodSecurityLevel = "baseline"
)

// TaskMode says when the checks of a task must hold.
// +kubebuilder:validation:Enum=Once;Continuous
type TaskMode string

const (
	// TaskOnce is passed for good when its checks have held.
	TaskOnce TaskMode = "Once"
	// TaskContinuous must hold at the moment at which the lab is completed.
	TaskContinuous TaskMode = "Continuous"
)

// Requirement is an API that the cluster must serve before and while the exercise is worked on.
type Requirement struct {
	// api is a group and version, as in metrics.k8s.io/v1beta1.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9.-]+/v[a-z0-9]+$`
	// +required
	API string `json:"api,omitempty"`

	// help says how the cluster gets it.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +required
	Help string `json:"help,omitempty"`
}

// LabResources sizes the quota and the limit range of a lab's namespace.
type LabResources struct {
	// cpu bounds the sum of the CPU requests in the namespace, in cores. Without defaultRequests it is shared
	// out: a pod may request cpu divided by pods, as a quota would refuse every pod without a request.
	// +kubebuilder:default="1"
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).isGreaterThan(quantity('0')) && quantity(string(self)).compareTo(quantity('64')) <= 0",message="cpu is more than 0 and at most 64"
	// +optional
	CPU resource.Quantity `json:"cpu,omitempty,omitzero"`

	// memory bounds the sum of the memory limits in the namespace.
	// +kubebuilder:default="512Mi"
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).isGreaterThan(quantity('0')) && quantity(string(self)).compareTo(quantity('256Gi')) <= 0",message="memory is more than 0 and at most 256Gi"
	// +optional
	Memory resource.Quantity `json:"memory,omitempty,omitzero"`

	// pods bounds the number of pods that are not finished.
	// +kubebuilder:default=12
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +optional
	Pods int32 `json:"pods,omitempty"`

	// storage bounds the sum of the claims for volumes.
	// +kubebuilder:default="1Gi"
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('0')) >= 0 && quantity(string(self)).compareTo(quantity('1Ti')) <= 0",message="storage is 0 to 1Ti"
	// +optional
	Storage resource.Quantity `json:"storage,omitempty,omitzero"`

	// defaultRequests gives containers without a CPU request a default one. False where setting the
	// request is what the exercise teaches.
	// +kubebuilder:default=true
	// +optional
	DefaultRequests *bool `json:"defaultRequests,omitempty"`
}

// Check is one clause that must be true, with words for the learner.
type Check struct {
	// expression is CEL that returns a bool.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +required
	Expression string `json:"expression,omitempty"`

	// needed says to the learner what must be so.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=400
	// +required
	Needed string `json:"needed,omitempty"`

	// seen is CEL that returns a string: what was found instead. Left out, the operator says what it can.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +optional
	Seen string `json:"seen,omitempty"`
}

// Hint is shown when a task has been open for some time.
type Hint struct {
	// after is how long the task has been open, as in 5m.
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('24h')",message="after is a duration up to 24h, as in 5m"
	// +required
	After metav1.Duration `json:"after"`

	// text of the hint.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +required
	Text string `json:"text,omitempty"`
}

// Task is something to achieve, judged by its checks.
// +kubebuilder:validation:XValidation:rule="!has(self.after) || !(self.name in self.after)",message="a task cannot wait for itself"
type Task struct {
	// name of the task, unique in the exercise.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +kubebuilder:validation:Pattern=`^[a-z][a-zA-Z0-9]{0,30}$`
	// +required
	Name string `json:"name,omitempty"`

	// title says in a line what to achieve.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	// +required
	Title string `json:"title,omitempty"`

	// instructions say in Markdown what to achieve and why, and where to look; never the command to paste.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +required
	Instructions string `json:"instructions,omitempty"`

	// points is what the task is worth in the score.
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +optional
	Points int32 `json:"points,omitempty"`

	// after lists tasks that must have been passed before this one is open.
	// +kubebuilder:validation:MaxItems=11
	// +kubebuilder:validation:items:MaxLength=31
	// +listType=set
	// +optional
	After []string `json:"after,omitempty"`

	// mode is Once, or Continuous for a task that must hold at the moment of completion.
	// +kubebuilder:default=Once
	// +optional
	Mode TaskMode `json:"mode,omitempty"`

	// hold is how long the checks must be seen true without a gap, as in 10s.
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('1h')",message="hold is a duration up to 1h, as in 10s"
	// +optional
	Hold *metav1.Duration `json:"hold,omitempty"`

	// record maps a name to CEL whose value is kept as text with the pass: done.<task>.<name> in later tasks.
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(name, name.matches('^[a-z][a-zA-Z0-9]{0,30}$') && name != 'at' && name != 'passed')",message="the names in record look like hpaUID; at and passed are taken"
	// +kubebuilder:validation:XValidation:rule="self.all(name, size(self[name]) <= 512)",message="an expression in record has at most 512 characters"
	// +optional
	Record map[string]string `json:"record,omitempty"`

	// checks must all be true. Each gives a result of its own.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +required
	Checks []Check `json:"checks,omitempty"`

	// hints are shown with the time that the task has been open.
	// +kubebuilder:validation:MaxItems=5
	// +listType=atomic
	// +optional
	Hints []Hint `json:"hints,omitempty"`
}

// ExerciseSpec is what an author writes.
// +kubebuilder:validation:XValidation:rule="self.tasks.all(t, !has(t.after) || t.after.all(a, self.tasks.exists(o, o.name == a)))",message="after names a task that the exercise does not have"
type ExerciseSpec struct {
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
	// +kubebuilder:default=Intermediate
	// +optional
	Difficulty Difficulty `json:"difficulty,omitempty"`

	// minutes is how long a learner takes, roughly.
	// +kubebuilder:default=30
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=480
	// +optional
	Minutes int32 `json:"minutes,omitempty"`

	// incident is the production incident that this prepares for, shown on completion.
	// +kubebuilder:validation:MaxLength=400
	// +optional
	Incident string `json:"incident,omitempty"`

	// requires lists what the cluster must serve. It is looked at all the time.
	// +kubebuilder:validation:MaxItems=8
	// +listType=map
	// +listMapKey=api
	// +optional
	Requires []Requirement `json:"requires,omitempty"`

	// resources sizes the lab's namespace.
	// +kubebuilder:default={}
	// +optional
	Resources LabResources `json:"resources,omitempty,omitzero"`

	// podSecurity is the level that the lab's namespace enforces.
	// +kubebuilder:default=restricted
	// +optional
	PodSecurity PodSecurityLevel `json:"podSecurity,omitempty"`

	// setup lists the objects that the learner starts with, applied once per environment. They are namespaced and
	// name no namespace. Those with the label learning.lab-operator.dev/protected=true cannot be changed by the learner.
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:items:XEmbeddedResource
	// +listType=atomic
	// +optional
	Setup []runtime.RawExtension `json:"setup,omitempty"`

	// readyWhen lists checks that tell when the learner can start. Left out, the setup being applied is enough. Once they
	// have held, they are not asked again in the same environment: what follows is the learner's doing.
	// +kubebuilder:validation:MaxItems=8
	// +listType=atomic
	// +optional
	ReadyWhen []Check `json:"readyWhen,omitempty"`

	// params are drawn once per learner and kept for the life of the lab: params.<name> in expressions, and
	// $(params.<name>) in titles, instructions and hints of tasks, and in what checks need. They are not for setup.
	// +kubebuilder:validation:MaxItems=8
	// +listType=map
	// +listMapKey=name
	// +optional
	Params []Param `json:"params,omitempty"`

	// evidence lists all that checks can see.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=name
	// +required
	Evidence []Evidence `json:"evidence,omitempty"`

	// tasks lists what to achieve, in order.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=12
	// +listType=map
	// +listMapKey=name
	// +required
	Tasks []Task `json:"tasks,omitempty"`
}

// ExerciseStatus is the operator's view of an exercise.
type ExerciseStatus struct {
	// conditions has Accepted: it says whether labs can be started from this exercise, and if not, what to correct.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	// +patchStrategy=merge
	// +patchMergeKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty" patchStrategy:"merge" patchMergeKey:"type"`

	// observedGeneration is the generation of the spec that this status answers.
	// +kubebuilder:validation:Minimum=0
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// taskCount is the number of tasks.
	// +kubebuilder:validation:Minimum=0
	// +optional
	TaskCount int32 `json:"taskCount,omitempty"`
}

// Exercise is a hands-on exercise: what is set up, what can be seen, and what must be achieved.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories=learning,shortName=ex
// +kubebuilder:printcolumn:name="Title",type=string,JSONPath=`.spec.title`,description="What is done"
// +kubebuilder:printcolumn:name="Difficulty",type=string,JSONPath=`.spec.difficulty`,description="Beginner, Intermediate or Advanced"
// +kubebuilder:printcolumn:name="Minutes",type=integer,JSONPath=`.spec.minutes`,description="How long it takes, roughly"
// +kubebuilder:printcolumn:name="Tasks",type=integer,JSONPath=`.status.taskCount`,description="The number of tasks"
// +kubebuilder:printcolumn:name="Accepted",type=string,JSONPath=`.status.conditions[?(@.type=='Accepted')].status`,description="Whether labs can be started from it"
// +kubebuilder:printcolumn:name="Requires",type=string,JSONPath=`.spec.requires[*].api`,description="What the cluster must serve"
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63",message="the name of an Exercise has at most 63 characters"
type Exercise struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is that of every Kubernetes object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what the author wrote.
	// +required
	Spec ExerciseSpec `json:"spec,omitzero"`

	// status is the operator's view.
	// +optional
	Status ExerciseStatus `json:"status,omitempty,omitzero"`
}

// ExerciseList is a list of Exercises.
//
// +kubebuilder:object:root=true
type ExerciseList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Exercise `json:"items"`
}
