package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// QuestionForm says how a learner answers a question. How the right answer is known is a matter of the key.
// +kubebuilder:validation:Enum=Choice;MultiChoice;Number;Text
type QuestionForm string

const (
	// FormChoice is answered by the letter of one option.
	FormChoice QuestionForm = "Choice"
	// FormMultiChoice is answered by the letters of all options that apply, in any order.
	FormMultiChoice QuestionForm = "MultiChoice"
	// FormNumber is answered by an integer or a decimal number.
	FormNumber QuestionForm = "Number"
	// FormText is answered by a few words. Case, spaces and the punctuation around them do not count.
	FormText QuestionForm = "Text"
)

// Option is one choice of a question. Learners see the options in an order of their own, with letters.
type Option struct {
	// name is the author's name of the option. It names what the option says, not whether it is right.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9-]{0,30}$`
	// +required
	Name string `json:"name,omitempty"`

	// text of the option.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +required
	Text string `json:"text,omitempty"`
}

// Reference is a primary source to read on.
type Reference struct {
	// title of the source.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	// +required
	Title string `json:"title,omitempty"`

	// url of the source, where it has one.
	// +kubebuilder:validation:MaxLength=300
	// +kubebuilder:validation:Pattern=`^https://.+`
	// +optional
	URL string `json:"url,omitempty"`
}

// Question is an interview question in a form that can be graded.
// +kubebuilder:validation:XValidation:rule="(self.form in ['Choice', 'MultiChoice']) == has(self.options)",message="a question of the form Choice or MultiChoice has options, and no other has"
// +kubebuilder:validation:XValidation:rule="!has(self.unit) || self.form == 'Number'",message="unit goes with the form Number"
type Question struct {
	// id of the question, as in k8s-04. It is the key under a Lab's spec.answers.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9-]{0,30}$`
	// +required
	ID string `json:"id,omitempty"`

	// interview is the open question as an interviewer asks it.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +required
	Interview string `json:"interview,omitempty"`

	// ask is the question in the form that is graded.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Ask string `json:"ask,omitempty"`

	// form says how it is answered: Choice by one letter, MultiChoice by a set of letters, Number by a number,
	// Text by a few words.
	// +required
	Form QuestionForm `json:"form,omitempty"`

	// options are the choices of the forms Choice and MultiChoice.
	// +kubebuilder:validation:MinItems=2
	// +kubebuilder:validation:MaxItems=8
	// +listType=map
	// +listMapKey=name
	// +optional
	Options []Option `json:"options,omitempty"`

	// unit is what a number counts, as in seconds.
	// +kubebuilder:validation:MaxLength=32
	// +optional
	Unit string `json:"unit,omitempty"`

	// exercise names the exercise that demonstrates the answer. The question stands in its labs.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +required
	Exercise string `json:"exercise,omitempty"`

	// task names the task of that exercise that demonstrates the answer.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	Task string `json:"task,omitempty"`

	// lockedUntilTask keeps the question back until its task has been passed: where it spoils the task.
	// +kubebuilder:default=false
	// +optional
	LockedUntilTask *bool `json:"lockedUntilTask,omitempty"`

	// attempts is how many different answers can be tried.
	// +kubebuilder:default=3
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	// +optional
	Attempts int32 `json:"attempts,omitempty"`

	// difficulty tells a learner what to expect.
	// +kubebuilder:default=Intermediate
	// +optional
	Difficulty Difficulty `json:"difficulty,omitempty"`

	// references are primary sources to read on.
	// +kubebuilder:validation:MaxItems=8
	// +listType=atomic
	// +optional
	References []Reference `json:"references,omitempty"`
}

// TopicSpec is what an author writes.
// +kubebuilder:validation:XValidation:rule="!has(self.questions) || self.questions.all(q, self.exercises.exists(e, e == q.exercise))",message="a question names an exercise that the topic does not list"
type TopicSpec struct {
	// title of the topic, in a line.
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

	// questions lists the interview questions of the topic. Their answers stand in an AnswerKey.
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=id
	// +optional
	Questions []Question `json:"questions,omitempty"`
}

// TopicStatus is the operator's view of a topic.
type TopicStatus struct {
	// conditions has Accepted: it says whether labs can be started from this topic, and if not, what to correct.
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

// Topic is a subject: an ordered list of exercises and the questions that go with them.
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
