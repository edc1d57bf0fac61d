package quiz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/text"
)

// letters are the names of the options in the order in which the learner sees them.
type letters []string

func lettered(in Input) letters {
	var names letters
	for _, option := range shuffled(in.Learner, in.Question) {
		names = append(names, option.Name)
	}
	return names
}

// name is the option under a letter in lower case.
func (l letters) name(r rune) (string, bool) {
	i := int(r - 'a')
	if i < 0 || i >= len(l) {
		return "", false
	}
	return l[i], true
}

func (l letters) last() string {
	return letter(len(l) - 1)
}

// setSeparator stands in no name of an option.
const setSeparator = ","

// setOf is the normal form of a set of options: their names in order, each once. Eight names of 31 characters fit
// into what the status takes.
func setOf(names []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(names))), setSeparator)
}

// members are the names of a set, or the one of a choice.
func members(set string) []string {
	return strings.Split(set, setSeparator)
}

// optionName is the normal form of a right option: its name.
func optionName(q v1beta1.Question, value string) (string, error) {
	if names := optionNames(q); !slices.Contains(names, value) {
		return "", fmt.Errorf("a name that is no option of the question: the options are %s", strings.Join(names, ", "))
	}
	return value, nil
}

func optionNames(q v1beta1.Question) []string {
	names := make([]string, 0, len(q.Options))
	for _, option := range q.Options {
		names = append(names, option.Name)
	}
	return names
}

// RightOptions are the names of the options that the key says are right. A live key says none.
func RightOptions(answer v1beta1.Answer) []string {
	var names []string
	for _, form := range Forms() {
		if form.HasOptions {
			names = append(names, form.Keyed(answer)...)
		}
	}
	return names
}

// maxQuoted is the largest length of the options that a right answer quotes, in characters: it fits into the review.
const maxQuoted = 1000

// optionsOf quotes options with their letters. Where they are too long together, each gets the same share.
func optionsOf(in Input, names []string) string {
	var lines []string
	for i, option := range shuffled(in.Learner, in.Question) {
		if slices.Contains(names, option.Name) {
			lines = append(lines, text.Truncate(fmt.Sprintf("%s) %s", letter(i), option.Text), maxQuoted/len(names)-len("; ")))
		}
	}
	return strings.Join(lines, "; ")
}
