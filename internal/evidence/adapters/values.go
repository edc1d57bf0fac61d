package adapters

import (
	"strings"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// maxItems bounds a list or map of what a server answers.
const maxItems = 200

// validText makes a text of a server fit for checks, which see no invalid UTF-8.
func validText(of string) string { return strings.ToValidUTF8(of, "\uFFFD") }

// weigh estimates how long a plain value is as JSON, without what escaping adds. It stops counting above the limit.
func weigh(value any, limit int) int {
	switch v := value.(type) {
	case map[string]any:
		weight := len("{}")
		for key, item := range v {
			if weight += len(`"":,`) + len(key) + weigh(item, limit-weight); weight > limit {
				break
			}
		}
		return weight
	case []any:
		weight := len("[]")
		for _, item := range v {
			if weight += len(",") + weigh(item, limit-weight); weight > limit {
				break
			}
		}
		return weight
	case string:
		return len(`""`) + len(v)
	}
	return len("12345678") // a number, a bool, a time or null
}

// bound refuses values that are too large for checks.
func bound(about string, values map[string]any) error {
	if weigh(values, probe.MaxValue) > probe.MaxValue {
		return probe.Failf(probe.TooLarge, "%s answers with more than %d KiB", about, probe.MaxValue>>10)
	}
	return nil
}
