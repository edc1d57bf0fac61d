package recording

import (
	"time"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/internal/check"
)

// Moment is all that a verdict on a lab rests on at one time, besides what follows from the moments before it.
type Moment struct {
	// Now is when it was.
	Now time.Time
	// Environment is the UID of the lab's namespace, which tells one environment from the next.
	Environment string
	// StartedAt is when the learner could first work in it, zero while it is being set up.
	StartedAt time.Time
	// Answers are those of the learner.
	Answers map[string]intstr.IntOrString
	// Evidence that the exercise names.
	Evidence check.Snapshot
}
