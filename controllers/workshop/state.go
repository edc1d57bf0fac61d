package workshop

import (
	"context"
	"errors"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/lab-operator/lab-operator/internal/outage"
)

// localState is what this process has seen of one Workshop: it is lost with the process, and all stays right without it.
type localState struct {
	uid     types.UID
	swept   int64                // the generation at which nobody but those in the roster had a namespace
	begun   map[string]time.Time // by handle: when this process began to bring an attendee up
	refused map[string]time.Time // by handle: since when a right is refused that has been given
	locked  map[string]time.Time // by handle: since when an attendee has no account after the close
	told    map[string]string    // by handle: what the facilitator was told last
	failing outage.Timer         // of reconciles that end with an error that passes by itself
	logged  map[string]string    // by handle: the failure that was logged last
}

// logFailures logs what could not be made for attendees, each once for as long as it stays the same. Errors that pass by
// themselves are logged by controller-runtime, to which Reconcile returns them.
func (m *localState) logFailures(ctx context.Context, failures []failure) {
	logged := make(map[string]string, len(failures))
	for _, f := range failures {
		logged[f.attendee.handle] = f.message
		if m.logged[f.attendee.handle] != f.message {
			log.FromContext(ctx).Error(errors.New(f.message), "Attendee is not served", "attendee", f.attendee.handle, "reason", f.reason)
		}
	}
	m.logged = logged
}

// stateByWorkshop hands out the state of each Workshop.
type stateByWorkshop struct {
	mu        sync.Mutex
	workshops map[types.NamespacedName]*localState
}

func (m *stateByWorkshop) get(key types.NamespacedName, uid types.UID) *localState {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.workshops == nil {
		m.workshops = map[types.NamespacedName]*localState{}
	}
	if known := m.workshops[key]; known != nil && known.uid == uid {
		return known
	}
	m.workshops[key] = &localState{uid: uid, begun: map[string]time.Time{}, refused: map[string]time.Time{}, locked: map[string]time.Time{}, told: map[string]string{}}
	return m.workshops[key]
}

func (m *stateByWorkshop) drop(key types.NamespacedName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.workshops, key)
}
