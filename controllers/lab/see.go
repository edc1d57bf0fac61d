package lab

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
	"github.com/lab-operator/lab-operator/internal/params"
)

// settlingTime is how long an operator that has just taken a lab over leaves the status as it is where it has not seen
// yet what the status rests on. With a thousand labs, two busy cores take most of a minute to see it all.
const settlingTime = 2 * time.Minute

// see takes what is known of the evidence at this moment. The phases behind it all go by the same.
func (r *Reconciler) see(_ context.Context, s *scope) error {
	offered := s.pinned.Bundle.Exercise.Params
	s.lab.Status.Params = params.Draw(s.key.String(), offered, s.lab.Status.Params)
	s.params = params.Values(offered, s.lab.Status.Params)
	s.snapshot = r.Evidence.Snapshot(s.key)
	maps.Copy(s.snapshot, r.Probes.Snapshot(s.key))
	s.needs = s.liveNeeds()
	if !s.began() {
		s.needs = slices.Concat(s.pinned.Checks.ReadyNeeds(), s.needs)
	}
	return nil
}

// want has the services looked at that decide on what is open, and no others. It is the last phase: what is open shows
// when the others are through.
func (r *Reconciler) want(_ context.Context, s *scope) error {
	if s.lab.Status.Environment == nil {
		r.Probes.Forget(s.key)
		return nil
	}
	r.Probes.Want(s.key, probe.Subject{
		Namespace:   s.namespace,
		Environment: s.lab.Status.Environment.NamespaceUID,
		Evidence:    s.pinned.Bundle.Exercise.Evidence,
	}, slices.Concat(s.needs, s.liveNeeds()))
	return nil
}

// forget drops what is known of the evidence of a lab, and looks at it no more.
func (r *Reconciler) forget(s *scope) {
	r.Evidence.Forget(s.key)
	r.Probes.Forget(s.key)
}

// liveNeeds is the evidence of the live questions that are open.
func (s *scope) liveNeeds() []string {
	var names []string
	for _, question := range s.lab.Status.Questions {
		if live := s.pinned.Live[question.ID]; live != nil && !forGood(question.State) {
			names = append(names, live.Needs()...)
		}
	}
	return names
}

// unseen tells whether an operator that has just started knows less than what it wrote before it was stopped: some of
// the evidence that decides is not read yet, and the status is about this very environment. It stays as it is then.
func (s *scope) unseen() bool {
	if !s.resumed() || !s.settling() {
		return false
	}
	return slices.ContainsFunc(s.needs, func(name string) bool { return s.snapshot[name].State == check.NotSynced })
}

// settling tells whether this process has taken the lab over only just now.
func (s *scope) settling() bool { return s.now.Sub(s.memory.born) <= settlingTime }

// text puts the values that were drawn for this learner into a text of the exercise.
func (s *scope) text(text string) string { return params.Expand(text, s.params) }
