package performance

import (
	"slices"
	"testing"
	"time"
)

// kibibyte is the unit in which memory is told.
const kibibyte = 1024

// stay takes the figures of Labs that are there: how fast they respond, what they cost while nothing happens, and what
// an operator does that is started again. It returns with that one.
func (h *hall) stay(t *testing.T, f *full, last bool) *full {
	t.Helper()
	labs := f.room.size
	said := map[int]int{}
	var ours response
	h.profile(t, last, "changes", func() { ours = h.respond(t, fromLabs(f.room), said) })
	f.awaitQuiet(t)
	h.figures.add(labs, "idle: writes", float64(h.idleWrites(f)))

	held := heap()
	h.profileHeap(t, last)
	if last {
		h.crowdIn(t, f, held, said)
	}
	f.stop(t)
	h.figures.add(labs, "memory: KiB per Lab", float64(held-heap()-f.base)/kibibyte/float64(labs))

	bare := startCopier(t, h.world.Config, f.room)
	copied := h.respond(t, fromCopies(f.room), map[int]int{})
	bare.stop(t)
	h.tellResponse(labs, ours, copied)

	// What the operator saw last, it shall see again.
	for i, number := range said {
		if err := f.room.write(t.Context(), i, number); err != nil {
			t.Fatal(err)
		}
	}
	again := &full{process: startOperator(t, h.world.Config), first: f.first, room: f.room}
	asked := again.sofar()
	t.Logf("to start again with %d Labs, for each: %s", labs, asked.per(labs))
	h.figures.add(labs, "restart: writes", float64(asked.writes()+asked.events()))
	h.figures.add(labs, "restart: reads per Lab", float64(asked.reads())/float64(labs))
	// It has not been silent for being dead.
	fromLabs(again.room).single(t, 1, said)
	return again
}

// idleWrites counts what the operator writes while nobody does anything: for the longest time where there are most Labs.
func (h *hall) idleWrites(f *full) int {
	before := f.sofar()
	share := float64(f.room.size) / float64(slices.Max(h.labs))
	<-time.After(max(time.Second, time.Duration(share*float64(h.idle))))
	written := f.since(before)
	return written.writes() + written.events()
}

// crowdIn tells what foreign objects cost an operator that watches their kind.
func (h *hall) crowdIn(t *testing.T, f *full, held int64, said map[int]int) {
	t.Helper()
	if err := crowd(t.Context(), h.admin, h.foreign); err != nil {
		t.Fatal(err)
	}
	// A watch tells in order: when a later word has come, the crowd has.
	fromLabs(f.room).single(t, 1, said)
	f.awaitQuiet(t)
	h.figures.add(0, "memory: bytes per foreign object", float64(heap()-held)/float64(h.foreign))
}

// tellResponse puts the times of changes beside those of the bare copier.
func (h *hall) tellResponse(labs int, ours, bare response) {
	for _, one := range []struct {
		name string
		response
	}{{"operator", ours}, {"bare", bare}} {
		changes := float64(len(one.loaded))
		h.figures.add(labs, "change to status: processor per change, ms, "+one.name, milliseconds(one.effort.own)/changes)
		h.figures.add(labs, "change to status: processor per change, ms, API server with "+one.name, milliseconds(one.effort.server)/changes)
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

// tell puts the figures of a race on the list.
func (h *hall) tell(t *testing.T, r *race) {
	t.Helper()
	t.Logf("to provision one of %d Labs: %s", r.labs, r.asked.per(r.labs))
	t.Logf("the bare client: %s", r.bareAsked.per(r.labs))
	t.Logf("to take one down: %s", r.askedAtTheEnd.per(r.labs))
	n := float64(r.labs)
	h.figures.addRatio(r.labs, "provision", r.provision, r.bareProvision)
	if h.record {
		h.figures.add(r.labs, "provision: apply to create, both bare", float64(r.bareProvision)/float64(r.plainProvision))
	}
	h.figures.add(r.labs, "provision: writes per Lab", float64(r.asked.writes())/n)
	h.figures.add(r.labs, "provision: writes per Lab, bare", float64(r.bareAsked.writes())/n)
	h.figures.add(r.labs, "provision: events per Lab", float64(r.asked.events())/n)
	h.figures.add(r.labs, "provision: reads per Lab", float64(r.asked.reads())/n)
	h.figures.add(r.labs, "provision: refused per Lab", float64(r.asked.refused())/n)
	h.figures.add(r.labs, "provision: refused per Lab, bare", float64(r.bareAsked.refused())/n)
	for _, one := range []struct {
		name string
		used effort
	}{{"operator", r.effort}, {"bare", r.bareEffort}} {
		h.figures.add(r.labs, "provision: processor per Lab, ms, "+one.name, milliseconds(one.used.own)/n)
		h.figures.add(r.labs, "provision: processor per Lab, ms, API server with "+one.name, milliseconds(one.used.server)/n)
	}
	h.figures.addRatio(r.labs, "teardown", r.teardown, r.bareTeardown)
	h.figures.add(r.labs, "teardown: writes per Lab", float64(r.askedAtTheEnd.writes())/n)
	h.figures.add(r.labs, "teardown: reads per Lab", float64(r.askedAtTheEnd.reads())/n)
}
