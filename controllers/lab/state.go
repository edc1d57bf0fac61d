package lab

import (
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/internal/outage"
)

const (
	// liveWindow is how long a value of a live question counts after it has changed.
	liveWindow = 60 * time.Second
	// liveKept is how many values of a live question are kept within that time, so that a lab which flaps fills no memory.
	liveKept = 500
)

// localState is what this process has seen of one Lab and nobody else has: it is lost with the process, and
// everything that uses it must stay right without it. One reconcile at a time uses it.
type localState struct {
	uid        types.UID
	born       time.Time            // when this process first saw the Lab
	holds      map[string]time.Time // since when the checks of a task hold without a gap
	live       map[string][]liveValue
	lastWrite  time.Time
	changed    time.Time // since when a change in the evidence waits to show in the status
	guardrails guardrailState
	setup      setupProgress        // how far the setup has come
	refused    time.Time            // when a right was first lacking in the namespace below
	refusedIn  string               // the UID of a namespace
	missing    map[string]time.Time // by protected object of the setup: since when it is not there
	waiting    map[types.UID]delay  // objects that wait, and what their events say
	remains    remains              // why the namespace does not go
	result     upkeep               // of the LabResult
	review     upkeep               // of the LabReview
	failing    outage.Timer         // of reconciles that end with an error that passes by itself
	fault      string               // the last fault that was logged, empty since a reconcile without one
}

// liveValue is an answer that was right for a live question, in normal form: a whole set where the answer is one.
type liveValue struct {
	value string
	until time.Time // the last moment at which it was seen
}

// remember notes the answers that are right now, and returns all that were right within the last minute, the newest last.
func (m *localState) remember(question string, values []string, now time.Time) []string {
	kept := m.live[question][:0:0]
	for _, old := range m.live[question] {
		if old.until.After(now) {
			old.until = now // the clock was set back
		}
		// What was right at the last look was right until now: looks follow changes.
		if old.until.IsZero() {
			old.until = now
		}
		if now.Sub(old.until) <= liveWindow && !slices.Contains(values, old.value) {
			kept = append(kept, old)
		}
	}
	for _, value := range values {
		kept = append(kept, liveValue{value: value})
	}
	kept = kept[max(0, len(kept)-liveKept):]
	if m.live == nil {
		m.live = map[string][]liveValue{}
	}
	m.live[question] = kept
	all := make([]string, 0, len(kept))
	for _, v := range kept {
		all = append(all, v.value)
	}
	return all
}

// noteChange notes when a change in the evidence was heard of, unless an earlier one still waits.
func (m *localState) noteChange(changed time.Time) {
	if m.changed.IsZero() {
		m.changed = changed
	}
}

// age is how long ago something began, which is now where it has not been noted, or where the clock was set back since.
func age(began *time.Time, now time.Time) time.Duration {
	if began.IsZero() || began.After(now) {
		*began = now
	}
	return now.Sub(*began)
}

// forget drops what was seen of an environment that is gone.
func (m *localState) forget() {
	m.holds, m.live, m.guardrails = nil, nil, guardrailState{}
	m.setup, m.missing, m.waiting = setupProgress{}, nil, nil
}

// stateByLab hands out the state of each Lab.
type stateByLab struct {
	mu   sync.Mutex
	labs map[types.NamespacedName]*localState
}

// get returns the state of the Lab with this UID; a Lab that was made anew starts with an empty one.
func (m *stateByLab) get(key types.NamespacedName, uid types.UID, now time.Time) *localState {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.labs == nil {
		m.labs = map[types.NamespacedName]*localState{}
	}
	if known := m.labs[key]; known != nil && known.uid == uid {
		return known
	}
	m.labs[key] = &localState{uid: uid, born: now}
	return m.labs[key]
}

func (m *stateByLab) drop(key types.NamespacedName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.labs, key)
}
