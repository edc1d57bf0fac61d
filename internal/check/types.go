package check

import (
	"time"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// ObservationState says what is known of one piece of evidence.
type ObservationState int

const (
	// NotSynced means that nobody has looked yet: neither true nor false. It is the state of evidence that a
	// Snapshot does not mention.
	NotSynced ObservationState = iota
	// Seen means that the evidence was read: Value holds it.
	Seen
	// Missing means that the object is not there.
	Missing
	// Unavailable means that the cluster does not serve the kind.
	Unavailable
	// TooLarge means that a list is over its limit, or that an object is too large to inspect.
	TooLarge
	// Failed means that the operator could not read it, through no fault of the learner.
	Failed
)

// Observation is what was read of one piece of evidence.
type Observation struct {
	// State says whether there is a value.
	State ObservationState
	// Value is the content of an object as map[string]any, or of a list as []any, when State is Seen.
	// It is only read, and must not change while an evaluation runs.
	Value any
	// Detail is one sentence for people on why there is no value, when State is not Seen.
	Detail string
	// At is when a look was taken at what is polled. It is zero for what is watched: that is as of now.
	At time.Time
	// Since is from when on there was no gap in looking. What was so before a gap may have been otherwise meanwhile.
	Since time.Time
}

// Snapshot is the evidence at one moment, by name.
type Snapshot map[string]Observation

// Problem is something that an author has to correct.
type Problem struct {
	// Field is the path of what is wrong, as in spec.tasks[1].checks[0].expression.
	Field string
	// Message says what is wrong and what to do.
	Message string
}

// String is the problem in one line.
func (p Problem) String() string {
	return p.Field + ": " + p.Message
}

// LabInfo is what expressions see of the lab, as the variable lab.
type LabInfo struct {
	// Name of the Lab.
	Name string
	// Namespace in which the learner works.
	Namespace string
	// StartedAt is when the learner could first work.
	StartedAt time.Time
}

// TaskState is what is durable of one task, as kept in the status of a Lab.
type TaskState struct {
	// Name of the task.
	Name string
	// OpenedAt is when the task was first open, zero before.
	OpenedAt time.Time
	// PassedAt is when the task was passed, zero before.
	PassedAt time.Time
	// Outputs holds the values that were kept with the pass.
	Outputs map[string]string
}

// Input is all that an evaluation depends on.
type Input struct {
	// Evidence at this moment.
	Evidence Snapshot
	// Lab that is judged.
	Lab LabInfo
	// Params are the values that were drawn for the learner: the variable params.
	Params map[string]any
	// Now is the variable now, and what holds and hints are measured by.
	Now time.Time
	// Tasks are the durable states, in any order. Tasks that are not mentioned were never open.
	Tasks []TaskState
	// Holds tells by task since when all its checks have held without a gap in seeing. It lives in memory only:
	// an operator that was away has not seen that there was no gap.
	Holds map[string]time.Time
}

// TaskResult is the verdict on one task.
type TaskResult struct {
	// Name of the task.
	Name string
	// State is Passed, Pending, Locked or Error.
	State v1beta1.TaskState
	// Checks are the verdicts on the single checks, in the order of the exercise. A locked task and one that was
	// passed earlier have none.
	Checks []v1beta1.CheckResult
	// OpenedAt is when the task was first open, in full seconds; zero while it is locked.
	OpenedAt time.Time
	// PassedAt is when the task was passed, in full seconds; zero before.
	PassedAt time.Time
	// Outputs holds the values to keep with the pass.
	Outputs map[string]string
	// Hints are those that are due, in the order of the exercise, while the task is open.
	Hints []string
}

// Result is the verdict on a whole exercise.
type Result struct {
	// Tasks in the order of the exercise.
	Tasks []TaskResult
	// Holds is to be given to the next evaluation.
	Holds map[string]time.Time
	// Completed is true when every Once task has been passed and all Continuous ones hold now.
	Completed bool
	// Recheck is the time after which a verdict may change though the evidence does not. Zero is never.
	Recheck time.Duration
	// Faults are sentences on what the author or the platform has to repair, in the order of the exercise.
	Faults []string
	// Needs are the names of the evidence that decides on what is still open: on tasks and on whether the lab is ready. They are
	// in the order of the exercise.
	Needs []string
	// Incomplete is true when some evidence that an open task uses has not been looked at yet.
	Incomplete bool
}
