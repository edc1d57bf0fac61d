package faults

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/watch"

	"github.com/lab-operator/lab-operator/test/internal/proxy"
)

// watchFault is a fault of watches.
type watchFault string

const (
	watchCut     watchFault = "cut"      // the watch ends after every event
	eventDelayed watchFault = "delayed"  // every event comes later, by another delay in each watch
	watchExpired watchFault = "relisted" // after the targets, the client has to list again
)

// maxEventDelay bounds how much later an event comes.
const maxEventDelay = 150 * time.Millisecond

// watchInjector numbers the events that the operators of one run receive, each once however often
// it is delivered, and injects the fault.
type watchInjector struct {
	fault   watchFault
	targets map[point]bool // of relists
	random  *rand.Rand     // of delays

	mu       sync.Mutex
	active   bool
	seen     map[string]bool // by watch and version of an object
	count    map[string]int
	trace    []point
	injected map[point]bool
}

// startStep starts a step of the scenario. The points have no step, because an event can come in
// the next one.
func (e *watchInjector) startStep(step string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.active = step != ""
}

// event is called for an event of a watch before it is passed on.
func (e *watchInjector) event(stream string, event proxy.Event, lab string) proxy.EventAction {
	e.mu.Lock()
	defer e.mu.Unlock()
	object := &event.Object
	version := strings.Join([]string{stream, string(event.Type), string(object.UID), object.ResourceVersion}, " ")
	change := slices.Contains([]watch.EventType{watch.Added, watch.Modified, watch.Deleted}, event.Type)
	if !change || !e.active || e.seen[version] {
		return proxy.EventAction{}
	}
	e.seen[version] = true
	what := strings.Join([]string{stream, string(event.Type), normalizeNames(object.Name, lab)}, " ")
	e.count[what]++
	at := point{What: what, Occurrence: e.count[what]}
	e.trace = append(e.trace, at)
	turn := proxy.EventAction{}
	switch {
	case e.fault == watchCut:
		turn.End = proxy.Cut
	case e.fault == eventDelayed:
		turn.Delay = time.Duration(e.random.Int64N(int64(maxEventDelay)))
	case e.fault == watchExpired && e.targets[at]:
		turn.End = proxy.Expire
	default:
		return turn
	}
	e.injected[at] = true
	return turn
}

// streamOf returns the watch that delivered an event.
func streamOf(at point) string {
	for _, change := range []watch.EventType{watch.Added, watch.Modified, watch.Deleted} {
		if stream, _, ok := strings.Cut(at.What, " "+string(change)+" "); ok {
			return stream
		}
	}
	return at.What
}
