package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// WorkshopPhase is a one-word summary of a Workshop. Conditions carry the detail.
// +kubebuilder:validation:Enum=Scheduled;Provisioning;Open;Closed;Removed
type WorkshopPhase string

const (
	// WorkshopScheduled means that it is too early to provision anything.
	WorkshopScheduled WorkshopPhase = "Scheduled"
	// WorkshopProvisioning means that labs are being set up ahead of the opening.
	WorkshopProvisioning WorkshopPhase = "Provisioning"
	// WorkshopOpen means that attendees can work.
	WorkshopOpen WorkshopPhase = "Open"
	// WorkshopClosed means that it has closed for every attendee; results are kept.
	WorkshopClosed WorkshopPhase = "Closed"
	// WorkshopRemoved means that the attendees' namespaces were removed some time after the close; results are kept.
	WorkshopRemoved WorkshopPhase = "Removed"
)

// LabSize says how much room the namespace of a lab has beside what its exercise asks for.
// +kubebuilder:validation:Enum=Small;Medium;Large
type LabSize string

const (
	// SizeSmall is what the exercise asks for.
	SizeSmall LabSize = "Small"
	// SizeMedium is twice of that, to try things out.
	SizeMedium LabSize = "Medium"
	// SizeLarge is four times of that.
	SizeLarge LabSize = "Large"
)

// Attendee is one person of the roster.
type Attendee struct {
	// name identifies the attendee in this workshop. Any script and case will do, as in an e-mail address: the names of
	// objects are derived from it, never copied.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[\\\\p{L}\\\\p{N}]([^\\\\p{C}]*[^\\\\p{C}\\\\p{Z}])?$')",message="the name of an attendee begins with a letter or a digit, ends with no space, and has no control characters"
	// +required
	Name string `json:"name,omitempty"`

	// displayName is shown to people in place of the name.
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^\\\\p{Cc}\\\\p{Zl}\\\\p{Zp}\\\\x{202A}-\\\\x{202E}\\\\x{2066}-\\\\x{2069}]*$')",message="displayName is one line and has no control characters: remove line breaks and direction marks"
	// +optional
	DisplayName string `json:"displayName,omitempty"`

	// extendBy is how much later than for the others the workshop closes for this attendee, as in 30m.
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('720h')",message="extendBy is a duration up to 720h, as in 30m"
	// +optional
	ExtendBy *metav1.Duration `json:"extendBy,omitempty"`
}

// LabTemplate is a Lab that every attendee gets.
type LabTemplate struct {
	// name of each attendee's Lab, as in hpa.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +required
	Name string `json:"name,omitempty"`

	// spec is that of each attendee's Lab: the topic, the exercise and the size. A change of its size reaches the Labs that
	// there are; one of its topic or exercise deletes them, see labTemplates.
	// +kubebuilder:validation:XValidation:rule="!has(self.answers) || size(self.answers) == 0",message="a template has no answers: each attendee gives them in their own Lab"
	// +kubebuilder:validation:XValidation:rule="!has(self.environment) || self.environment == 'Present'",message="the environment of a template is Present: leave it out, and say in spec.onClose.environments what happens at the close"
	// +required
	Spec LabSpec `json:"spec,omitzero"`
}

// WorkshopClose says what happens when the workshop has closed for an attendee.
type WorkshopClose struct {
	// environments is Absent to remove the namespaces of the labs, with all that runs there, or Present to leave them.
	// Results are kept either way.
	// +kubebuilder:default=Absent
	// +optional
	Environments Environment `json:"environments,omitempty"`
}

// The rule reads closesAt in any case: the API server takes texts for times that Go cannot read, and one Workshop with such
// a text would end the operator's watch of all.

// WorkshopSpec is what a facilitator asks for.
// +kubebuilder:validation:XValidation:rule="self.closesAt > (has(self.opensAt) ? self.opensAt : timestamp(0))",message="closesAt is not after opensAt"
// +kubebuilder:validation:XValidation:rule="self.closesAt < timestamp('3000-01-01T00:00:00Z')",message="closesAt is before the year 3000"
type WorkshopSpec struct {
	// attendees is the roster. An attendee who is added later is provisioned then. An attendee who is removed loses access at
	// once, and the labs after a grace period of 10 minutes. Results are kept.
	// +kubebuilder:validation:MaxItems=1000
	// +listType=map
	// +listMapKey=name
	// +optional
	Attendees []Attendee `json:"attendees,omitempty"`

	// labTemplates are the Labs that each attendee gets. An edit that removes one, or changes its topic or exercise, deletes the
	// attendees' Labs after a grace period of 10 minutes.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +listType=map
	// +listMapKey=name
	// +required
	LabTemplates []LabTemplate `json:"labTemplates,omitempty"`

	// opensAt is when attendees get access. Left out, it is at once.
	// +optional
	OpensAt *metav1.Time `json:"opensAt,omitempty"`

	// closesAt is when attendees lose access.
	// +required
	ClosesAt metav1.Time `json:"closesAt,omitempty,omitzero"`

	// extendBy is how much later than closesAt the workshop closes for everyone, as in 30m.
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('720h')",message="extendBy is a duration up to 720h, as in 30m"
	// +optional
	ExtendBy *metav1.Duration `json:"extendBy,omitempty"`

	// leadTime is how long before opensAt the labs are set up, as in 15m.
	// +kubebuilder:default="15m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('168h')",message="leadTime is a duration up to 168h, as in 15m"
	// +optional
	LeadTime *metav1.Duration `json:"leadTime,omitempty"`

	// maxConcurrent is how many attendees are brought up at the same time. The next one's turn comes when all labs of an earlier
	// one are ready, or could not become so within five minutes.
	// +kubebuilder:default=20
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	// +optional
	MaxConcurrent int32 `json:"maxConcurrent,omitempty"`

	// stuckAfter is how long an attendee can be at one task before an event tells the facilitator, as in 20m.
	// +kubebuilder:default="20m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1m') && duration(self) <= duration('24h')",message="stuckAfter is a duration from 1m to 24h, as in 20m"
	// +optional
	StuckAfter *metav1.Duration `json:"stuckAfter,omitempty"`

	// onClose says what happens at the close.
	// +kubebuilder:default={}
	// +optional
	OnClose WorkshopClose `json:"onClose,omitempty,omitzero"`

	// ttlAfterClosed is how long after the close an attendee's namespace is deleted, with the Labs and the account in it, as in
	// 72h. Left out, it stays until the Workshop is deleted. Results are kept either way.
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('8760h')",message="ttlAfterClosed is a duration up to 8760h, as in 72h"
	// +optional
	TTLAfterClosed *metav1.Duration `json:"ttlAfterClosed,omitempty"`

	// apiServer is the address of the API server as attendees reach it, as in https://203.0.113.7:6443. Left out, it is the
	// operator's setting, or else its own address; kubectl lab kubeconfig then puts the facilitator's in its place.
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() == 'https' && url(self).getHostname() != ''",message="apiServer is a URL, as in https://203.0.113.7:6443"
	// +optional
	APIServer string `json:"apiServer,omitempty"`
}

// WorkshopStatus is what the operator has seen. Who is where is not listed here: kubectl get labs -A with the label
// learning.lab-operator.dev/workshop tells.
type WorkshopStatus struct {
	// attendees is how many the roster has.
	// +kubebuilder:validation:Minimum=0
	// +optional
	Attendees int32 `json:"attendees"`

	// closesAt is when the workshop closes for the last attendee, extensions included.
	// +optional
	ClosesAt *metav1.Time `json:"closesAt,omitempty"`

	// completed is how many attendees have completed all their labs.
	// +kubebuilder:validation:Minimum=0
	// +optional
	Completed int32 `json:"completed"`

	// conditions are Provisioned (every attendee has all that was asked for), Open (attendees have access), Stalled (the
	// facilitator or the platform has to act), ChangePending (an edit that deletes attendees' work waits), Crowded (attendees
	// wait because something does not start) and, during its deletion, Deleting (what the deletion waits for).
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +patchStrategy=merge
	// +patchMergeKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty" patchStrategy:"merge" patchMergeKey:"type"`

	// medianScorePercent is the median over the attendees of their mean score, 50 as in 50%. It is there from the first one
	// who has started.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	MedianScorePercent *int32 `json:"medianScorePercent,omitempty"`

	// observedGeneration is the generation of the spec that this status answers.
	// +kubebuilder:validation:Minimum=0
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// pendingChange is an edit of the spec that deletes attendees' work and waits for the end of its grace period.
	// +optional
	PendingChange *PendingChange `json:"pendingChange,omitempty"`

	// phase is a one-word summary.
	// +optional
	Phase WorkshopPhase `json:"phase,omitempty"`

	// ready is how many attendees can work on all their labs.
	// +kubebuilder:validation:Minimum=0
	// +optional
	Ready int32 `json:"ready"`

	// stalled is how many attendees have a lab whose author or platform is at fault.
	// +kubebuilder:validation:Minimum=0
	// +optional
	Stalled int32 `json:"stalled"`

	// started is how many attendees have passed a task or had an answer graded.
	// +kubebuilder:validation:Minimum=0
	// +optional
	Started int32 `json:"started"`

	// stuck is how many attendees have been at one task for longer than stuckAfter.
	// +kubebuilder:validation:Minimum=0
	// +optional
	Stuck int32 `json:"stuck"`

	// summary holds cells of kubectl get workshops.
	// +optional
	Summary WorkshopSummary `json:"summary,omitempty,omitzero"`
}

// PendingChange is an edit that deletes attendees' work. It takes effect at a time, unless somebody reverts it before.
type PendingChange struct {
	// generation of the spec that asks for it.
	// +kubebuilder:validation:Minimum=1
	// +required
	Generation int64 `json:"generation,omitempty"`

	// appliesAt is when it takes effect.
	// +required
	AppliesAt metav1.Time `json:"appliesAt,omitempty,omitzero"`
}

// WorkshopSummary holds cells of kubectl get workshops.
type WorkshopSummary struct {
	// medianScore is status.medianScorePercent with its sign, as in 50%.
	// +kubebuilder:validation:MaxLength=8
	// +optional
	MedianScore string `json:"medianScore,omitempty"`
}

// Workshop gives every attendee of a roster labs, namespaces and a kubeconfig, from its opening to its close.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=learning
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`,description="Scheduled, Provisioning, Open, Closed or Removed"
// +kubebuilder:printcolumn:name="Attendees",type=integer,JSONPath=`.status.attendees`,description="Attendees in the roster"
// +kubebuilder:printcolumn:name="Ready",type=integer,JSONPath=`.status.ready`,description="Attendees who can work on all their labs"
// +kubebuilder:printcolumn:name="Started",type=integer,JSONPath=`.status.started`,description="Attendees who have passed a task or had an answer graded"
// +kubebuilder:printcolumn:name="Completed",type=integer,JSONPath=`.status.completed`,description="Attendees who have completed all their labs"
// +kubebuilder:printcolumn:name="Median",type=string,JSONPath=`.status.summary.medianScore`,description="Median of the attendees' scores"
// +kubebuilder:printcolumn:name="Stuck",type=integer,priority=1,JSONPath=`.status.stuck`,description="Attendees who have been at one task for long"
// +kubebuilder:printcolumn:name="Stalled",type=integer,priority=1,JSONPath=`.status.stalled`,description="Attendees with a lab whose author or platform is at fault"
// +kubebuilder:printcolumn:name="Closes",type=string,JSONPath=`.status.closesAt`,description="When it closes for the last attendee"
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 40",message="the name of a Workshop has at most 40 characters"
// +kubebuilder:validation:XValidation:rule="self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="the name of a Workshop has lower-case letters, digits and dashes only: it becomes part of the names of namespaces"
type Workshop struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is that of every Kubernetes object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what the facilitator asks for.
	// +required
	Spec WorkshopSpec `json:"spec,omitzero"`

	// status is what the operator has seen.
	// +optional
	Status WorkshopStatus `json:"status,omitempty,omitzero"`
}

// WorkshopList is a list of Workshops.
//
// +kubebuilder:object:root=true
type WorkshopList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Workshop `json:"items"`
}
