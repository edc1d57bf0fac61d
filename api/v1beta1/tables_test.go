package v1beta1_test

import (
	"strings"
)

// addLengths adds for each text that it is not empty and not longer than so many characters.
func addLengths(bounds map[string]bound, lengths map[string]int) {
	for path := range lengths {
		bounds[path+" is not empty"] = bound{path: path, breaks: "minLength", fits: "x", refused: ""}
	}
	addMaxLengths(bounds, lengths)
}

// addMaxLengths adds for each text that it is not longer than so many characters.
func addMaxLengths(bounds map[string]bound, lengths map[string]int) {
	for path, length := range lengths {
		bounds[path+" is bounded"] = bound{path: path, breaks: "maxLength", fits: text(length), refused: text(length + 1)}
	}
}

// countBounds are those of a status that has conditions and counts.
func countBounds(counts ...string) map[string]bound {
	bounds := map[string]bound{
		"conditions are unique":          {path: "status.conditions", breaks: "unique", fits: conditions(2), refused: append(conditions(1), conditions(1)...)},
		"there are at most 8 conditions": {path: "status.conditions", breaks: "maxItems", fits: conditions(8), refused: conditions(9)},
	}
	addCounts(bounds, "status.", append(counts, "observedGeneration")...)
	return bounds
}

// addCounts adds for each count, all below the same path, that it is not negative.
func addCounts(bounds map[string]bound, below string, counts ...string) {
	for _, count := range counts {
		bounds[count+" is not negative"] = bound{path: below + count, breaks: "minimum", fits: 0, refused: -1}
	}
}

// conditions is a list of so many different conditions.
func conditions(length int) []any {
	return many(length, func(i int) any {
		return map[string]any{
			"type": "Type" + strings.Repeat("x", i), "status": "True", "reason": "Reason", "message": "",
			"lastTransitionTime": "2026-01-02T03:04:05Z",
		}
	})
}
