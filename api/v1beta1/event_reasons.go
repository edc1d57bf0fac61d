package v1beta1

// Reasons of events that tell of something other than a condition. Events that tell of a condition have its reason.
const (
	// EventTaskPassed of a Lab: a task was passed.
	EventTaskPassed = "TaskPassed"
	// EventCompleted of a Lab: every task has been passed.
	EventCompleted = "Completed"
	// EventAnswerRight of a Lab: a question was answered correctly.
	EventAnswerRight = "AnswerRight"
	// EventAttemptsUsed of a Lab: a question has no attempts left.
	EventAttemptsUsed = "AttemptsUsed"
	// EventObjectRestored of a Lab: a protected object of the setup was missing and was created again.
	EventObjectRestored = "ObjectRestored"
	// EventKubeconfigsRenewed of a Workshop: attendees need their new kubeconfigs.
	EventKubeconfigsRenewed = "KubeconfigsRenewed"
	// EventAttendeeStuck of a Workshop: an attendee has made no progress for longer than spec.stuckAfter.
	EventAttendeeStuck = "AttendeeStuck"
	// EventLabStalled of a Workshop: a lab of an attendee needs its author or the platform.
	EventLabStalled = "LabStalled"
)
