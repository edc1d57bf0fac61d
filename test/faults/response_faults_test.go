package faults

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// writesPerRun is how many writes of a run get a fault, each at its first try. There are other
// writes between two of them, so that one fault does not hide what another has broken.
const writesPerRun = 15

// TestWriteFaults has every write refused, lost, never answered or answered late.
func TestWriteFaults(t *testing.T) {
	t.Parallel()
	p := usePool(t)
	p.sweepAll(t, "writes answered", responseFaults, writesPerRun)
}

// TestReadFaults does so with the first read of each kind in each step.
func TestReadFaults(t *testing.T) {
	t.Parallel()
	p := usePool(t)
	var mu sync.Mutex
	var summaries []string
	t.Run("by", func(t *testing.T) {
		for _, fault := range responseFaults {
			t.Run(string(fault), func(t *testing.T) {
				t.Parallel()
				gaveUp := 0
				injected := p.retryUntilInjected(t, p.baseline.reads, func([]point, string) map[point]bool {
					r, err := p.runScenario(t, "reads-"+fault.labName(), faultPlan{reads: fault})
					if err != nil {
						t.Fatal(err)
					}
					_, more := r.operators.starts()
					gaveUp += more
					return r.injector.reads.injected()
				})
				mu.Lock()
				defer mu.Unlock()
				summaries = append(summaries, fmt.Sprintf("%s %d (%d operators exited)", fault, len(injected), gaveUp))
			})
		}
	})
	report(t, "reads answered: of %d kinds in every run: %s", len(p.baseline.reads), strings.Join(summaries, "; "))
}
