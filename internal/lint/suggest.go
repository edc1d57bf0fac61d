package lint

import (
	"slices"
	"strings"
)

const (
	// maxNames is how many names a message lists.
	maxNames = 12
	// samePrefix is how many letters names begin with that are taken for each other.
	samePrefix = 4
)

// suggestion is a part of a message on a name that is not known: the nearest of those there are, or all of them where
// none is near and they are few.
func suggestion(name string, known []string) string {
	known = slices.Clone(known)
	slices.Sort(known)
	best, distance := "", 2+len(name)/4
	for _, candidate := range known {
		if d := editDistance(strings.ToLower(name), strings.ToLower(candidate)); d < distance {
			best, distance = candidate, d
		}
	}
	for _, candidate := range known {
		if best == "" && len(name) >= samePrefix && strings.HasPrefix(strings.ToLower(candidate), strings.ToLower(name[:samePrefix])) {
			best = candidate
		}
	}
	switch {
	case best != "":
		return "; did you mean " + best + "?"
	case len(known) > 0 && len(known) <= maxNames:
		return "; there is " + strings.Join(known, ", ")
	}
	return ""
}

// editDistance is how many letters have to be put in, taken out or replaced.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
