package quiz

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/google/cel-go/common/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func multiChoiceForm() Form {
	return Form{
		Type:       v1beta1.QuestionTypeMultiChoice,
		Member:     "choices",
		HasOptions: true,
		Together:   true,
		Values:     []*types.Type{types.StringType},
		Returns:    "a list of the names of all right options",
		key:        func(answer v1beta1.Answer) ([]string, bool) { return answer.Choices, len(answer.Choices) > 0 },
		problems: func(q v1beta1.Question, values []string) []Problem {
			return noOptions(q, values, func(i int) string { return fmt.Sprintf("choices[%d]", i) })
		},
		normal: optionName,
		reader: func(in Input) (reader, bool) { return multiChoice{letters: lettered(in)}, true },
	}
}

// multiChoice is answered by the letters of all options that apply, or by their names.
type multiChoice struct {
	exact
	letters
}

func (m multiChoice) expects() string {
	return fmt.Sprintf("answer with the letters of all that apply, a to %s, as in a,b", m.last())
}

func (m multiChoice) read(answer string) (string, bool) {
	if names, ok := m.readNames(answer); ok {
		return setOf(names), true
	}
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

// readNames takes the names of options, with commas or spaces between them.
func (m multiChoice) readNames(answer string) ([]string, bool) {
	names := strings.FieldsFunc(strings.ToLower(answer), func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	isName := func(name string) bool { return len(name) > 1 && slices.Contains(m.letters, name) }
	return names, len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return !isName(name) })
}
