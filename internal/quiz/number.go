package quiz

import (
	"math/big"
	"regexp"
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

// withoutUnit takes the question's own unit off an answer.
func withoutUnit(answer, unit string) string {
	if unit == "" || len(answer) <= len(unit) {
		return answer
	}
	head, tail := answer[:len(answer)-len(unit)], answer[len(answer)-len(unit):]
	if strings.EqualFold(tail, unit) {
		return strings.TrimSpace(head)
	}
	return answer
}

func withUnit(number, unit string) string {
	if unit == "" {
		return number
	}
	return number + " " + unit
}
