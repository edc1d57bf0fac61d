package v1alpha1

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
	// LabFinalizer keeps a Lab until what was made for it is gone.
	LabFinalizer = "learning.lab-operator.dev/environment"
)

// Types of conditions.
const (
	// ConditionProvisioned of a Lab: the namespace, its guardrails and the setup are in place.
	ConditionProvisioned = "Provisioned"
	// ConditionReady of a Lab: the learner can work.
	ConditionReady = "Ready"
	// ConditionCompleted of a Lab: every task has been passed. It is never taken back.
	ConditionCompleted = "Completed"
	// ConditionStalled of a Lab: the author or the platform is at fault and has to act.
	ConditionStalled = "Stalled"
	// ConditionCatalogOutdated of a Lab: the exercise, topic or key changed since the lab was started.
	ConditionCatalogOutdated = "CatalogOutdated"
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
	// ReasonRevisionLost: what the lab was pinned to has been deleted.
	ReasonRevisionLost = "RevisionLost"
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
)
