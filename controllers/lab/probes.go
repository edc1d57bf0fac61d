package lab

import (
	"context"
	"maps"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
	"github.com/lab-operator/lab-operator/internal/params"
)

// settlingTime is how long an operator that has just taken a lab over leaves the status as it is where it has not seen
// yet what the status rests on. With a thousand labs, two busy cores take most of a minute to see it all.
const settlingTime = 2 * time.Minute

// snapshot takes what is known of the evidence at this moment. The phases behind it all go by the same.
func (r *Reconciler) snapshot(_ context.Context, s *scope) error {
	offered := s.pinned.Bundle.Exercise.Params
	s.lab.Status.Params = params.Draw(s.key.String(), offered, s.lab.Status.Params)
	s.params = params.Values(offered, s.lab.Status.Params)
	s.snapshot = r.Evidence.Snapshot(s.key)
	maps.Copy(s.snapshot, r.Probes.Snapshot(s.key))
	s.needs = s.liveNeeds()
	if s.environment != environmentReady {
		s.needs = slices.Concat(s.pinned.Checks.ReadyNeeds(), s.needs)
	}
	return nil
}

// requestProbes has the services probed that decide on what is open, and no others. It follows the phases that decide what
// is open.
func (r *Reconciler) requestProbes(_ context.Context, s *scope) error {
	if s.lab.Status.Environment == nil {
		r.Probes.Forget(s.key)
		return nil
	}
	r.Probes.Want(s.key, probe.Subject{
		Namespace:   s.namespace,
		Environment: s.lab.Status.Environment.NamespaceUID,
		Evidence:    s.pinned.Bundle.Exercise.Evidence,
	}, s.wanted())
	return nil
}

// wanted is the evidence that what is open after this pass rests on. No later pass corrects it: the status write that ends
// this one wakes nobody.
func (s *scope) wanted() []string {
	if s.lab.Status.CompletedAt == nil {
		return slices.Concat(s.needs, s.liveNeeds())
	}
	if s.ready.Status == metav1.ConditionTrue {
		return s.liveNeeds()
	}
	return slices.Concat(s.pinned.Checks.ReadyNeeds(), s.liveNeeds())
}

// release drops what is known of the evidence of a lab, and ends its watches and probes.
func (r *Reconciler) release(s *scope) {
	r.Evidence.Abandon(s.key)
	r.Probes.Forget(s.key)
}

// liveNeeds is the evidence of the live questions that are open.
func (s *scope) liveNeeds() []string {
	var names []string
	for _, question := range s.pinned.Bundle.Questions {
		if live := s.pinned.Live[question.ID]; live != nil && !s.questionStatus(question.ID).State.IsSettled() {
			names = append(names, live.Needs()...)
		}
	}
	return names
}

// awaitsEvidence tells whether an operator that has just started knows less than what it wrote before it was stopped: some of
// the evidence that decides is not read yet, and the status is about this very environment. It stays as it is then.
func (s *scope) awaitsEvidence() bool {
	if !s.environment.isResumed() || !s.isSettling() {
		return false
	}
	return slices.ContainsFunc(slices.Concat(s.needs, s.liveNeeds()), func(name string) bool { return s.snapshot[name].State == check.NotSynced })
}

// isSettling tells whether this process has taken the lab over only just now.
func (s *scope) isSettling() bool { return s.now.Sub(s.memory.born) <= settlingTime }

// text puts the values that were drawn for this learner into a text of the exercise.
func (s *scope) text(text string) string { return params.Expand(text, s.params) }
