package performance

import "testing"

// TestPerformance measures the operator with each number of Labs, prints all figures, and checks
// them against the baseline.
func TestPerformance(t *testing.T) {
	s := settingsOf(t)
	limits := readBaseline(t)
	h := newHarness(t, s)
	for i, labs := range s.labs {
		h.measure(t, labs, i == len(s.labs)-1)
	}
	if s.record {
		limits.record(t, h.figures)
	}
	t.Logf("figures and their limits:\n%s", h.figures.table(limits))
	limits.check(t, h.figures, s.labs)
}

// attempts is how often the operator and the baseline client provision a number of Labs, in turn.
// The best counts: the others are slower because the machine does something else, or because they
// come first.
const attempts = 2

// measure takes all figures for a number of Labs. With the last number, foreign objects are
// measured too.
func (h *harness) measure(t *testing.T, labs int, last bool) {
	t.Helper()
	var best provisionRun
	for attempt := range attempts {
		run := provisionRun{labs: labs}
		h.runBaseline(t, &run, last)
		operator := h.runOperator(t, &run, last)
		if attempt == attempts-1 {
			defer func() { h.report(t, &best) }()
			operator = h.measureSteadyState(t, operator, last)
		}
		h.tearDown(t, operator, &run)
		best = best.best(run)
	}
}
