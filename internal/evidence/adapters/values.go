package adapters

import (
	"strings"

	"github.com/lab-operator/lab-operator/internal/evidence"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// maxItems bounds a list or map of what a server answers.
const maxItems = 200

// validText makes a text of a server fit for checks, which see no invalid UTF-8.
func validText(of string) string { return strings.ToValidUTF8(of, "\uFFFD") }

// bound refuses values that are too large for checks.
func bound(about string, values map[string]any) error {
	if evidence.Size(values, probe.MaxValue) > probe.MaxValue {
		return probe.Failf(probe.TooLarge, "%s answers with more than %d KiB", about, probe.MaxValue>>10)
	}
	return nil
}
