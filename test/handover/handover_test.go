// Package handover runs two replicas of the operator as processes, takes the leader away in different ways while labs go
// on, and looks at every write that reaches the API server.
package handover

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/test/testenv"
)

const (
	// patience bounds how long anything may take.
	patience = 2 * time.Minute
	// slack is what a handover may take in addition to the duration of the lease, on a machine that has far too much to do.
	slack = 8 * time.Second
	// gone is how long a leader that was stopped or cut off stays so after another has begun to write.
	gone = 2 * time.Second
)

// TestHandover takes the leader away in each way, one after the other: the replica that did not lead takes over, and the
// other comes back as the one that waits.
func TestHandover(t *testing.T) {
	s := start(t)
	leader, waiting := s.join(t, "one"), s.join(t, "two")
	working, rest := context.WithCancel(t.Context())
	defer rest()
	go s.class.watch(working)
	go s.class.work(working)
	s.untilWrites(t, leader)

	for _, fault := range []struct {
		name string
		take func(t *testing.T, m *member)
		// back ends the fault.
		back func(t *testing.T, m *member)
	}{
		{"killed", kill, restart},
		{"stopped", stop, goOn},
		{"cut off", cut, heal},
		{"stopped again", stop, goOn},
		{"cut off again", cut, heal},
	} {
		t.Run(fault.name, func(t *testing.T) {
			began := time.Now()
			fault.take(t, leader)
			first := s.untilTaken(t, waiting, began)
			gap, limit := first.done.Sub(began), s.leaseDuration(t)+slack
			t.Logf("the other replica wrote after %s", gap.Round(time.Millisecond))
			if gap > limit {
				t.Errorf("the handover took %s, want at most %s", gap, limit)
			}
			s.forAWhile(t)
			fault.back(t, leader)
			s.untilOneWaits(t, leader, waiting)
			if s.recorder.holder() == waiting.way.replica {
				leader, waiting = waiting, leader
			}
			s.untilWrites(t, leader)
			if err := s.class.complaints(); err != nil {
				t.Error(err)
			}
		})
	}
	rest()
	s.finish(t)
}

// finish has all learners do the rest, and looks at what came out.
func (s *site) finish(t *testing.T) {
	t.Helper()
	for _, w := range s.recorder.strays() {
		t.Errorf("%s, which had not the lease, sent %s", w.replica, w.what)
	}
	for _, name := range s.class.labs() {
		testenv.Eventually(t, patience, "the learner of "+name+" gets to the end", func() error { return s.class.level(t.Context(), name, "1000000") })
	}
	testenv.Eventually(t, patience, "all Labs are completed", func() error { return s.class.unfinished(t.Context()) })
	if err := s.class.complaints(); err != nil {
		t.Error(err)
	}
	twice, err := s.class.toldTwice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(twice) > 0 {
		t.Errorf("told more than once: %s", strings.Join(twice, "; "))
	}
	t.Logf("%d Labs were completed", len(s.class.labs()))
}

func kill(t *testing.T, m *member) {
	t.Helper()
	if err := m.Kill(); err != nil {
		t.Fatal(err)
	}
}

func restart(t *testing.T, m *member) {
	t.Helper()
	m.run(t)
}

func stop(t *testing.T, m *member) {
	t.Helper()
	if err := m.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
}

func goOn(t *testing.T, m *member) {
	t.Helper()
	if err := m.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

func cut(_ *testing.T, m *member) {
	m.way.cut.Store(true)
	m.proxy.Freeze()
}

func heal(_ *testing.T, m *member) {
	m.way.cut.Store(false)
	m.proxy.Thaw()
}

// untilOneWaits waits until both replicas are ready, and one of them has begun anew to wait for the lease of the other.
func (s *site) untilOneWaits(t *testing.T, both ...*member) {
	t.Helper()
	for _, m := range both {
		testenv.Eventually(t, patience, m.way.replica+" waits for the lease or has it", func() error {
			attempts, taken := strings.LastIndex(m.Log(), "Attempting to acquire"), strings.LastIndex(m.Log(), "Successfully acquired")
			if holds := s.recorder.holder() == m.way.replica; holds != (taken > attempts) {
				return fmt.Errorf("has it: %t, but its log ends with:\n%s", holds, tail(m.Log(), 3))
			}
			return nil
		})
		m.untilReady(t)
	}
}

// untilWrites waits until a replica leads: it has written something just now.
func (s *site) untilWrites(t *testing.T, m *member) {
	t.Helper()
	s.untilTaken(t, m, time.Now())
}

// untilTaken waits for the first write of a replica since a time, and returns it.
func (s *site) untilTaken(t *testing.T, m *member, since time.Time) write {
	t.Helper()
	var found write
	testenv.Eventually(t, patience, m.way.replica+" writes", func() error {
		for _, w := range s.recorder.since(since) {
			if w.replica == m.way.replica && !w.lease && w.accepted {
				found = w
				return nil
			}
		}
		return fmt.Errorf("it has not")
	})
	return found
}

func (s *site) leaseDuration(t *testing.T) time.Duration {
	t.Helper()
	lease := &coordinationv1.Lease{}
	if err := s.Client.Get(t.Context(), client.ObjectKey{Namespace: testenv.OperatorNamespace, Name: "lab-operator"}, lease); err != nil {
		t.Fatal(err)
	}
	return time.Duration(*lease.Spec.LeaseDurationSeconds) * time.Second
}

// forAWhile lets the class work on.
func (s *site) forAWhile(t *testing.T) {
	t.Helper()
	select {
	case <-time.After(gone):
	case <-t.Context().Done():
	}
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
