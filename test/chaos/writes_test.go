package chaos

import (
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/lab-operator/lab-operator/test/chaos/proxy"
)

// mishap is what happens to a write.
type mishap string

const (
	crashBefore mishap = "crash before"         // the write is never sent
	crashAfter  mishap = "crash after"          // it is carried out, and the answer lost
	conflict    mishap = "409"                  // the write is refused
	throttled   mishap = "429"                  // and so it is here
	broken      mishap = "500"                  // and here
	unanswered  mishap = "no answer"            // it is carried out, and nobody hears of it
	slow        mishap = "late answer"          // it is carried out, and watches tell of it first
	reset       mishap = "connection reset"     // it is not carried out
	frozen      mishap = "informers frozen"     // it is carried out, and no watch tells of anything for a while
	removed     mishap = "namespace is deleted" // by someone, right before: it is going away
	vanished    mishap = "namespace is gone"    // the same, and there is none any more
	overtaken   mishap = "overtaken"            // it is carried out, nobody hears of it, not even by watches, and a learner goes on
)

// answers are what a request is answered by when the operator stays alive.
var answers = []mishap{conflict, throttled, broken, unanswered, slow, reset}

// fault is how the proxy makes an answer, and whether it does so before the server has heard of the request.
func (m mishap) fault() (fault proxy.Fault, before bool) {
	switch m {
	case conflict:
		return proxy.Conflict, true
	case throttled:
		return proxy.Throttled, true
	case broken:
		return proxy.Broken, true
	case reset, crashBefore:
		return proxy.Reset, true
	case unanswered, overtaken:
		return proxy.Silence, false
	case slow:
		return proxy.Late, false
	case crashAfter:
		return proxy.Reset, false
	default:
		return proxy.None, true
	}
}

// plan is what happens in a life, at most one thing at each write.
type plan map[point]mishap

// sequel is what happens at a write that is not known before: the nth behind another mishap.
type sequel struct {
	nth    int
	mishap mishap
}

func (s sequel) String() string { return fmt.Sprintf("%s write %d", s.mishap, s.nth) }

// hands do what happens beside the answer to a request.
type hands struct {
	kill, freeze, remove, vanish, overtake func()
}

// writes numbers the writes of one life, over all operators that live it, and has the planned happen to them.
type writes struct {
	plan    plan
	sequels map[point]sequel // by the point of the mishap that they follow
	hands   hands

	mu       sync.Mutex
	step     string
	landed   map[string]int  // by write, of this step
	bodies   map[string]bool // requests of this step that were carried out
	trace    []point
	happened map[point]bool
	pending  []sequel // whose first mishap has happened
	sent     int      // requests, whatever came of them
	last     string   // the latest of them
}

// enter begins a step of the life.
func (w *writes) enter(step string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.step, w.landed, w.bodies = step, map[string]int{}, map[string]bool{}
}

// request is asked about a write before it is sent.
func (w *writes) request(what string, body []byte) (proxy.Fault, proxy.After) {
	at, now := w.before(what, body)
	w.act(now)
	if fault, _ := now.fault(); fault != proxy.None || at == nil {
		return fault, nil
	}
	return proxy.None, func(code int) proxy.Fault {
		if code >= http.StatusBadRequest {
			return proxy.None
		}
		now := w.after(*at, body)
		w.act(now)
		fault, _ := now.fault()
		return fault
	}
}

// act does what happens beside the answer. No lock is held: to kill an operator takes others.
func (w *writes) act(now mishap) {
	switch now {
	case crashBefore, crashAfter:
		w.hands.kill()
	case frozen:
		w.hands.freeze()
	case removed:
		w.hands.remove()
	case vanished:
		w.hands.vanish()
	case overtaken:
		w.hands.overtake()
	}
}

// before is where a request stands, and what happens before it is sent. To repeat in a step what was carried out
// already changes nothing and is no point. A request that was refused keeps its number for the next try.
func (w *writes) before(what string, body []byte) (*point, mishap) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent++
	w.last = what
	if w.step == "" || w.bodies[what+string(body)] {
		return nil, ""
	}
	at := &point{Step: w.step, What: what, Occurrence: w.landed[what] + 1}
	w.follow(*at)
	return at, w.take(*at, true)
}

// after notes a write that was carried out, in the step in which it was begun, and tells what happens now.
func (w *writes) after(at point, body []byte) mishap {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trace = append(w.trace, at)
	if at.Step == w.step {
		w.landed[at.What]++
		w.bodies[at.What+string(body)] = true
	}
	return w.take(at, false)
}

// follow plans for this write what was to happen at the nth write behind an earlier mishap.
func (w *writes) follow(at point) {
	for i := range w.pending {
		w.pending[i].nth--
	}
	due := slices.IndexFunc(w.pending, func(s sequel) bool { return s.nth <= 0 })
	if due < 0 || w.plan[at] != "" {
		return
	}
	w.plan[at] = w.pending[due].mishap
	w.pending = slices.Delete(w.pending, due, due+1)
}

// take tells, once in a life, what happens at a write at this time.
func (w *writes) take(at point, before bool) mishap {
	now := w.plan[at]
	if _, when := now.fault(); now == "" || when != before || w.happened[at] {
		return ""
	}
	w.happened[at] = true
	if next, ok := w.sequels[at]; ok {
		w.pending = append(w.pending, next)
	}
	return now
}

// outstanding tells whether something is planned for the present step that has not happened.
func (w *writes) outstanding() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for at := range w.plan {
		if at.Step == w.step && !w.happened[at] {
			return true
		}
	}
	return false
}

// requests is how many writes were asked for, whatever came of them, and the latest.
func (w *writes) requests() (sent int, last string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent, w.last
}
