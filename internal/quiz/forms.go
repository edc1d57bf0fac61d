package quiz

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// maxAnswer is the largest length of an answer, in characters.
const maxAnswer = 256

// verdict is what a form makes of one answer.
type verdict struct {
	right bool
	// normal is the answer in the form in which the same wrong answers are told to be the same.
	normal string
	// feedback is the author's on this very answer, if there is one.
	feedback string
	// ungraded says why the answer cannot be graded. It costs nothing then.
	ungraded string
}

// form grades the answers to one question.
type form interface {
	// grade judges an answer in one line without surrounding space.
	grade(answer string) verdict
	// expects says what an answer looks like.
	expects() string
}

// judgeFor finds the form of a question, or says what is wrong with the key.
func judgeFor(in Input) (form, string) {
	const report = ": tell the author of the topic"
	switch in.Question.Form {
	case v1alpha1.FormChoice:
		letters := Letters(in.Learner, in.Question)
		if letters[in.Answer.Choice] == "" {
			return nil, "the answer key names no option of this question" + report
		}
		return choice{in: in, letters: letters}, ""
	case v1alpha1.FormNumber:
		if in.Answer.Number == nil {
			return nil, "the answer key has no number for this question" + report
		}
		value, ok := parseNumber(in.Answer.Number.Value)
		tolerance, okTolerance := new(big.Rat), true
		if in.Answer.Number.Tolerance != "" {
			tolerance, okTolerance = parseNumber(in.Answer.Number.Tolerance)
		}
		if !ok || !okTolerance {
			return nil, "the answer key has no valid number for this question" + report
		}
		return number{unit: in.Question.Unit, value: value, tolerance: tolerance}, ""
	case v1alpha1.FormLive:
		return live{unit: in.Question.Unit, known: in.Live}, ""
	}
	return nil, fmt.Sprintf("the form %s is not known here%s", in.Question.Form, report)
}

// normalise is an answer as one line of words. It is not ok when there is nothing or too much.
func normalise(given *intstr.IntOrString) (string, bool) {
	raw := given.String()
	if utf8.RuneCountInString(raw) > maxAnswer {
		return "", false
	}
	visible := strings.Map(func(r rune) rune {
		if !unicode.IsSpace(r) && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(raw, ""))
	text := strings.Join(strings.Fields(visible), " ")
	return text, text != ""
}

// choice is answered by a letter.
type choice struct {
	in      Input
	letters map[string]string
}

func (c choice) expects() string {
	return fmt.Sprintf("answer with one letter, a to %s", letter(len(c.letters)-1))
}

func (c choice) grade(answer string) verdict {
	given := strings.ToLower(strings.TrimRight(answer, ".)"))
	for name, letter := range c.letters {
		if letter != given {
			continue
		}
		v := verdict{right: name == c.in.Answer.Choice, normal: name}
		for _, feedback := range c.in.Answer.OptionFeedback {
			if feedback.Option == name {
				v.feedback = feedback.Text
			}
		}
		return v
	}
	return verdict{ungraded: c.expects()}
}

// number is answered by an integer or a decimal number.
type number struct {
	unit             string
	value, tolerance *big.Rat
}

func (n number) expects() string {
	return expectsNumber(n.unit)
}

func expectsNumber(unit string) string {
	if unit == "" {
		return "answer with a number, as in 3 or 0.5"
	}
	return fmt.Sprintf("answer with a number, in %s", unit)
}

func (n number) grade(answer string) verdict {
	given, ok := parseNumber(withoutUnit(answer, n.unit))
	if !ok {
		return verdict{ungraded: n.expects()}
	}
	off := new(big.Rat).Sub(given, n.value)
	return verdict{right: off.Abs(off).Cmp(n.tolerance) <= 0, normal: canonical(given)}
}

// live is answered by what the learner finds in the own lab.
type live struct {
	unit  string
	known Live
}

func (l live) expects() string {
	return "answer with what you find in your lab, in a few words or a number"
}

func (l live) grade(answer string) verdict {
	if len(l.known.Values) == 0 {
		if l.known.Pending == "" {
			return verdict{ungraded: "the right value is not known yet: the answer is graded as soon as it is"}
		}
		return verdict{ungraded: "this cannot be graded yet: " + l.known.Pending}
	}
	given, isNumber := parseNumber(withoutUnit(answer, l.unit))
	v := verdict{normal: strings.ToLower(answer)}
	if isNumber {
		v.normal = canonical(given)
	}
	numbersOnly := true
	for _, value := range l.known.Values {
		text := plain(value)
		expected, ok := parseNumber(withoutUnit(text, l.unit))
		switch {
		case ok && isNumber:
			v.right = v.right || expected.Cmp(given) == 0
		case !ok:
			numbersOnly = false
			v.right = v.right || strings.EqualFold(text, answer)
		}
	}
	if numbersOnly && !isNumber {
		return verdict{ungraded: expectsNumber(l.unit)}
	}
	return v
}

// plain is a value as a learner reads it in the cluster.
func plain(value any) string {
	if f, ok := value.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strings.Join(strings.Fields(fmt.Sprint(value)), " ")
}
