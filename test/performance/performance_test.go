package performance

import "testing"

// TestPerformance measures the operator with each number of Labs, tells of all, and holds it against the baseline.
func TestPerformance(t *testing.T) {
	s := settingsOf(t)
	limits := readBaseline(t)
	h := open(t, s)
	for i, labs := range s.labs {
		h.measure(t, labs, i == len(s.labs)-1)
	}
	if s.record {
		limits.record(t, h.figures)
	}
	t.Logf("figures and their limits:\n%s", h.figures.table(limits))
	limits.check(t, h.figures, s.labs)
}

// rounds is how often a number of Labs is provisioned by everybody, in turn. The best of them counts: what makes the others
// slower is something else that the machine does, or that they come first.
const rounds = 2

// measure takes all figures for a number of Labs. The last number is measured with a crowd besides.
func (h *hall) measure(t *testing.T, labs int, last bool) {
	t.Helper()
	var best race
	for round := range rounds {
		one := race{labs: labs}
		h.bareRace(t, &one, last)
		full := h.operatorRace(t, &one, last)
		if round == rounds-1 {
			defer func() { h.tell(t, &best) }()
			full = h.stay(t, full, last)
		}
		h.leave(t, full, &one)
		best = best.better(one)
	}
}
