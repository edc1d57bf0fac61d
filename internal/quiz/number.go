package quiz

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func numberForm() Form {
	return Form{
		Type:     v1beta1.QuestionTypeNumber,
		Member:   "number",
		Measured: true,
		Values:   []*types.Type{types.IntType, types.UintType, types.DoubleType},
		Returns:  "a number, or a list of them where several are right",
		key: func(answer v1beta1.Answer) ([]string, bool) {
			if answer.Number == nil {
				return nil, false
			}
			return []string{answer.Number.Value}, true
		},
		normal: func(_ v1beta1.Question, value string) (string, error) {
			number, ok := parseNumber(value)
			if !ok {
				return "", errors.New("a number that nobody can type: it must have at most 32 digits before and after the point")
			}
			return canonical(number), nil
		},
		reader: func(in Input) (reader, bool) {
			written := Tolerance(in.Answer)
			if written == "" {
				return number{unit: in.Question.Unit, tolerance: new(big.Rat)}, true
			}
			tolerance, ok := parseNumber(written)
			return number{unit: in.Question.Unit, tolerance: tolerance}, ok
		},
		wording: func(q v1beta1.Question, answer v1beta1.Answer) string { return withUnit(answer.Number.Value, q.Unit) },
	}
}

// Tolerance is how far off a number may be, as the author wrote it; empty where it must be exact.
func Tolerance(answer v1beta1.Answer) string {
	switch {
	case answer.Number != nil:
		return answer.Number.Tolerance
	case answer.Live != nil:
		return answer.Live.Tolerance
	}
	return ""
}

// number is answered by an integer or a decimal number.
type number struct {
	unit      string
	tolerance *big.Rat
}

func (n number) expects() string {
	if n.unit == "" {
		return "answer with a number, as in 3 or 0.5"
	}
	return fmt.Sprintf("answer with a number, in %s", n.unit)
}

func (n number) read(answer string) (string, bool) {
	given, ok := parseNumber(withoutUnit(answer, n.unit))
	if !ok {
		return "", false
	}
	return canonical(given), true
}

func (n number) fits(answer, right string) bool {
	given, okGiven := parseNumber(answer)
	wanted, okWanted := parseNumber(right)
	if !okGiven || !okWanted {
		return false
	}
	off := new(big.Rat).Sub(given, wanted)
	return off.Abs(off).Cmp(n.tolerance) <= 0
}

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
