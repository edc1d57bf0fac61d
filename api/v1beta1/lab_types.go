package v1beta1

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

// LabSpec is what a learner asks for. What must not change in a Lab is a rule of its field spec: a Workshop has LabSpecs as
// templates, which a facilitator may edit.
type LabSpec struct {
	// topic names the Topic whose exercise is worked on. kubectl get topics lists them. It cannot be changed in a Lab.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +required
	Topic string `json:"topic,omitempty"`

	// exercise names one of the topic's exercises; left out, it is the topic's first. It cannot be changed in a Lab.
	// kubectl get topics -o yaml lists them. status.exercise shows which one it became.
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

// Lab is one learner's attempt at one exercise and the questions paired with it.
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
// +kubebuilder:printcolumn:name="Ready",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=='Ready')].status`,description="Whether the learner can work"
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
	// +kubebuilder:validation:XValidation:rule="self.topic == oldSelf.topic",message="topic is immutable: create another Lab for another topic"
	// +kubebuilder:validation:XValidation:rule="has(self.exercise) == has(oldSelf.exercise) && (!has(self.exercise) || self.exercise == oldSelf.exercise)",message="exercise is immutable: create another Lab for another exercise"
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
