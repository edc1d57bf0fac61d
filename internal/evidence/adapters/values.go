package adapters

import (
	"github.com/lab-operator/lab-operator/internal/evidence"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// maxItems bounds a list or map of what a server answers.
const maxItems = 200

// bound refuses values that are too large for checks.
func bound(about string, values map[string]any) error {
	if evidence.Size(values, probe.MaxValue) > probe.MaxValue {
		return probe.Failf(probe.TooLarge, "%s answers with more than %d KiB", about, probe.MaxValue>>10)
	}
	return nil
}
