package lab

import (
	"context"
	"errors"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/params"
	"github.com/lab-operator/lab-operator/internal/recording"
)

// Replay judges what was seen of a lab before, by the phases that judge labs. It needs no cluster, and takes no longer than the
// checks do. One goroutine at a time uses it.
type Replay struct {
	pinned *catalog.Compiled
	head   recording.Head
	lab    *v1beta1.Lab // with the status of the moment before
	memory *localState
	ready  bool
}

// NewReplay begins at the start of a recorded lab, which is judged by a revision that may be another than it was.
func NewReplay(pinned *catalog.Compiled, head recording.Head) *Replay {
	namespace, name, _ := strings.Cut(head.Learner, string(types.Separator))
	lab := &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	lab.Spec.Topic, lab.Spec.Exercise = head.Topic, head.Exercise
	lab.Status.Namespace, lab.Status.Params = head.Namespace, head.Params
	return &Replay{pinned: pinned, head: head, lab: lab}
}

// Ready tells whether all of spec.readyWhen has held at some moment up to now.
func (r *Replay) Ready() bool { return r.ready }

// Look judges a moment: it returns the status after it, without conditions, phase and next, and after how long to look again although nothing
// changes. The error is that of the exercise or of the key.
func (r *Replay) Look(ctx context.Context, m recording.Moment) (*v1beta1.LabStatus, time.Duration, error) {
	if r.memory == nil {
		// An operator that has been there for long has nothing to wait for.
		r.memory = &localState{born: m.Now.Add(-2 * settlingTime)}
	}
	if known := r.lab.Status.Environment; known != nil && known.NamespaceUID != m.Environment {
		r.memory.forget()
	}
	offered := r.pinned.Bundle.Exercise.Params
	s := &scope{
		key:         types.NamespacedName{Namespace: r.lab.Namespace, Name: r.lab.Name},
		original:    r.lab,
		lab:         r.lab.DeepCopy(),
		now:         m.Now,
		memory:      r.memory,
		namespace:   r.head.Namespace,
		environment: environmentReady,
		pinned:      r.pinned,
		params:      params.Values(offered, params.Draw(r.head.Learner, offered, r.head.Params)),
		snapshot:    m.Evidence,
	}
	s.lab.Spec.Answers = m.Answers
	s.lab.Status.Environment = &v1beta1.LabEnvironment{NamespaceUID: m.Environment, SetupHash: r.pinned.Hash, StartedAt: stampOf(m.StartedAt)}
	if !r.ready {
		r.ready, _ = r.pinned.Checks.Ready(ctx, s.input())
	}
	if s.lab.Status.CompletedAt != nil {
		s.lab.Status.Tasks = s.restingTasks()
	} else {
		s.evaluate(ctx)
	}
	if err := s.grade(ctx); err != nil {
		return nil, 0, err
	}
	if faults := s.faults(); len(faults) > 0 {
		return nil, 0, errors.New(strings.Join(faults, "; "))
	}
	s.score()
	s.showCurrent()
	s.lab.Status.Notices = s.hints
	r.lab = s.lab
	return &s.lab.Status, s.recheck, nil
}

// moment is what a recording keeps of this reconcile.
func (s *scope) moment() recording.Moment {
	m := recording.Moment{Now: s.now, Answers: s.lab.Spec.Answers, Evidence: s.snapshot}
	if env := s.lab.Status.Environment; env != nil {
		m.Environment = env.NamespaceUID
		if env.StartedAt != nil {
			m.StartedAt = env.StartedAt.Time
		}
	}
	return m
}
