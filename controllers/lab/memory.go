package lab

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/refusal"
)

const (
	// liveWindow is how long a value of a live question counts after it has changed.
	liveWindow = 60 * time.Second
	// liveKept is how many values of a live question are kept within that time, so that a lab which flaps fills no memory.
	liveKept = 500
)

// memory is what this process has seen of one Lab and nobody else has: it is lost with the process, and
// everything that uses it must stay right without it. One reconcile at a time uses it.
type memory struct {
	uid       types.UID
	born      time.Time            // when this process first saw the Lab
	holds     map[string]time.Time // since when the checks of a task hold without a gap
	live      map[string][]liveValue
	lastWrite time.Time
	changed   time.Time            // since when a change in the evidence waits to show in the status
	revision  string               // the hash of a revision that is known to be there
	repaired  map[string]string    // by guardrail: the resource version on which it was applied again
	held      []railAt             // the guardrails when all of them were what they should be
	heldSize  v1alpha1.LabSize     // the size of the Lab at that time
	setup     progress             // how far the setup has come
	refused   time.Time            // when a right was first lacking in the namespace below
	refusedIn string               // the UID of a namespace
	missing   map[string]time.Time // by protected object of the setup: since when it is not there
	remains   remains              // why the namespace does not go
	// unrecorded says why the results were not recorded at the time below; empty where they are.
	unrecorded   string
	unrecordedAt time.Time
	recordFails  time.Time // since when the record has failed in ways that may pass
	failing      time.Time // since when every reconcile has ended with an error that passes by itself
}

// liveValue is an answer that was right for a live question, in normal form: a whole set where the answer is one.
type liveValue struct {
	value string
	until time.Time // the last moment at which it was seen
}

// remember notes the answers that are right now, and returns all that were right within the last minute, the newest last.
func (m *memory) remember(question string, values []string, now time.Time) []string {
	kept := m.live[question][:0:0]
	for _, old := range m.live[question] {
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

// heard notes when a change in the evidence was heard of, unless an earlier one still waits.
func (m *memory) heard(changed time.Time) {
	if m.changed.IsZero() {
		m.changed = changed
	}
}

// lasts notes an error that passes by itself, and says what to tell of it: nothing, as long as it may still pass soon.
func (m *memory) lasts(err error, now time.Time) string {
	switch {
	case err == nil:
		m.failing = time.Time{}
		return ""
	case m.failing.IsZero():
		m.failing = now
	}
	if now.Sub(m.failing) < lastingAfter {
		return ""
	}
	text := fmt.Sprintf("has been failing for more than %s: %v", lastingAfter, err)
	if advice := refusal.Advice(refusal.Of(err)); advice != "" {
		text += ". " + advice
	}
	return text
}

// forget drops what was seen of an environment that is gone.
func (m *memory) forget() {
	m.holds, m.live, m.repaired, m.held = nil, nil, nil, nil
	m.setup, m.missing = progress{}, nil
}

// memories hands out the memory of each Lab.
type memories struct {
	mu   sync.Mutex
	labs map[types.NamespacedName]*memory
}

// get returns the memory of the Lab with this UID; a Lab that was made anew starts with an empty one.
func (m *memories) get(key types.NamespacedName, uid types.UID, now time.Time) *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.labs == nil {
		m.labs = map[types.NamespacedName]*memory{}
	}
	if known := m.labs[key]; known != nil && known.uid == uid {
		return known
	}
	m.labs[key] = &memory{uid: uid, born: now}
	return m.labs[key]
}

func (m *memories) drop(key types.NamespacedName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.labs, key)
}
