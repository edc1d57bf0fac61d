// Package conditions sets the conditions of the project's resources in one way.
package conditions

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/internal/text"
)

// maxMessage is the bound of the API for a message, in characters.
const maxMessage = 32768

// State is what a condition says, without what Set knows. The zero State says nothing: nobody looked.
type State struct {
	Status  metav1.ConditionStatus
	Reason  string
	Message string
}

// True is the state of a condition that holds.
func True(reason, message string) State { return State{metav1.ConditionTrue, reason, message} }

// False is the state of a condition that does not hold.
func False(reason, message string) State { return State{metav1.ConditionFalse, reason, message} }

// Of is the state of a condition that was set before.
func Of(c *metav1.Condition) State { return State{c.Status, c.Reason, c.Message} }

// Set sets the condition of a type to a state that was found for a generation. The time of the transition is now, in full
// seconds, where the status of the condition changes, and stays otherwise; a zero now is the time of the machine. The message may quote what others wrote: it
// becomes one line, without anything that a terminal would obey.
func Set(all *[]metav1.Condition, kind string, state State, generation int64, now time.Time) {
	meta.SetStatusCondition(all, metav1.Condition{
		Type: kind, Status: state.Status, Reason: state.Reason, Message: text.OneLine(state.Message, maxMessage),
		ObservedGeneration: generation, LastTransitionTime: metav1.NewTime(now.Truncate(time.Second)),
	})
}
