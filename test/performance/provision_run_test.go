package performance

import (
	"testing"
	"time"
)

// provisionRun is how long the operator and the baseline client take for the same Labs, and their
// requests.
type provisionRun struct {
	labs                                                int
	provisioned, baselineProvisioned, createProvisioned time.Duration
	tornDown, baselineTornDown                          time.Duration
	cpu, baselineCPU                                    cpuTime
	requests, baselineRequests, teardownRequests        requestCounts
}

// best takes the shorter times of two runs.
func (run provisionRun) best(other provisionRun) provisionRun {
	if run.labs == 0 {
		return other
	}
	run.provisioned = min(run.provisioned, other.provisioned)
	run.baselineProvisioned = min(run.baselineProvisioned, other.baselineProvisioned)
	run.createProvisioned = min(run.createProvisioned, other.createProvisioned)
	run.tornDown = min(run.tornDown, other.tornDown)
	run.baselineTornDown = min(run.baselineTornDown, other.baselineTornDown)
	run.cpu = run.cpu.least(other.cpu)
	run.baselineCPU = run.baselineCPU.least(other.baselineCPU)
	return run
}

// runBaseline has the baseline client provision and tear down, by applying and by creating.
func (h *harness) runBaseline(t *testing.T, run *provisionRun, profiled bool) {
	t.Helper()
	for _, plain := range []bool{false, true} {
		if plain && !h.record {
			continue // it has no limit, and is measured only for the report
		}
		b := newBaselineClient(t, h.env.Config, h.template)
		b.creates = plain
		f := h.newFleet(t, run.labs)
		before := h.cpuTime(t)
		var took time.Duration
		var err error
		h.profile(t, profiled && !plain, "provision-bare", func() { took, err = b.provisionFleet(t.Context(), f, h.workers) })
		if err != nil {
			t.Fatal(err)
		}
		used := h.cpuTime(t).minus(before)
		requests := b.requestsSoFar()
		gone, err := b.tearDownFleet(t.Context(), f, h.workers)
		if err != nil {
			t.Fatal(err)
		}
		b.inner.CloseIdleConnections()
		if plain {
			run.createProvisioned = took
			continue
		}
		run.baselineProvisioned, run.baselineTornDown, run.baselineCPU, run.baselineRequests = took, gone, used, requests
	}
}

// operatorRun is an operator that serves a fleet, next to a fleet of one Lab that was there before.
type operatorRun struct {
	*process
	first, fleet *fleet
	// baseHeap is what the operator holds in memory with the first Lab alone, in bytes.
	baseHeap int64
}

// runOperator has the operator provision.
func (h *harness) runOperator(t *testing.T, run *provisionRun, profiled bool) *operatorRun {
	t.Helper()
	harness := heap()
	o := &operatorRun{process: startOperator(t, h.env.Config), first: h.newFleet(t, 1)}
	if _, err := o.first.provision(t.Context(), ignoreLab); err != nil {
		t.Fatal(err)
	}
	o.awaitQuiet(t)
	o.baseHeap = heap() - harness
	o.fleet = h.newFleet(t, run.labs)
	requests, used := o.requestsSoFar(), h.cpuTime(t)
	h.profile(t, profiled, "provision", func() {
		var err error
		if run.provisioned, err = o.fleet.provision(t.Context(), ignoreLab); err != nil {
			t.Fatal(err)
		}
	})
	run.cpu = h.cpuTime(t).minus(used)
	o.awaitQuiet(t)
	run.requests = o.requestsSince(requests)
	return o
}

// tearDown deletes all Labs and stops the operator.
func (h *harness) tearDown(t *testing.T, o *operatorRun, run *provisionRun) {
	t.Helper()
	before := o.requestsSoFar()
	var err error
	if run.tornDown, err = o.fleet.tearDown(t.Context(), ignoreLab); err != nil {
		t.Fatal(err)
	}
	run.teardownRequests = o.requestsSince(before)
	if _, err := o.first.tearDown(t.Context(), ignoreLab); err != nil {
		t.Fatal(err)
	}
	o.stop(t)
}
