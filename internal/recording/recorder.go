package recording

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/internal/check"
)

// Recorder keeps what is seen of labs, until it is taken.
type Recorder struct {
	mu   sync.Mutex
	labs map[types.UID]*track
}

// track is one lab so far.
type track struct {
	frames   []Frame
	last     Frame           // all that holds now
	evidence map[string]Item // likewise
	err      error
}

// states are the names of what is known of evidence, as in files.
var states = map[check.ObservationState]string{
	check.NotSynced: "NotSynced", check.Seen: "Seen", check.Missing: "Missing",
	check.Unavailable: "Unavailable", check.TooLarge: "TooLarge", check.Failed: "Failed",
}

// See notes a moment of a lab. It may be called for several labs at once.
func (r *Recorder) See(lab types.UID, m Moment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.labs == nil {
		r.labs = map[types.UID]*track{}
	}
	t := r.labs[lab]
	if t == nil {
		t = &track{evidence: map[string]Item{}}
		r.labs[lab] = t
	}
	if err := t.see(m); err != nil && t.err == nil {
		t.err = err
	}
}

// Take returns what was seen of a lab, and forgets it.
func (r *Recorder) Take(lab types.UID) ([]Frame, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.labs[lab]
	delete(r.labs, lab)
	if t == nil {
		return nil, fmt.Errorf("nothing was seen of the lab with UID %s: does another operator run in the cluster?", lab)
	}
	return t.frames, t.err
}

func (t *track) see(m Moment) error {
	f := Frame{Now: m.Now.UTC(), Evidence: map[string]Item{}}
	changed := false
	if m.Environment != t.last.Environment {
		f.Environment, t.last.Environment, changed = m.Environment, m.Environment, true
	}
	if at := timeOf(m.StartedAt); at != nil && (t.last.StartedAt == nil || !at.Equal(*t.last.StartedAt)) {
		f.StartedAt, t.last.StartedAt, changed = at, at, true
	}
	if len(m.Answers) > 0 && !maps.Equal(m.Answers, t.last.Answers) {
		f.Answers, t.last.Answers, changed = maps.Clone(m.Answers), m.Answers, true
	}
	for _, name := range slices.Sorted(maps.Keys(m.Evidence)) {
		// What the operator watches besides has a colon in its name: no expression sees it.
		if strings.Contains(name, ":") {
			continue
		}
		item, err := itemOf(m.Evidence[name])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		last, known := t.evidence[name]
		if known && item.equal(&last) {
			continue
		}
		t.evidence[name], changed = item, true
		if known && item.State == last.State && item.Detail == last.Detail && bytes.Equal(item.Value, last.Value) {
			item = Item{Same: true, At: item.At, Since: item.Since}
		}
		f.Evidence[name] = item
	}
	if changed {
		t.frames = append(t.frames, f)
	}
	return nil
}

func itemOf(seen check.Observation) (Item, error) {
	item := Item{State: states[seen.State], Detail: seen.Detail, At: timeOf(seen.At), Since: timeOf(seen.Since)}
	if seen.State != check.Seen {
		return item, nil
	}
	var err error
	item.Value, err = marshal(seen.Value)
	return item, err
}

func (i *Item) equal(other *Item) bool {
	return i.State == other.State && i.Detail == other.Detail && bytes.Equal(i.Value, other.Value) &&
		sameTime(i.At, other.At) && sameTime(i.Since, other.Since)
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// timeOf is a time as files have it, nil for none.
func timeOf(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.Round(0).UTC()
	return &at
}
