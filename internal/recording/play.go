package recording

import (
	"fmt"
	"maps"
	"time"

	"github.com/lab-operator/lab-operator/internal/check"
)

// Play calls look with each moment that was recorded, in order. Look says after how long it would look again although
// nothing changed, zero for never: Play calls it then as well, with that time. It ends with the recording, or with an error.
func (r *Recording) Play(look func(Moment) (again time.Duration, err error)) error {
	m := Moment{Evidence: check.Snapshot{}}
	for i := range r.Frames {
		if err := r.Frames[i].apply(&m); err != nil {
			return fmt.Errorf("frame %d: %w", i+1, err)
		}
		until := r.Head.End
		if i+1 < len(r.Frames) {
			until = r.Frames[i+1].Now
		}
		for {
			shown := m
			// What looks keep must not change with the next frame.
			shown.Evidence = maps.Clone(m.Evidence)
			again, err := look(shown)
			if err != nil {
				return fmt.Errorf("at %s: %w", m.Now.Format(time.RFC3339), err)
			}
			if again <= 0 || !m.Now.Add(again).Before(until) {
				break
			}
			m.Now = m.Now.Add(again)
		}
	}
	return nil
}

// apply changes a moment into that of a frame.
func (f *Frame) apply(m *Moment) error {
	m.Now = f.Now
	if f.Environment != "" {
		m.Environment, m.StartedAt = f.Environment, time.Time{}
	}
	if f.StartedAt != nil {
		m.StartedAt = *f.StartedAt
	}
	if f.Answers != nil {
		m.Answers = f.Answers
	}
	for name, item := range f.Evidence {
		seen, err := item.observation(m.Evidence[name])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		m.Evidence[name] = seen
	}
	return nil
}

// observation is what an item says, after what was known before.
func (i *Item) observation(before check.Observation) (check.Observation, error) {
	seen := before
	if !i.Same {
		seen = check.Observation{Detail: i.Detail}
		known := false
		for state, name := range states {
			if name == i.State {
				seen.State, known = state, true
			}
		}
		if !known {
			return seen, fmt.Errorf("there is no state %q", i.State)
		}
		if seen.State == check.Seen {
			var err error
			if seen.Value, err = unmarshal(i.Value); err != nil {
				return seen, err
			}
		}
	}
	seen.At, seen.Since = time.Time{}, time.Time{}
	if i.At != nil {
		seen.At = *i.At
	}
	if i.Since != nil {
		seen.Since = *i.Since
	}
	return seen, nil
}
