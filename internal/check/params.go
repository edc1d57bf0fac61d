package check

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/params"
)

// paramNames reads what is drawn for each learner.
func paramNames(language Language, spec *v1beta1.ExerciseSpec) (names []string, problems []Problem) {
	for i, p := range spec.Params {
		field := fmt.Sprintf("spec.params[%d]", i)
		message := ""
		switch {
		case !namePattern.MatchString(p.Name):
			message = fmt.Sprintf("%q is no name of a param: write a lower-case letter, then at most 30 letters and digits", p.Name)
			field += ".name"
		case !language.isVariableName(p.Name):
			message = fmt.Sprintf("%s is a word of the language: choose another name", p.Name)
			field += ".name"
		case slices.Contains(names, p.Name):
			message = fmt.Sprintf("another param is named %s: each needs a name of its own", p.Name)
			field += ".name"
		case (p.Range == nil) == (len(p.OneOf) == 0):
			message = "must have exactly one of range and oneOf"
		case p.Range != nil && p.Range.Min >= p.Range.Max:
			message = "min must be less than max"
			field += ".range"
		case p.Range != nil && p.Range.Step > p.Range.Max-p.Range.Min:
			message = "must be at most max - min: with a larger one everybody draws min"
			field += ".range.step"
		}
		if message != "" {
			problems = append(problems, Problem{Field: field, Message: message})
		}
		names = append(names, p.Name)
	}
	return names, problems
}

func (c *compiler) checkParams(use path) string {
	switch {
	case len(c.params) == 0:
		return "uses params: the exercise has none; add it to spec.params"
	case len(use.steps) == 0 || use.steps[0].isIndex:
		return "uses params: write params.<name>"
	case !slices.Contains(c.params, use.steps[0].key):
		return fmt.Sprintf("uses params.%s: the exercise has the params %s", use.steps[0].key, listOf(c.params))
	}
	return ""
}

// Limits of the texts of a task with the values of a learner in them, in characters: those of a Lab's status.
const (
	titleLength        = 200
	instructionsLength = 4096
)

// texts looks at what the texts of a task refer to.
func (b *builder) texts(field string, t *v1beta1.Task) {
	b.text(field+".title", t.Title, titleLength)
	b.text(field+".instructions", t.Instructions, instructionsLength)
	for i, c := range t.Checks {
		b.text(fmt.Sprintf("%s.checks[%d].expected", field, i), c.Expected, TextLength)
	}
	for i, hint := range t.Hints {
		b.text(fmt.Sprintf("%s.hints[%d].text", field, i), hint.Text, TextLength)
	}
}

func (b *builder) text(field, text string, limit int) {
	for _, name := range params.References(text) {
		if !slices.Contains(b.compiler.params, name) {
			b.problem(field, "refers to $(params.%s): the exercise has no such param; add it to spec.params or correct the name", name)
		}
	}
	if length := utf8.RuneCountInString(params.Expand(text, b.longest)); length > limit {
		b.problem(field, "can have %d characters with the longest values of the params in it: write it in at most %d", length, limit)
	}
}

// longestValues are the values of the params that take the most space.
func longestValues(offered []v1beta1.Param) map[string]any {
	values := map[string]any{}
	for _, p := range offered {
		candidates := p.OneOf
		if p.Range != nil {
			candidates = []string{fmt.Sprint(p.Range.Min), fmt.Sprint(p.Range.Max)}
		}
		if len(candidates) > 0 {
			values[p.Name] = slices.MaxFunc(candidates, func(a, b string) int { return utf8.RuneCountInString(a) - utf8.RuneCountInString(b) })
		}
	}
	return values
}
