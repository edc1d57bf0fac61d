// Package params draws the values that differ from learner to learner, and puts them into texts. It is pure: the same
// learner draws the same, however often.
package params

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// reference is how texts refer to a param.
var reference = regexp.MustCompile(`\$\(params\.([^)]*)\)`)

// Draw returns a value for each param, as text by name. What was drawn before stays, unless the exercise does not offer
// it any more. The learner seeds the draw.
func Draw(learner string, offered []v1beta1.Param, before map[string]string) map[string]string {
	if len(offered) == 0 {
		return nil
	}
	drawn := make(map[string]string, len(offered))
	for _, p := range offered {
		if value, ok := before[p.Name]; ok && offers(p, value) {
			drawn[p.Name] = value
			continue
		}
		drawn[p.Name] = draw(learner, p)
	}
	return drawn
}

// draw picks by a hash, in which no param is like another of the same learner.
func draw(learner string, p v1beta1.Param) string {
	sum := sha256.Sum256([]byte(learner + "\x00" + p.Name))
	number := binary.BigEndian.Uint64(sum[:])
	if p.Range != nil {
		choices := uint64(p.Range.Max-p.Range.Min)/uint64(step(p.Range)) + 1
		return strconv.FormatInt(p.Range.Min+int64(number%choices)*step(p.Range), 10)
	}
	if len(p.OneOf) == 0 {
		return ""
	}
	return p.OneOf[number%uint64(len(p.OneOf))]
}

func offers(p v1beta1.Param, value string) bool {
	if p.Range == nil {
		return slices.Contains(p.OneOf, value)
	}
	number, err := strconv.ParseInt(value, 10, 64)
	return err == nil && number >= p.Range.Min && number <= p.Range.Max && (number-p.Range.Min)%step(p.Range) == 0
}

func step(r *v1beta1.ParamRange) int64 { return max(r.Step, 1) }

// Values are the drawn values as expressions see them: int64 for a range, string otherwise. What is not a number
// where one is due is left out.
func Values(offered []v1beta1.Param, drawn map[string]string) map[string]any {
	values := make(map[string]any, len(offered))
	for _, p := range offered {
		text, ok := drawn[p.Name]
		switch {
		case !ok:
		case p.Range == nil:
			values[p.Name] = text
		default:
			if number, err := strconv.ParseInt(text, 10, 64); err == nil {
				values[p.Name] = number
			}
		}
	}
	return values
}

// Expand puts values into a text in place of $(params.name). A name without a value stays as it is.
func Expand(text string, values map[string]any) string {
	return reference.ReplaceAllStringFunc(text, func(found string) string {
		if value, ok := values[reference.FindStringSubmatch(found)[1]]; ok {
			return fmt.Sprint(value)
		}
		return found
	})
}

// References are the names that a text refers to, in its order.
func References(text string) []string {
	var names []string
	for _, found := range reference.FindAllStringSubmatch(text, -1) {
		names = append(names, found[1])
	}
	return names
}
