package v1beta1

// Labels, annotations and finalizers that the operator sets. Learners cannot write those on guardrails.
const (
	// LabUIDLabel is on everything that was made for a Lab. On a namespace it is the proof that it is ours.
	LabUIDLabel = "learning.lab-operator.dev/lab-uid"
	// LabNameLabel names the Lab.
	LabNameLabel = "learning.lab-operator.dev/lab-name"
	// LabNamespaceLabel names the namespace of the Lab.
	LabNamespaceLabel = "learning.lab-operator.dev/lab-namespace"
	// ProtectedLabel with the value "true" marks objects that a learner cannot change or delete.
	ProtectedLabel = "learning.lab-operator.dev/protected"
	// ProtectedPodsAnnotation is on the namespace of a lab and names the pods that belong to the lab itself, because a
	// connection to a pod shows its name and no labels. The value is a list, separated by commas: an entry that ends in a
	// dash is the first part of the names of a workload's pods, as in "postgres-", any other the name of one Pod.
	ProtectedPodsAnnotation = "learning.lab-operator.dev/protected-pods"
	// ProtectedClaimsAnnotation is on the namespace of a lab and names the claims that belong to the lab itself, in the
	// form of ProtectedPodsAnnotation. Only pods with the ProtectedLabel mount them.
	ProtectedClaimsAnnotation = "learning.lab-operator.dev/protected-claims"
	// OpenContainersAnnotation on a protected pod template of a setup lists the containers that are made for the learner,
	// separated by commas: commands can be run in them. On the namespace of a lab it lists the same with the entry of
	// ProtectedPodsAnnotation before each, as in "postgres-/client".
	OpenContainersAnnotation = "learning.lab-operator.dev/open-containers"
	// OpenPortsAnnotation with the value "true" on a protected pod template of a setup lets learners forward ports of its
	// pods. On the namespace of a lab it lists those entries of ProtectedPodsAnnotation.
	OpenPortsAnnotation = "learning.lab-operator.dev/open-ports"
	// PodCPUAnnotation is on the namespace of a lab whose quota does not count CPU, and says how much CPU one pod may request.
	PodCPUAnnotation = "learning.lab-operator.dev/pod-cpu"
	// ExerciseLabel names the Exercise that an ExerciseRevision is of. Its pin has it too.
	ExerciseLabel = "learning.lab-operator.dev/exercise"
	// TopicLabel names the Topic that an ExerciseRevision is of. Its pin has it too.
	TopicLabel = "learning.lab-operator.dev/topic"
	// WorkshopUIDLabel is on what was made for an attendee of a Workshop. On a namespace it is the proof that it is ours.
	WorkshopUIDLabel = "learning.lab-operator.dev/workshop-uid"
	// WorkshopLabel names the Workshop that a Lab, a LabResult or an attendee's namespace belongs to.
	WorkshopLabel = "learning.lab-operator.dev/workshop"
	// WorkshopNamespaceLabel names the namespace of that Workshop.
	WorkshopNamespaceLabel = "learning.lab-operator.dev/workshop-namespace"
	// AttendeeLabel holds the attendee's handle: the name in the roster where that is a short DNS label, and else one
	// derived from it.
	AttendeeLabel = "learning.lab-operator.dev/attendee"
	// AttendeeAnnotation holds the attendee's name in the roster, on what carries the AttendeeLabel.
	AttendeeAnnotation = "learning.lab-operator.dev/attendee-name"
	// ConfirmAnnotation of a Workshop applies a pending change now. Its value is the generation of the spec that it confirms.
	ConfirmAnnotation = "learning.lab-operator.dev/confirm"
	// ClosedLabel marks Labs that their Workshop has closed: with the value "true" the environment was taken away, and with
	// "present" its pods were deleted once, so that no connection outlives the close.
	ClosedLabel = "learning.lab-operator.dev/closed"
	// KubeconfigExpiresAnnotation says when the token of a kubeconfig expires. It is on the attendee's ServiceAccount and on
	// the Secret with the kubeconfig.
	KubeconfigExpiresAnnotation = "learning.lab-operator.dev/kubeconfig-expires"
	// KubeconfigRenewsAnnotation says, on the ServiceAccount, when it is renewed if the workshop closes later than it expires.
	KubeconfigRenewsAnnotation = "learning.lab-operator.dev/kubeconfig-renews"
	// KubeconfigSecretType is the type of the Secrets with the attendees' kubeconfigs, and of no others.
	KubeconfigSecretType = "learning.lab-operator.dev/kubeconfig"
	// KubeconfigSecretKey is the key of the kubeconfig in such a Secret.
	KubeconfigSecretKey = "kubeconfig"
	// WorkshopFinalizer keeps a Workshop until what was made for its attendees is gone.
	WorkshopFinalizer = "learning.lab-operator.dev/attendees"
	// LabFinalizer keeps a Lab until what was made for it is gone.
	LabFinalizer = "learning.lab-operator.dev/environment"
)

// Types of conditions.
const (
	// ConditionProvisioned of a Lab: the namespace, its guardrails and the setup are in place. Of a Workshop: every attendee
	// has all that was asked for.
	ConditionProvisioned = "Provisioned"
	// ConditionReady of a Lab: the learner can work.
	ConditionReady = "Ready"
	// ConditionCompleted of a Lab: every task has been passed. It is never taken back.
	ConditionCompleted = "Completed"
	// ConditionStalled of a Lab: the author or the platform is at fault and has to act. Of a Workshop: the facilitator or
	// the platform has to.
	ConditionStalled = "Stalled"
	// ConditionCatalogOutdated of a Lab: the exercise, topic or key changed since the lab was started.
	ConditionCatalogOutdated = "CatalogOutdated"
	// ConditionOpen of a Workshop: attendees have access.
	ConditionOpen = "Open"
	// ConditionChangePending of a Workshop: an edit that deletes attendees' work waits for the end of a grace period.
	ConditionChangePending = "ChangePending"
	// ConditionCrowded of a Workshop: attendees wait for their labs because something does not start.
	ConditionCrowded = "Crowded"
	// ConditionDeleting of a Workshop: it is being deleted, and the message says what that waits for. Of a Lab: it is being
	// deleted, that takes long, and the message says why.
	ConditionDeleting = "Deleting"
	// ConditionAccepted of an Exercise or Topic: labs can be started from it.
	ConditionAccepted = "Accepted"
)

// Reasons of conditions.
const (
	// ReasonProvisioned: all is in place.
	ReasonProvisioned = "Provisioned"
	// ReasonProvisioning: it is being put in place.
	ReasonProvisioning = "Provisioning"
	// ReasonEnvironmentAbsent: the environment was removed as spec.environment asks.
	ReasonEnvironmentAbsent = "EnvironmentAbsent"
	// ReasonTerminating: an earlier environment has to go first.
	ReasonTerminating = "Terminating"
	// ReasonNamespaceTaken: a namespace of the lab's name exists and is not the lab's.
	ReasonNamespaceTaken = "NamespaceTaken"
	// ReasonTopicNotFound: spec.topic names no Topic.
	ReasonTopicNotFound = "TopicNotFound"
	// ReasonExerciseNotFound: the exercise does not exist.
	ReasonExerciseNotFound = "ExerciseNotFound"
	// ReasonExerciseNotInTopic: the topic does not list the exercise.
	ReasonExerciseNotInTopic = "ExerciseNotInTopic"
	// ReasonInvalidExercise: the exercise cannot be used as it is written.
	ReasonInvalidExercise = "InvalidExercise"
	// ReasonInvalidTopic: the topic or its key cannot be used as it is written.
	ReasonInvalidTopic = "InvalidTopic"
	// ReasonSetupRefused: the API server refuses an object of the setup.
	ReasonSetupRefused = "SetupRefused"
	// ReasonRefusedByCluster: an admission policy, an admission webhook or another rule of the cluster refuses what a lab
	// needs.
	ReasonRefusedByCluster = "RefusedByCluster"
	// ReasonNameTaken: an object of somebody else has the name of an object of the setup.
	ReasonNameTaken = "NameTaken"
	// ReasonPlatformFailing: the API server, or something that it asks, has been failing for a while.
	ReasonPlatformFailing = "PlatformFailing"
	// ReasonResultRefused: the API server refuses the record of a lab's results.
	ReasonResultRefused = "ResultRefused"
	// ReasonReviewRefused: the API server refuses the LabReview of a lab.
	ReasonReviewRefused = "ReviewRefused"
	// ReasonRevisionPending: the operator is preparing the revision that the lab is started from.
	ReasonRevisionPending = "RevisionPending"
	// ReasonRevisionLost: the revision that the lab was started from has been deleted.
	ReasonRevisionLost = "RevisionLost"
	// ReasonRevisionAltered: what is stored of a revision is not what its name says.
	ReasonRevisionAltered = "RevisionAltered"
	// ReasonRevisionUnsupported: the revision needs another version of the operator.
	ReasonRevisionUnsupported = "RevisionUnsupported"
	// ReasonForbidden: the operator lacks a right.
	ReasonForbidden = "Forbidden"
	// ReasonCheckFailed: a check of the exercise cannot be evaluated.
	ReasonCheckFailed = "CheckFailed"
	// ReasonRequirementMissing: the cluster does not serve an API that the exercise requires.
	ReasonRequirementMissing = "RequirementMissing"
	// ReasonNotReadyYet: the exercise's workloads are starting.
	ReasonNotReadyYet = "NotReadyYet"
	// ReasonReady: the learner can work.
	ReasonReady = "Ready"
	// ReasonTasksOpen: some task is not passed.
	ReasonTasksOpen = "TasksOpen"
	// ReasonAllTasksPassed: the lab was completed.
	ReasonAllTasksPassed = "AllTasksPassed"
	// ReasonNamespaceRemains: a namespace that is being removed stays, and none of its conditions says why.
	ReasonNamespaceRemains = "NamespaceRemains"
	// ReasonNone: nothing is wrong.
	ReasonNone = "None"
	// ReasonCurrent: the catalog is what the lab was started from.
	ReasonCurrent = "Current"
	// ReasonCatalogChanged: the catalog changed since the lab was started.
	ReasonCatalogChanged = "CatalogChanged"
	// ReasonCatalogDeleted: the exercise or topic was deleted since the lab was started.
	ReasonCatalogDeleted = "CatalogDeleted"
	// ReasonAccepted: it can be used.
	ReasonAccepted = "Accepted"
	// ReasonScheduled: the workshop is not open yet.
	ReasonScheduled = "Scheduled"
	// ReasonOpen: the workshop is open.
	ReasonOpen = "Open"
	// ReasonClosed: the workshop has closed.
	ReasonClosed = "Closed"
	// ReasonOutOfQuota: the cluster has no room for what is still to be made.
	ReasonOutOfQuota = "OutOfQuota"
	// ReasonAttendeesFailed: what some attendees get cannot be made.
	ReasonAttendeesFailed = "AttendeesFailed"
	// ReasonGracePeriod: an edit that deletes attendees' work takes effect later.
	ReasonGracePeriod = "GracePeriod"
	// ReasonApplying: the work that an edit deletes is being deleted.
	ReasonApplying = "Applying"
	// ReasonClockSkew: the clocks of the operator and the API server disagree.
	ReasonClockSkew = "ClockSkew"
	// ReasonSharedHandle: two names of the roster have the same handle.
	ReasonSharedHandle = "SharedHandle"
	// ReasonTooManyAttendees: the roster is longer than the operator allows.
	ReasonTooManyAttendees = "TooManyAttendees"
	// ReasonRefused: a policy, a webhook or another rule of the cluster refuses what attendees get.
	ReasonRefused = "Refused"
	// ReasonAttendeesWait: attendees wait for something that does not start.
	ReasonAttendeesWait = "AttendeesWait"
	// ReasonRemoving: what was made is being removed.
	ReasonRemoving = "Removing"
	// ReasonRemovalBlocked: something keeps what was made from being removed.
	ReasonRemovalBlocked = "RemovalBlocked"
)
