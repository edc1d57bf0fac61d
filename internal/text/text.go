// Package text makes texts of others fit to be shown: in a status, an event, a table or a terminal.
package text

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NoLimit is a limit for OneLine that no text reaches.
const NoLimit = math.MaxInt

// ellipsis stands for what was cut off.
const ellipsis = "…"

// OneLine returns s as one line: runs of whitespace become one space, control characters and invisible formatting
// characters are dropped, and invalid UTF-8 becomes U+FFFD. A line of more than limit characters is truncated.
func OneLine(s string, limit int) string {
	var b strings.Builder
	count, space := 0, false
	for _, r := range Valid(s) {
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
			return Truncate(b.String(), limit)
		}
	}
	return b.String()
}

// Truncate returns at most limit characters of s. The last one is an ellipsis where something was cut off. The limit is at
// least 1.
func Truncate(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:limit-1]), " ") + ellipsis
}

// TruncateBytes returns at most limit bytes of s, for limits that count bytes, as that of an event's note does. It ends in
// an ellipsis where something was cut off. The limit is at least the size of the ellipsis, 3.
func TruncateBytes(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit - len(ellipsis)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimRight(s[:end], " ") + ellipsis
}

// Sentence returns s with single spaces and a full stop at its end.
func Sentence(s string) string {
	return strings.TrimRight(strings.Join(strings.Fields(s), " "), ".") + "."
}

// Valid returns s with U+FFFD in place of invalid UTF-8.
func Valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// Printable returns s with a space in place of each character that a terminal would obey. Unlike OneLine it keeps every
// other character, as names need them, and all spaces.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if IsTerminalControl(r) {
			return ' '
		}
		return r
	}, Valid(s))
}

// IsTerminalControl tells whether a terminal obeys r: it moves the cursor, changes colors or the direction of the text.
func IsTerminalControl(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}
