package chaos

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/watch"

	"github.com/lab-operator/lab-operator/test/chaos/proxy"
)

// news is what happens to the events of watches.
type news string

const (
	newsCut      news = "cut"      // the watch ends behind every event
	newsDelayed  news = "delayed"  // every event comes later, watch by watch
	newsRelisted news = "relisted" // behind the targets, the client has to list again
)

// longestDelay is how much later an event can come.
const longestDelay = 150 * time.Millisecond

// events numbers the events that the operators of one life are told, each once however often it is told, and has
// the planned happen to them.
type events struct {
	news    news
	targets map[point]bool // of relists
	random  *rand.Rand     // of delays

	mu       sync.Mutex
	on       bool
	told     map[string]bool // by watch and version of an object
	count    map[string]int
	trace    []point
	happened map[point]bool
}

// enter begins a step of the life. Which one is left out of the points: an event may well come in the next.
func (e *events) enter(step string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.on = step != ""
}

// event is asked about an event of a watch before it is passed on.
func (e *events) event(stream string, event proxy.Event, lab string) proxy.Turn {
	e.mu.Lock()
	defer e.mu.Unlock()
	object := &event.Object
	version := strings.Join([]string{stream, string(event.Type), string(object.UID), object.ResourceVersion}, " ")
	change := slices.Contains([]watch.EventType{watch.Added, watch.Modified, watch.Deleted}, event.Type)
	if !change || !e.on || e.told[version] {
		return proxy.Turn{}
	}
	e.told[version] = true
	what := strings.Join([]string{stream, string(event.Type), neutral(object.Name, lab)}, " ")
	e.count[what]++
	at := point{What: what, Occurrence: e.count[what]}
	e.trace = append(e.trace, at)
	turn := proxy.Turn{}
	switch {
	case e.news == newsCut:
		turn.End = proxy.Cut
	case e.news == newsDelayed:
		turn.Delay = time.Duration(e.random.Int64N(int64(longestDelay)))
	case e.news == newsRelisted && e.targets[at]:
		turn.End = proxy.Expire
	default:
		return turn
	}
	e.happened[at] = true
	return turn
}

// streamOf is the watch that told of an event.
func streamOf(at point) string {
	for _, change := range []watch.EventType{watch.Added, watch.Modified, watch.Deleted} {
		if stream, _, ok := strings.Cut(at.What, " "+string(change)+" "); ok {
			return stream
		}
	}
	return at.What
}
