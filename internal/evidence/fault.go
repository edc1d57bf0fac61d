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
func (v *view) served() {
	v.mu.Lock()
	v.refusedSince = time.Time{}
	v.setFaultAndUnlock(fault{})
}

// unavailable notes that the cluster does not serve the kind. Its objects are gone with it.
func (v *view) unavailable() {
	v.mu.Lock()
	v.refusedSince = time.Time{}
	v.listing = true
	for _, s := range v.spaces {
		v.reset(s)
	}
	v.setFaultAndUnlock(fault{check.Unavailable, unavailableDetail(v.gvk)})
}

// failed notes that the kind can't be read as it is.
func (v *view) failed(detail string) {
	v.mu.Lock()
	v.setFaultAndUnlock(fault{check.Failed, detail})
}

// refused notes that reading the kind is forbidden. It is a fault when that lasts; until then, what was read last
// stays.
func (v *view) refused(detail string) {
	v.mu.Lock()
	now := v.clock.Now()
	if v.refusedSince.IsZero() {
		v.refusedSince = now
	}
	if now.Sub(v.refusedSince) < refusalGrace {
		v.mu.Unlock()
		return
	}
	v.setFaultAndUnlock(fault{check.Failed, detail})
}

// setFaultAndUnlock sets or clears the fault, and tells all labs when that is news. The caller holds the lock.
func (v *view) setFaultAndUnlock(f fault) {
	if v.fault == f {
		v.mu.Unlock()
		return
	}
	v.fault = f
	labs := v.everyone()
	v.mu.Unlock()
	v.tell(labs)
}
