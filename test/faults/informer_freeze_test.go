package faults

import "testing"

// freezesPerRun keeps freezes apart, so that informers know everything before the next one.
const freezesPerRun = 10

// TestInformersFrozen lets every write through while no watch delivers events for a while.
func TestInformersFrozen(t *testing.T) {
	t.Parallel()
	p := usePool(t)
	p.sweepAll(t, "watches held back", []fault{informersFrozen}, freezesPerRun)
}
