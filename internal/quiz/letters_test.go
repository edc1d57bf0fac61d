package quiz

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestLettersAreTheSameEachTime(t *testing.T) {
	q := choiceInput().Question
	want := Letters(learner, q)
	slices.Reverse(q.Options)
	if diff := cmp.Diff(want, Letters(learner, q)); diff != "" {
		t.Errorf("the author's order changes the letters (-before +after):\n%s", diff)
	}
	// The status of labs in use depends on these letters.
	pinned := map[string]string{"limit": "c", "node": "b", "quota": "a", "request": "d"}
	if diff := cmp.Diff(pinned, want); diff != "" {
		t.Errorf("letters of labs in use change (-before +after):\n%s", diff)
	}
}

func TestLettersDifferBetweenLearnersAndQuestions(t *testing.T) {
	q := choiceInput().Question
	first := map[string]int{}
	for i := range 400 {
		for option, letter := range Letters(fmt.Sprintf("default/lab-%d", i), q) {
			if letter == "a" {
				first[option]++
			}
		}
	}
	for _, o := range q.Options {
		if n := first[o.Name]; n < 50 || n > 150 {
			t.Errorf("option %s comes first for %d of 400 learners", o.Name, n)
		}
	}
	orders := map[string]bool{}
	for i := range 50 {
		q.ID = fmt.Sprintf("q-%d", i)
		orders[fmt.Sprint(Letters(learner, q))] = true
	}
	if len(orders) < 10 {
		t.Errorf("one learner sees only %d orders in 50 questions", len(orders))
	}
}

func TestOptionsStandByTheirLetters(t *testing.T) {
	in := choiceInput()
	letters := Letters(learner, in.Question)
	want := make([]string, len(in.Question.Options))
	for _, o := range in.Question.Options {
		want[letters[o.Name][0]-'a'] = letters[o.Name] + ") " + o.Text
	}
	if diff := cmp.Diff(want, Evaluate(in).Options); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	if got := Letters(learner, v1beta1.Question{ID: "x"}); len(got) != 0 {
		t.Errorf("a question without options has letters %v", got)
	}
}
