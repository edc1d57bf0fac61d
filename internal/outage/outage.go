// Package outage tells of errors that pass by themselves, once they have not passed.
package outage

import (
	"fmt"
	"time"

	"github.com/lab-operator/lab-operator/internal/refusal"
)

// After is how long such errors are not told: most are over by then.
const After = 30 * time.Second

// Begin is how all that is told begins.
const Begin = "has been failing for more than "

// Timer measures how long every attempt at something has failed. The zero value has seen no failure.
type Timer struct {
	since time.Time // zero while nothing fails
}

// Note takes the outcome of an attempt, and returns what to tell of it: nothing before After is over, nor without an error.
// A clock that was set back starts the measurement again.
func (t *Timer) Note(err error, now time.Time) string {
	if err == nil {
		t.since = time.Time{}
		return ""
	}
	if t.since.IsZero() || t.since.After(now) {
		t.since = now
	}
	if now.Sub(t.since) < After {
		return ""
	}
	text := fmt.Sprintf("%s%s: %v", Begin, After, err)
	if advice := refusal.Advice(refusal.Of(err)); advice != "" {
		text += ". " + advice
	}
	return text
}
