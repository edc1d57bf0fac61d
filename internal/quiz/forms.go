package quiz

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// form is how a question is answered. It does not know what is right.
type form interface {
	// read brings an answer, one line of words, into the normal form that all ways to give this answer share. It is not
	// ok where this is no answer to such a question.
	read(answer string) (normal string, ok bool)
	// fits tells whether an answer is as good as a right one, both in normal form.
	fits(answer, right string) bool
	// expects says what an answer looks like.
	expects() string
}

// formOf finds the form of a question, or says what is wrong with the question or the key.
func formOf(in Input) (form, string) {
	q := in.Question
	switch q.Form {
	case v1alpha1.FormChoice, v1alpha1.FormMultiChoice:
		if len(q.Options) == 0 {
			return nil, "the question has no options" + report
		}
		if q.Form == v1alpha1.FormChoice {
			return choice{letters: lettered(in)}, ""
		}
		return multiChoice{letters: lettered(in)}, ""
	case v1alpha1.FormNumber:
		tolerance, ok := toleranceOf(in.Answer)
		if !ok {
			return nil, misfit
		}
		return number{unit: q.Unit, tolerance: tolerance}, ""
	case v1alpha1.FormText:
		return words{}, ""
	}
	return nil, fmt.Sprintf("the form %s is not known here%s", q.Form, report)
}

// exact is what forms have in common whose normal form leaves no room: an answer is right or it is not.
type exact struct{}

func (exact) fits(answer, right string) bool { return answer == right }

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

// choice is answered by a letter.
type choice struct {
	exact
	letters
}

func (c choice) expects() string {
	return fmt.Sprintf("answer with one letter, a to %s", c.last())
}

func (c choice) read(answer string) (string, bool) {
	given := []rune(trimmed(answer))
	if len(given) != 1 {
		return "", false
	}
	return c.name(given[0])
}

// multiChoice is answered by the letters of all options that apply.
type multiChoice struct {
	exact
	letters
}

func (m multiChoice) expects() string {
	return fmt.Sprintf("answer with the letters of all that apply, a to %s, as in a,b", m.last())
}

func (m multiChoice) read(answer string) (string, bool) {
	var names []string
	for _, r := range strings.ToLower(answer) {
		if unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) {
			continue
		}
		name, ok := m.name(r)
		if !ok {
			return "", false
		}
		names = append(names, name)
	}
	return setOf(names), len(names) > 0
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

// number is answered by an integer or a decimal number.
type number struct {
	unit      string
	tolerance *big.Rat
}

func (n number) expects() string {
	if n.unit == "" {
		return "answer with a number, as in 3 or 0.5"
	}
	return fmt.Sprintf("answer with a number, in %s", n.unit)
}

func (n number) read(answer string) (string, bool) {
	given, ok := parseNumber(withoutUnit(answer, n.unit))
	if !ok {
		return "", false
	}
	return canonical(given), true
}

func (n number) fits(answer, right string) bool {
	given, okGiven := parseNumber(answer)
	wanted, okWanted := parseNumber(right)
	if !okGiven || !okWanted {
		return false
	}
	off := new(big.Rat).Sub(given, wanted)
	return off.Abs(off).Cmp(n.tolerance) <= 0
}

// words is how a text is answered.
type words struct{ exact }

func (words) expects() string {
	return fmt.Sprintf("answer in a few words, with at most %d characters and no pictures", maxAnswer)
}

func (words) read(answer string) (string, bool) {
	normal := normalText(answer)
	return normal, normal != "" && !strings.ContainsFunc(normal, isPicture)
}
