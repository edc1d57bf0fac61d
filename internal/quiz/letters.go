package quiz

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// Letters maps the name of each option to the letter that this learner sees. It is the same each time, whatever order
// the author lists the options in; other learners, and other questions, have other orders.
func Letters(learner string, q v1beta1.Question) map[string]string {
	letters := map[string]string{}
	for i, option := range shuffled(learner, q) {
		letters[option.Name] = letter(i)
	}
	return letters
}

func letter(i int) string {
	return string(rune('a' + i))
}

// shuffled orders the options by a hash, which needs no state to be repeated.
func shuffled(learner string, q v1beta1.Question) []v1beta1.Option {
	rank := func(o v1beta1.Option) string {
		sum := sha256.Sum256([]byte(learner + "\x00" + q.ID + "\x00" + o.Name))
		return string(sum[:])
	}
	return slices.SortedFunc(slices.Values(q.Options), func(a, b v1beta1.Option) int {
		return cmp.Compare(rank(a), rank(b))
	})
}

// options are the choices as the learner reads them.
func options(in Input) []string {
	var lines []string
	for i, option := range shuffled(in.Learner, in.Question) {
		lines = append(lines, fmt.Sprintf("%s) %s", letter(i), option.Text))
	}
	return lines
}
