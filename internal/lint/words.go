package lint

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// shortText is the largest number of letters of a text that is not looked for: it stands everywhere.
const shortText = 3

// wordsIn are the words of a text in lower case, without the punctuation and the Markdown around them.
func wordsIn(text string) []string {
	var words []string
	for _, word := range strings.Fields(strings.ToLower(text)) {
		word = strings.TrimFunc(word, func(r rune) bool {
			return strings.ContainsRune("\"'`*_.,;:!?…", r) || unicode.In(r, unicode.Ps, unicode.Pe, unicode.Pi, unicode.Pf)
		})
		word = strings.TrimSuffix(strings.TrimSuffix(word, "'s"), "’s")
		if word != "" {
			words = append(words, word)
		}
	}
	return words
}

// hasWords tells whether some words stand in a text, in their order and with nothing between them.
func hasWords(text, words []string) bool {
	for i := 0; len(words) > 0 && i+len(words) <= len(text); i++ {
		if slices.Equal(text[i:i+len(words)], words) {
			return true
		}
	}
	return false
}

func sameWords(a, b string) bool { return slices.Equal(wordsIn(a), wordsIn(b)) }

// letters counts letters and digits.
func letters(text string) int {
	count := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			count++
		}
	}
	return count
}

// quantity is a word that begins with a number, as 70% and 5s do.
var quantity = regexp.MustCompile(`^(-?[0-9]+(?:\.[0-9]+)?)(.*)$`)

// numberIn finds a number in a text: with its unit, or alone when it has two digits at least. A single digit alone
// stands everywhere.
func numberIn(text []string, value, unit string) string {
	wanted, ok := new(big.Rat).SetString(value)
	if !ok {
		return ""
	}
	long := len(strings.Trim(value, "-."))-strings.Count(value, ".") >= 2
	for i, word := range text {
		match := quantity.FindStringSubmatch(word)
		if match == nil {
			continue
		}
		number, ok := new(big.Rat).SetString(match[1])
		if !ok || number.Cmp(wanted) != 0 {
			continue
		}
		next := match[2]
		if next == "" && i+1 < len(text) {
			next = text[i+1]
		}
		if long && match[2] == "" || unit != "" && isUnit(next, unit) {
			return value
		}
	}
	return ""
}

// isUnit tells whether a word is a unit, or a common way to write it.
func isUnit(word, unit string) bool {
	unit = strings.ToLower(unit)
	if word == unit || strings.TrimSuffix(word, "s") == strings.TrimSuffix(unit, "s") {
		return true
	}
	for _, same := range [][]string{
		{"percent", "%"}, {"seconds", "second", "s", "sec"}, {"minutes", "minute", "m", "min"}, {"milliseconds", "ms"}, {"millicores", "m"},
	} {
		if slices.Contains(same, unit) && slices.Contains(same, word) {
			return true
		}
	}
	return false
}
