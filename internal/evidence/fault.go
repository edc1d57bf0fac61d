package evidence

import (
	"time"

	"github.com/lab-operator/lab-operator/internal/check"
)

// refusalGrace is how long reading may be forbidden before it is said so: rights that were just granted, and API
// servers that just started, refuse for a moment.
const refusalGrace = 3 * time.Second

// fault is why a kind cannot be read, the zero value while it can.
type fault struct {
	state  check.ObservationState
	detail string
}

// served notes that the API server lets us watch. It ends every fault.
func (s *store) served() {
	s.mu.Lock()
	s.refusedSince = time.Time{}
	s.setFaultAndUnlock(fault{})
}

// unavailable notes that the cluster does not serve the kind. Its objects are gone with it.
func (s *store) unavailable() {
	s.mu.Lock()
	s.refusedSince = time.Time{}
	s.listing = true
	for _, ns := range s.namespaces {
		s.reset(ns)
	}
	s.setFaultAndUnlock(fault{check.Unavailable, unavailableDetail(s.gvk)})
}

// failed notes that the kind can't be read as it is.
func (s *store) failed(detail string) {
	s.mu.Lock()
	s.setFaultAndUnlock(fault{check.Failed, detail})
}

// refused notes that reading the kind is forbidden. It is a fault when that lasts; until then, what was read last
// stays.
func (s *store) refused(detail string) {
	s.mu.Lock()
	now := s.clock.Now()
	if s.refusedSince.IsZero() {
		s.refusedSince = now
	}
	if now.Sub(s.refusedSince) < refusalGrace {
		s.mu.Unlock()
		return
	}
	s.setFaultAndUnlock(fault{check.Failed, detail})
}

// setFaultAndUnlock sets or clears the fault, and tells all labs when that is news. The caller holds the lock.
func (s *store) setFaultAndUnlock(f fault) {
	if s.fault == f {
		s.mu.Unlock()
		return
	}
	s.fault = f
	labs := s.allLabs()
	s.mu.Unlock()
	s.notifyAll(labs)
}
