package load

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lab-operator/lab-operator/internal/text"
)

const (
	// maxErrorKinds is the number of different errors that are told apart, maxErrorLength how much of each is shown.
	maxErrorKinds  = 5
	maxErrorLength = 160
	// otherErrors is the name of all errors beyond.
	otherErrors = "other errors"
)

// result is what became of one request that was due.
type result struct {
	// took is the time from the request to its answer or error.
	took time.Duration
	// err says why it failed.
	err error
	// missed says that it was not sent, since too many were under way.
	missed bool
	// cutOff says that the load ended before the answer.
	cutOff bool
}

// tally counts results.
type tally struct {
	answers histogram
	missed  uint64
	errors  map[string]uint64
}

func newTally() *tally { return &tally{errors: map[string]uint64{}} }

// add counts one result.
func (t *tally) add(r result) {
	switch {
	case r.cutOff:
	case r.missed:
		t.missed++
	case r.err != nil:
		t.fail(text.OneLine(r.err.Error(), maxErrorLength), 1)
	default:
		t.answers.add(r.took)
	}
}

// fail counts errors of a kind.
func (t *tally) fail(kind string, n uint64) {
	if _, known := t.errors[kind]; !known && len(t.errors) >= maxErrorKinds {
		kind = otherErrors
	}
	t.errors[kind] += n
}

// merge adds what another tally has counted.
func (t *tally) merge(other *tally) {
	t.answers.merge(&other.answers)
	t.missed += other.missed
	for _, kind := range slices.Sorted(maps.Keys(other.errors)) {
		t.fail(kind, other.errors[kind])
	}
}

// report sums up what was counted in some time.
func (t *tally) report(elapsed time.Duration) Report {
	return Report{
		Elapsed: elapsed,
		Answers: t.answers.total,
		Missed:  t.missed,
		Errors:  maps.Clone(t.errors),
		P50:     t.answers.quantile(0.50),
		P95:     t.answers.quantile(0.95),
		Max:     t.answers.max,
	}
}

// Report says how a service answered.
type Report struct {
	// Elapsed is how long the load lasted.
	Elapsed time.Duration
	// Answers is the number of successful answers.
	Answers uint64
	// Missed is the number of requests that were due and not sent, since too many were under way.
	Missed uint64
	// Errors counts the failed requests by what went wrong.
	Errors map[string]uint64
	// P50, P95 and Max are the times to an answer that half, 95 % and all of the answers did not exceed.
	P50, P95, Max time.Duration
}

// Failed is the number of failed requests.
func (r Report) Failed() uint64 {
	n := uint64(0)
	for _, count := range r.Errors {
		n += count
	}
	return n
}

// Line is the report in one line.
func (r Report) Line() string {
	rate := 0.0
	if r.Elapsed > 0 {
		rate = float64(r.Answers) / r.Elapsed.Seconds()
	}
	return fmt.Sprintf("%.1f answers/s  p50 %v  p95 %v  max %v  errors %d  missed %d",
		rate, round(r.P50), round(r.P95), round(r.Max), r.Failed(), r.Missed)
}

// String is the report in some lines: the most frequent errors follow the numbers.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "after %v: %d answers, %s", r.Elapsed.Round(time.Second), r.Answers, r.Line())
	for _, kind := range slices.SortedFunc(maps.Keys(r.Errors), func(a, b string) int {
		if r.Errors[a] != r.Errors[b] {
			return int(r.Errors[b]) - int(r.Errors[a])
		}
		return strings.Compare(a, b)
	}) {
		fmt.Fprintf(&b, "\n  %6d  %s", r.Errors[kind], kind)
	}
	return b.String()
}

// round keeps what a person reads of a duration.
func round(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(10 * time.Millisecond)
}
