package quiz

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/intstr"
)

// maxAnswer is the largest length of an answer, in characters.
const maxAnswer = 256

// normalise is an answer as one line of words. It is not ok when there is nothing or too much.
func normalise(given *intstr.IntOrString) (string, bool) {
	raw := given.String()
	if utf8.RuneCountInString(raw) > maxAnswer {
		return "", false
	}
	line := oneLine(raw)
	return line, line != ""
}

// oneLine is a text with single spaces and without what cannot be seen.
func oneLine(raw string) string {
	visible := strings.Map(func(r rune) rune {
		if !unicode.IsSpace(r) && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(raw, ""))
	return strings.Join(strings.Fields(visible), " ")
}

// normalText is a text in lower case, in one line, without the punctuation around it.
func normalText(raw string) string {
	return strings.TrimFunc(strings.ToLower(oneLine(raw)), isAround)
}

// isAround tells what people put around a word: quotes, brackets, and what ends a sentence. A sign that may itself be
// the answer, or a part of it, such as / or - or *, is none of them.
func isAround(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("\"'`.,;:!?…", r) || unicode.In(r, unicode.Ps, unicode.Pe, unicode.Pi, unicode.Pf)
}
