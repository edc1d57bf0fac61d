package performance

import (
	"slices"
	"testing"
	"time"
)

// kibibyte is the unit of memory in the figures.
const kibibyte = 1024

// measureSteadyState takes the figures of Labs that are provisioned: how fast they respond, what
// they cost while nothing happens, and what an operator does after a restart. It returns the
// restarted one.
func (h *harness) measureSteadyState(t *testing.T, o *operatorRun, last bool) *operatorRun {
	t.Helper()
	labs := o.fleet.size
	lastMarks := map[int]int{}
	var ours response
	h.profile(t, last, "changes", func() { ours = h.measureResponse(t, labPath(o.fleet), lastMarks) })
	o.awaitQuiet(t)
	h.figures.add(labs, "idle: writes", float64(h.idleWrites(o)))

	held := heap()
	h.profileHeap(t, last)
	if last {
		h.measureForeignObjects(t, o, held, lastMarks)
	}
	o.stop(t)
	h.figures.add(labs, "memory: KiB per Lab", float64(held-heap()-o.baseHeap)/kibibyte/float64(labs))

	bare := startBaselineWatcher(t, h.env.Config, o.fleet)
	copied := h.measureResponse(t, baselinePath(o.fleet), map[int]int{})
	bare.stop(t)
	h.reportResponse(labs, ours, copied)

	// The restarted operator must find what the stopped one has seen last.
	for i, number := range lastMarks {
		if err := o.fleet.writeMark(t.Context(), i, number); err != nil {
			t.Fatal(err)
		}
	}
	restarted := &operatorRun{process: startOperator(t, h.env.Config), first: o.first, fleet: o.fleet}
	requests := restarted.requestsSoFar()
	t.Logf("requests of a restart with %d Labs, per Lab: %s", labs, requests.per(labs))
	h.figures.add(labs, "restart: writes", float64(requests.writes()+requests.events()))
	h.figures.add(labs, "restart: reads per Lab", float64(requests.reads())/float64(labs))
	// It has written nothing although it works.
	labPath(restarted.fleet).single(t, 1, lastMarks)
	return restarted
}

// idleWrites counts what the operator writes while nothing happens: for the longest time with most
// Labs.
func (h *harness) idleWrites(o *operatorRun) int {
	before := o.requestsSoFar()
	share := float64(o.fleet.size) / float64(slices.Max(h.labs))
	<-time.After(max(time.Second, time.Duration(share*float64(h.idle))))
	written := o.requestsSince(before)
	return written.writes() + written.events()
}

// measureForeignObjects measures what foreign objects cost an operator that watches their kind.
func (h *harness) measureForeignObjects(t *testing.T, o *operatorRun, held int64, lastMarks map[int]int) {
	t.Helper()
	if err := createForeignObjects(t.Context(), h.admin, h.foreign); err != nil {
		t.Fatal(err)
	}
	// A watch is ordered: when a later mark has arrived, the foreign objects have.
	labPath(o.fleet).single(t, 1, lastMarks)
	o.awaitQuiet(t)
	h.figures.add(0, "memory: bytes per foreign object", float64(heap()-held)/float64(h.foreign))
}

// reportResponse adds the times of changes, next to those of the baseline watcher.
func (h *harness) reportResponse(labs int, ours, bare response) {
	for _, one := range []struct {
		name string
		response
	}{{"operator", ours}, {"bare", bare}} {
		changes := float64(len(one.loaded))
		h.figures.add(labs, "change to status: processor per change, ms, "+one.name, milliseconds(one.cpu.process)/changes)
		h.figures.add(labs, "change to status: processor per change, ms, API server with "+one.name, milliseconds(one.cpu.server)/changes)
	}
	for _, one := range []struct {
		name       string
		ours, bare latencies
	}{{"idle", ours.idle, bare.idle}, {"loaded", ours.loaded, bare.loaded}} {
		for _, p := range []struct {
			name string
			of   int
		}{{"p50", 50}, {"p99", 99}} {
			h.figures.addRatio(labs, "change to status, "+one.name+", "+p.name, one.ours.percentile(p.of), one.bare.percentile(p.of))
		}
	}
}

// A right that was just granted is not known to every part of the API server for a moment. How many
// writes are refused until then is chance. The requests that follow from refusals are left out of
// the cost of a Lab.
const (
	// readsPerRefusal are of the Lab, the namespace and the binding, to tell a recent right from a
	// missing one.
	readsPerRefusal = 3
	// writesPerRefusal are the refused one and the status that says what the operator waits for.
	writesPerRefusal = 2
)

// report adds the figures of a provision run.
func (h *harness) report(t *testing.T, run *provisionRun) {
	t.Helper()
	t.Logf("requests to provision one of %d Labs: %s", run.labs, run.requests.per(run.labs))
	t.Logf("requests of the baseline client: %s", run.baselineRequests.per(run.labs))
	t.Logf("requests to tear one down: %s", run.teardownRequests.per(run.labs))
	n := float64(run.labs)
	h.figures.addRatio(run.labs, "provision", run.provisioned, run.baselineProvisioned)
	if h.record {
		h.figures.add(run.labs, "provision: apply to create, both bare", float64(run.baselineProvisioned)/float64(run.createProvisioned))
	}
	h.figures.add(run.labs, "provision: writes per Lab", float64(run.requests.writes()-writesPerRefusal*run.requests.refused())/n)
	h.figures.add(run.labs, "provision: writes per Lab, bare", float64(run.baselineRequests.writes())/n)
	h.figures.add(run.labs, "provision: events per Lab", float64(run.requests.events())/n)
	h.figures.add(run.labs, "provision: reads per Lab", float64(max(0, run.requests.reads()-readsPerRefusal*run.requests.refused()))/n)
	h.figures.add(run.labs, "provision: refused per Lab", float64(run.requests.refused())/n)
	h.figures.add(run.labs, "provision: refused per Lab, bare", float64(run.baselineRequests.refused())/n)
	for _, one := range []struct {
		name string
		used cpuTime
	}{{"operator", run.cpu}, {"bare", run.baselineCPU}} {
		h.figures.add(run.labs, "provision: processor per Lab, ms, "+one.name, milliseconds(one.used.process)/n)
		h.figures.add(run.labs, "provision: processor per Lab, ms, API server with "+one.name, milliseconds(one.used.server)/n)
	}
	h.figures.addRatio(run.labs, "teardown", run.tornDown, run.baselineTornDown)
	h.figures.add(run.labs, "teardown: writes per Lab", float64(run.teardownRequests.writes())/n)
	h.figures.add(run.labs, "teardown: reads per Lab", float64(run.teardownRequests.reads())/n)
}
