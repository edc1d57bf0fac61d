package performance

import (
	"testing"
	"time"
)

// race is how long everybody takes for the same, and what is asked for.
type race struct {
	labs                                     int
	provision, bareProvision, plainProvision time.Duration
	teardown, bareTeardown                   time.Duration
	effort, bareEffort                       effort
	asked, bareAsked, askedAtTheEnd          tally
}

// better takes the shorter times of two races.
func (r race) better(other race) race {
	if r.labs == 0 {
		return other
	}
	r.provision = min(r.provision, other.provision)
	r.bareProvision = min(r.bareProvision, other.bareProvision)
	r.plainProvision = min(r.plainProvision, other.plainProvision)
	r.teardown = min(r.teardown, other.teardown)
	r.bareTeardown = min(r.bareTeardown, other.bareTeardown)
	r.effort = r.effort.least(other.effort)
	r.bareEffort = r.bareEffort.least(other.bareEffort)
	return r
}

// bareRace has the bare client provision and take down, by applying and by creating.
func (h *hall) bareRace(t *testing.T, one *race, profiled bool) {
	t.Helper()
	for _, plain := range []bool{false, true} {
		if plain && !h.record {
			continue // it has no limit: the short form does without it
		}
		b := newBare(t, h.world.Config, h.model)
		b.plain = plain
		r := h.room(t, one.labs)
		before := h.effort(t)
		var took time.Duration
		var err error
		h.profile(t, profiled && !plain, "provision-bare", func() { took, err = b.fill(t.Context(), r, h.hands) })
		if err != nil {
			t.Fatal(err)
		}
		used := h.effort(t).minus(before)
		asked := b.sofar()
		gone, err := b.clear(t.Context(), r, h.hands)
		if err != nil {
			t.Fatal(err)
		}
		b.inner.CloseIdleConnections()
		if plain {
			one.plainProvision = took
			continue
		}
		one.bareProvision, one.bareTeardown, one.bareEffort, one.bareAsked = took, gone, used, asked
	}
}

// full is an operator that serves a room of Labs, beside a room with one that was there before.
type full struct {
	*process
	first, room *room
	// base is what the operator holds in memory with the first Lab alone, in bytes.
	base int64
}

// operatorRace has the operator provision.
func (h *hall) operatorRace(t *testing.T, one *race, profiled bool) *full {
	t.Helper()
	harness := heap()
	f := &full{process: startOperator(t, h.world.Config), first: h.room(t, 1)}
	if _, err := f.first.fill(t.Context(), nobody); err != nil {
		t.Fatal(err)
	}
	f.awaitQuiet(t)
	f.base = heap() - harness
	f.room = h.room(t, one.labs)
	asked, used := f.sofar(), h.effort(t)
	h.profile(t, profiled, "provision", func() {
		var err error
		if one.provision, err = f.room.fill(t.Context(), nobody); err != nil {
			t.Fatal(err)
		}
	})
	one.effort = h.effort(t).minus(used)
	f.awaitQuiet(t)
	one.asked = f.since(asked)
	return f
}

// leave has all Labs deleted and the operator stopped.
func (h *hall) leave(t *testing.T, f *full, one *race) {
	t.Helper()
	before := f.sofar()
	var err error
	if one.teardown, err = f.room.clear(t.Context(), nobody); err != nil {
		t.Fatal(err)
	}
	one.askedAtTheEnd = f.since(before)
	if _, err := f.first.clear(t.Context(), nobody); err != nil {
		t.Fatal(err)
	}
	f.stop(t)
}
