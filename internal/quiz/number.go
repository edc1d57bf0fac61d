package quiz

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// numberPattern keeps out fractions and exponents, which big.Rat would read: an exponent of a few digits takes gigabytes.
var numberPattern = regexp.MustCompile(`^[+-]?[0-9]{1,32}(\.[0-9]{1,32})?$`)

// parseNumber reads a decimal number exactly.
func parseNumber(text string) (*big.Rat, bool) {
	if !numberPattern.MatchString(text) {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// canonical is the shortest decimal form of a number that parseNumber read: 300.0, +300 and 300 are the same.
func canonical(n *big.Rat) string {
	if n.IsInt() {
		return n.Num().String()
	}
	return strings.TrimRight(n.FloatString(32), "0")
}

// shortUnits are other ways to write a unit, in normal form.
var shortUnits = map[string][]string{
	"percent":             {"%", "per cent"},
	"times":               {"x", "×"},
	"dollars":             {"$", "usd"},
	"seconds":             {"s", "sec"},
	"milliseconds":        {"ms"},
	"millicores":          {"m"},
	"requests per second": {"requests/s", "rps", "req/s"},
}

// withoutUnit takes the question's own unit off an answer, in the ways in which people write it.
func withoutUnit(answer, unit string) string {
	if unit == "" {
		return answer
	}
	short := shortUnits[strings.ToLower(unit)]
	if slices.Contains(short, "$") {
		answer = strings.TrimPrefix(answer, "$")
	}
	head := strings.TrimRight(strings.TrimRightFunc(answer, func(r rune) bool { return r < '0' || r > '9' }), " ")
	tail := normalText(answer[len(head):])
	switch {
	case head == "" || tail == "":
		return answer
	case tail == normalText(unit), slices.Contains(short, tail):
		return head
	}
	return answer
}

func withUnit(number, unit string) string {
	if unit == "" {
		return number
	}
	return number + " " + unit
}
