// Package quiz grades answers to questions. It is pure: the same input gives the same grade.
package quiz

import (
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// Live is what is known of the right answers that are computed from the learner's lab.
type Live struct {
	// Values are all that were right recently, as Expected brings them into normal form.
	Values []string
	// Pending says why no value is known yet.
	Pending string
	// Fault says that the author or the platform keeps them from being computed.
	Fault string
}

// State is what is durable of one question, as kept in the status of a Lab.
type State struct {
	// State is the last verdict, empty before the first.
	State v1beta1.QuestionState
	// Tried are the different wrong answers so far, in normal form.
	Tried []string
	// AttemptsLeft is how many different answers can still be tried. Tried is what counts: this is its shadow for people.
	AttemptsLeft int32
}

// Input is all that a grade depends on.
type Input struct {
	// Question as the author wrote it.
	Question v1beta1.Question
	// Answer is the key to the question.
	Answer v1beta1.Answer
	// Given is the learner's answer, nil when there is none.
	Given *intstr.IntOrString
	// Previous is the verdict before.
	Previous State
	// Locked is true while the task that the question waits for has not been passed.
	Locked bool
	// Live counts where the key computes the right answer.
	Live Live
	// Learner seeds the order of the options: namespace/name of the Lab.
	Learner string
}

// Grade is the verdict on one question.
type Grade struct {
	// State is Open, Right, Wrong, Exhausted, Locked, or Error when the key is at fault.
	State v1beta1.QuestionState
	// AttemptsLeft is how many different answers can still be tried.
	AttemptsLeft int32
	// Tried are the different wrong answers so far, in normal form: names of options, sets of them in order, numbers, texts in
	// lower case.
	Tried []string
	// Feedback says what is wrong with the answer, or what keeps it from being graded.
	Feedback string
	// Options are the choices with their letters, as in "a) text", while the question is open.
	Options []string
}
