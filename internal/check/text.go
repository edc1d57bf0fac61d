package check

import (
	"strings"
	"unicode"
)

// OneLine makes a text fit for one line of a status: whitespace collapses to single spaces, control and invisible
// formatting characters are dropped, and what is longer than limit characters ends in an ellipsis.
func OneLine(text string, limit int) string {
	var b strings.Builder
	count, space := 0, false
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		switch {
		case unicode.IsSpace(r):
			space = count > 0
			continue
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			continue
		}
		if space {
			b.WriteByte(' ')
			count++
			space = false
		}
		b.WriteRune(r)
		count++
		if count > limit {
			return cut(b.String(), limit)
		}
	}
	return b.String()
}

// cut shortens a text to at most limit characters, the last of which is an ellipsis.
func cut(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return strings.TrimRight(string(runes[:limit-1]), " ") + "…"
}
