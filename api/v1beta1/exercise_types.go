package v1beta1

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
	// TaskOnce stays passed once its checks have been true.
	TaskOnce TaskMode = "Once"
	// TaskContinuous must be true at the moment when the lab is completed.
	TaskContinuous TaskMode = "Continuous"
)

// Requirement is an API that the cluster must serve before and during the exercise.
type Requirement struct {
	// api is a group and version, as in metrics.k8s.io/v1beta1.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9.-]+/v[a-z0-9]+$`
	// +required
	API string `json:"api,omitempty"`

	// remedy says how to install it.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +required
	Remedy string `json:"remedy,omitempty"`
}

// LabQuota sizes the quota and the limit range of a lab's namespace.
type LabQuota struct {
	// cpu bounds the sum of the CPU requests in the namespace, in cores. If defaultRequests is false, it bounds each pod
	// instead: a pod may request cpu divided by pods. A quota on CPU would refuse every pod without a request.
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

	// storage bounds the sum of the storage that claims request.
	// +kubebuilder:default="1Gi"
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('0')) >= 0 && quantity(string(self)).compareTo(quantity('1Ti')) <= 0",message="storage is 0 to 1Ti"
	// +optional
	Storage resource.Quantity `json:"storage,omitempty,omitzero"`

	// defaultRequests gives a default CPU request to containers that set none. Set it to false in an exercise that teaches
	// how to set the request.
	// +kubebuilder:default=true
	// +optional
	DefaultRequests *bool `json:"defaultRequests,omitempty"`
}

// Check is one condition that must be true, with texts for the learner.
type Check struct {
	// expression is CEL that returns a bool.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +required
	Expression string `json:"expression,omitempty"`

	// expected tells the learner what must be true.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=400
	// +required
	Expected string `json:"expected,omitempty"`

	// observed is CEL that returns a string: what was found instead. If it is left out, the operator quotes the fields that
	// expression reads, or the error of a probe.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +optional
	Observed string `json:"observed,omitempty"`
}

// Hint is shown when a task has been open for some time.
type Hint struct {
	// after is how long the task must have been open, as in 5m.
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
// +kubebuilder:validation:XValidation:rule="!has(self.dependsOn) || !(self.name in self.dependsOn)",message="a task cannot depend on itself"
type Task struct {
	// name of the task, unique in the exercise.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +kubebuilder:validation:Pattern=`^[a-z][a-zA-Z0-9]{0,30}$`
	// +required
	Name string `json:"name,omitempty"`

	// title says in one line what to achieve.
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

	// dependsOn lists the tasks that must be passed before this one opens.
	// +kubebuilder:validation:MaxItems=11
	// +kubebuilder:validation:items:MaxLength=31
	// +listType=set
	// +optional
	DependsOn []string `json:"dependsOn,omitempty"`

	// mode is Once, or Continuous for a task that must be true at the moment of completion.
	// +kubebuilder:default=Once
	// +optional
	Mode TaskMode `json:"mode,omitempty"`

	// holdFor is how long the checks must stay true without a gap, as in 10s.
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('1h')",message="holdFor is a duration up to 1h, as in 10s"
	// +optional
	HoldFor *metav1.Duration `json:"holdFor,omitempty"`

	// outputs maps names to CEL. The values are stored as text when the task is passed; later tasks read them as
	// done.<task>.<name>.
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(name, name.matches('^[a-z][a-zA-Z0-9]{0,30}$') && name != 'at' && name != 'passed')",message="the names in outputs look like hpaUID; at and passed are taken"
	// +kubebuilder:validation:XValidation:rule="self.all(name, size(self[name]) <= 512)",message="an expression in outputs has at most 512 characters"
	// +optional
	Outputs map[string]string `json:"outputs,omitempty"`

	// checks must all be true. Each has a result of its own.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +required
	Checks []Check `json:"checks,omitempty"`

	// hints are shown when the task has been open for some time.
	// +kubebuilder:validation:MaxItems=5
	// +listType=atomic
	// +optional
	Hints []Hint `json:"hints,omitempty"`
}

// ExerciseSpec is what an author writes.
// +kubebuilder:validation:XValidation:rule="self.tasks.all(t, !has(t.dependsOn) || t.dependsOn.all(a, self.tasks.exists(o, o.name == a)))",message="dependsOn names a task that the exercise does not have"
type ExerciseSpec struct {
	// title of the exercise, in one line.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=120
	// +required
	Title string `json:"title,omitempty"`

	// description says in Markdown what the learner learns and what it is good for.
	// +kubebuilder:validation:MaxLength=2048
	// +optional
	Description string `json:"description,omitempty"`

	// difficulty tells a learner what to expect.
	// +kubebuilder:default=Intermediate
	// +optional
	Difficulty Difficulty `json:"difficulty,omitempty"`

	// estimatedMinutes is how long a learner takes, roughly.
	// +kubebuilder:default=30
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=480
	// +optional
	EstimatedMinutes int32 `json:"estimatedMinutes,omitempty"`

	// incident is a production incident that the exercise prepares for. It is shown on completion.
	// +kubebuilder:validation:MaxLength=400
	// +optional
	Incident string `json:"incident,omitempty"`

	// requires lists the APIs that the cluster must serve. The operator checks them all the time.
	// +kubebuilder:validation:MaxItems=8
	// +listType=map
	// +listMapKey=api
	// +optional
	Requires []Requirement `json:"requires,omitempty"`

	// quota sizes the lab's namespace.
	// +kubebuilder:default={}
	// +optional
	Quota LabQuota `json:"quota,omitempty,omitzero"`

	// podSecurity is the level that the lab's namespace enforces.
	// +kubebuilder:default=restricted
	// +optional
	PodSecurity PodSecurityLevel `json:"podSecurity,omitempty"`

	// setup lists the objects that the learner starts with. They are applied once per environment. Their kinds are
	// namespaced, and they name no namespace. Learners can't change objects with the label
	// learning.lab-operator.dev/protected=true.
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:items:XEmbeddedResource
	// +listType=atomic
	// +optional
	Setup []runtime.RawExtension `json:"setup,omitempty"`

	// readyWhen lists the checks that must be true before the learner can start. If it is left out, the learner can start
	// when the setup is applied. Once they have been true, they are not checked again in the same environment: from then on
	// the learner may break things.
	// +kubebuilder:validation:MaxItems=8
	// +listType=atomic
	// +optional
	ReadyWhen []Check `json:"readyWhen,omitempty"`

	// params are drawn once per learner and kept for the life of the lab. Expressions read them as params.<name>. Titles,
	// instructions and hints of tasks, and expected of checks, quote them as $(params.<name>). The setup can't use them.
	// +kubebuilder:validation:MaxItems=8
	// +listType=map
	// +listMapKey=name
	// +optional
	Params []Param `json:"params,omitempty"`

	// evidence lists everything that checks can read.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=name
	// +required
	Evidence []Evidence `json:"evidence,omitempty"`

	// tasks lists what the learner must achieve, in order.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=12
	// +listType=map
	// +listMapKey=name
	// +required
	Tasks []Task `json:"tasks,omitempty"`
}

// ExerciseStatus is the operator's view of an exercise.
type ExerciseStatus struct {
	// conditions has Accepted: whether labs can be started from this exercise, and if not, what to fix.
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

// Exercise is a hands-on exercise: its setup, the evidence that checks read, and the tasks.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories=learning,shortName=ex
// +kubebuilder:printcolumn:name="Title",type=string,JSONPath=`.spec.title`,description="What is done"
// +kubebuilder:printcolumn:name="Difficulty",type=string,JSONPath=`.spec.difficulty`,description="Beginner, Intermediate or Advanced"
// +kubebuilder:printcolumn:name="Minutes",type=integer,JSONPath=`.spec.estimatedMinutes`,description="How long it takes, roughly"
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
