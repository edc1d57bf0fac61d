package quiz

import (
	"fmt"
	"slices"

	"github.com/google/cel-go/common/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func choiceForm() Form {
	return Form{
		Type:       v1beta1.QuestionTypeChoice,
		Member:     "choice",
		HasOptions: true,
		Values:     []*types.Type{types.StringType},
		Returns:    "the name of an option, or a list of them where several are right",
		key: func(answer v1beta1.Answer) ([]string, bool) {
			if answer.Choice == "" {
				return nil, false
			}
			return []string{answer.Choice}, true
		},
		problems: func(q v1beta1.Question, values []string) []Problem {
			return noOptions(q, values, func(int) string { return "choice" })
		},
		normal: optionName,
		reader: func(in Input) (reader, bool) { return choice{letters: lettered(in)}, true },
	}
}

// choice is answered by a letter, or by the name of the option.
type choice struct {
	exact
	letters
}

func (c choice) expects() string {
	return fmt.Sprintf("answer with one letter, a to %s", c.last())
}

func (c choice) read(answer string) (string, bool) {
	given := trimmed(answer)
	if letters := []rune(given); len(letters) == 1 {
		return c.name(letters[0])
	}
	return given, slices.Contains(c.letters, given)
}
