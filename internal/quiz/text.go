package quiz

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/cel-go/common/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/text"
)

func textForm() Form {
	return Form{
		Type:    v1beta1.QuestionTypeText,
		Member:  "text",
		Values:  []*types.Type{types.StringType},
		Returns: "a text, or a list of them where several are right",
		key: func(answer v1beta1.Answer) ([]string, bool) {
			if answer.Text == nil {
				return nil, false
			}
			return answer.Text.Accepted, true
		},
		problems: untypable,
		normal:   func(_ v1beta1.Question, value string) (string, error) { return normalWords(value), nil },
		reader:   func(Input) (reader, bool) { return words{}, true },
		wording: func(_ v1beta1.Question, answer v1beta1.Answer) string {
			return text.OneLine(answer.Text.Accepted[0], text.NoLimit)
		},
	}
}

// untypable finds accepted texts that nobody can type.
func untypable(_ v1beta1.Question, values []string) []Problem {
	var problems []Problem
	for i, accepted := range values {
		if normalWords(accepted) == "" {
			problems = append(problems, Problem{
				Field: fmt.Sprintf("text.accepted[%d]", i), Message: "has nothing but spaces and punctuation, which do not count: write a word",
			})
		}
	}
	return problems
}

// normalWords is the normal form of a text; empty where nobody can type it.
func normalWords(raw string) string {
	normal, ok := words{}.read(raw)
	if !ok {
		return ""
	}
	return normal
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

// maxAnswer is the largest length of an answer, in characters.
const maxAnswer = 256

// normalise is an answer as one line of words. It is not ok when there is nothing or too much, or when the answer reads in another
// order than it is written.
func normalise(given *intstr.IntOrString) (string, bool) {
	raw := given.String()
	if utf8.RuneCountInString(raw) > maxAnswer || strings.ContainsFunc(raw, isReordering) {
		return "", false
	}
	line := text.OneLine(raw, text.NoLimit)
	return line, line != ""
}

// isReordering tells which characters make the text around them read in another order. The marks that a keyboard for a script
// that runs from right to left adds by itself are none of them.
func isReordering(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// trimmed is a text in lower case, in one line, without the punctuation around it.
func trimmed(raw string) string {
	return strings.TrimFunc(strings.ToLower(text.OneLine(raw, text.NoLimit)), isAround)
}

// normalText is the form that all ways to write the same words share: a hyphen between words is a space, and a plural is its
// singular.
func normalText(raw string) string {
	words := strings.Fields(withoutHyphens(trimmed(raw)))
	for i, word := range words {
		words[i] = singular(word)
	}
	return strings.Join(words, " ")
}

// isAround tells what people put around a word: quotes, brackets, and what ends a sentence. A sign that may itself be
// the answer, or a part of it, such as / or - or *, is none of them.
func isAround(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("\"'`.,;:!?…", r) || unicode.In(r, unicode.Ps, unicode.Pe, unicode.Pi, unicode.Pf)
}

// withoutHyphens has a space for each hyphen between two letters or digits. A hyphen that begins an option or a number stays.
func withoutHyphens(text string) string {
	runes := []rune(text)
	spaced := []rune(text)
	for i := 1; i+1 < len(runes); i++ {
		if isHyphen(runes[i]) && isWritten(runes[i-1]) && isWritten(runes[i+1]) {
			spaced[i] = ' '
		}
	}
	return string(spaced)
}

// isHyphen tells which characters stand for a hyphen: that of the keyboard, and those that programs make of it.
func isHyphen(r rune) bool { return r == '-' || r >= 0x2010 && r <= 0x2013 }

func isWritten(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// singular takes the ending of an English plural off a word in lower case. It need not be right, but the same for every answer
// and every key. Words with digits or signs, such as names of pods, stay as they are.
func singular(word string) string {
	if len(word) <= 3 || strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) {
		return word
	}
	if stem, ok := strings.CutSuffix(word, "ies"); ok {
		return stem + "y"
	}
	for _, ending := range []string{"sses", "xes", "zes", "ches", "shes"} {
		if strings.HasSuffix(word, ending) {
			return strings.TrimSuffix(word, "es")
		}
	}
	for _, ending := range []string{"ss", "us", "is"} {
		if strings.HasSuffix(word, ending) {
			return word
		}
	}
	return strings.TrimSuffix(word, "s")
}

// isPicture tells which characters are emoji or other pictures: a slip of a keyboard, and no words.
func isPicture(r rune) bool {
	return r > unicode.MaxLatin1 && unicode.In(r, unicode.So, unicode.Sk, unicode.Co, unicode.Me, unicode.Variation_Selector)
}
