package lab

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/outage"
	"github.com/lab-operator/lab-operator/internal/refusal"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// recall gives a Lab of a workshop that has lost its status what its Result holds. A Lab that was judged once has tasks: it
// is looked at before that only.
func (r *Reconciler) recall(ctx context.Context, s *scope) error {
	seat, seated := roster.SeatOf(s.lab)
	if !seated || len(s.lab.Status.Tasks) > 0 {
		return nil
	}
	kept, err := get(ctx, r.Client, resultKey(s.lab, seat), &v1alpha1.Result{})
	if err != nil {
		return fmt.Errorf("read result: %w", err)
	}
	if kept == nil {
		return nil
	}
	status := &s.lab.Status
	status.StartedAt, status.CompletedAt, status.Params = kept.Spec.StartedAt, kept.Spec.CompletedAt, kept.Spec.Params
	for _, task := range kept.Spec.Passed {
		status.Tasks = append(status.Tasks, v1alpha1.TaskStatus{
			Name: task.Name, State: v1alpha1.StatePassed, OpenedAt: &task.At, PassedAt: &task.At, Record: task.Record,
		})
	}
	for _, question := range kept.Spec.Questions {
		status.Questions = append(status.Questions, v1alpha1.QuestionStatus{
			ID: question.ID, State: question.State, AttemptsLeft: ptr.To(question.AttemptsLeft), Tried: question.Tried,
		})
	}
	s.reported = s.lab.DeepCopy()
	return nil
}

const (
	// recordRecheck is how often a record is tried again that was refused.
	recordRecheck = time.Minute
	// maxPassed and maxGraded are the bounds of a Result in the API.
	maxPassed = 16
	maxGraded = 32
)

// record keeps the progress of a workshop's Lab where it outlives the Lab. What is recorded is never taken back. A record
// that the API server refuses holds nothing up: it is told, and tried again from time to time.
func (r *Reconciler) record(ctx context.Context, s *scope) error {
	seat, seated, failed := r.seatOf(ctx, s.lab)
	if failed != nil || !seated || !hasProgress(&s.lab.Status) {
		return failed
	}
	before := s.memory.unrecorded
	if since := s.now.Sub(s.memory.unrecordedAt); before != "" && since >= 0 && since < recordRecheck {
		s.again(recordRecheck - since)
		return nil
	}
	key := resultKey(s.lab, seat)
	err := r.keepResult(ctx, s, seat, key)
	kind, who := refusal.Of(err)
	switch {
	case err == nil:
		s.memory.unrecorded, s.memory.recordFails = "", time.Time{}
	case s.recordMayPass(kind):
		return err
	default:
		s.memory.unrecordedAt = s.now
		s.memory.unrecorded = fmt.Sprintf("the results of this lab cannot be kept in Result %s of namespace %s: %v", key.Name, key.Namespace, err)
		if advice := refusal.Advice(kind, who); advice != "" {
			s.memory.unrecorded += ". " + advice
		}
		s.again(recordRecheck)
		if s.memory.unrecorded != before {
			r.tell(ctx, s.lab, resultRefused(s.memory.unrecorded))
		}
	}
	if s.memory.unrecorded != before {
		// The condition Stalled tells of it, or no longer does.
		s.again(flapWindow)
	}
	return nil
}

// recordMayPass tells whether to try a record again soon: nobody refuses it, and it has not been failing for long.
func (s *scope) recordMayPass(kind refusal.Kind) bool {
	if kind != refusal.None && kind != refusal.Passing && kind != refusal.WebhookDown {
		return false
	}
	return age(&s.memory.recordFails, s.now) < outage.After
}

// keepResult writes the Result of a Lab where it differs.
func (r *Reconciler) keepResult(ctx context.Context, s *scope, seat roster.Seat, key client.ObjectKey) error {
	kept, err := get(ctx, r.Client, key, &v1alpha1.Result{})
	if err != nil {
		return fmt.Errorf("read result: %w", err)
	}
	if kept == nil {
		made := &v1alpha1.Result{
			ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name, Labels: map[string]string{
				v1alpha1.WorkshopLabel: seat.Workshop.Name, v1alpha1.AttendeeLabel: seat.Handle,
				guardrail.ManagedByLabel: guardrail.ManagedBy,
			}},
			Spec: resultOf(s.lab, seat, nil),
		}
		err := r.Client.Create(ctx, made, client.FieldOwner(Owner))
		if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) || apierrors.IsNotFound(err) {
			// The workshop goes with its namespace, and its results with it.
			return nil
		}
		if err != nil {
			return fmt.Errorf("record result: %w", err)
		}
		return nil
	}
	wanted := kept.DeepCopy()
	wanted.Spec = resultOf(s.lab, seat, &kept.Spec)
	if equality.Semantic.DeepEqual(kept.Spec, wanted.Spec) {
		return nil
	}
	patch := client.MergeFromWithOptions(kept, client.MergeFromWithOptimisticLock{})
	if err := r.Client.Patch(ctx, wanted, patch, client.FieldOwner(Owner)); err != nil {
		return fmt.Errorf("record result: %w", err)
	}
	return nil
}

func resultKey(lab *v1alpha1.Lab, seat roster.Seat) client.ObjectKey {
	return client.ObjectKey{
		Namespace: seat.Workshop.Namespace,
		Name:      roster.ResultName(seat.Workshop.Name, seat.Handle, lab.Name, lab.Status.Exercise),
	}
}

// hasProgress tells whether anything would be lost with the Lab.
func hasProgress(status *v1alpha1.LabStatus) bool {
	return status.CompletedAt != nil ||
		slices.ContainsFunc(status.Tasks, func(task v1alpha1.TaskStatus) bool { return task.PassedAt != nil }) ||
		slices.ContainsFunc(status.Questions, tried)
}

// tried tells whether an answer to a question was graded.
func tried(question v1alpha1.QuestionStatus) bool {
	return forGood(question.State) || len(question.Tried) > 0
}

// resultOf is what is recorded of a Lab. A pass, an attempt or a completion that was recorded before and is missing in the
// Lab stays: a status that was lost is given them back, and until then they are not lost here.
func resultOf(lab *v1alpha1.Lab, seat roster.Seat, before *v1alpha1.ResultSpec) v1alpha1.ResultSpec {
	status := lab.Status.DeepCopy()
	spec := v1alpha1.ResultSpec{
		Workshop: seat.Workshop.Name, Attendee: seat.Attendee, Lab: lab.Name, Topic: lab.Spec.Topic, Exercise: status.Exercise,
		StartedAt: status.StartedAt, CompletedAt: status.CompletedAt, Params: status.Params,
		ScorePercent: status.ScorePercent, Summary: status.Summary,
	}
	for _, task := range status.Tasks {
		if task.PassedAt != nil {
			spec.Passed = append(spec.Passed, v1alpha1.PassedTask{Name: task.Name, At: *task.PassedAt, Record: task.Record})
		}
	}
	for _, question := range status.Questions {
		if !tried(question) {
			continue
		}
		graded := v1alpha1.GradedQuestion{ID: question.ID, State: v1alpha1.StateWrong, AttemptsLeft: ptr.Deref(question.AttemptsLeft, 0), Tried: question.Tried}
		if forGood(question.State) {
			graded.State = question.State
		}
		spec.Questions = append(spec.Questions, graded)
	}
	if before != nil {
		keepWhatWas(&spec, before)
	}
	return spec
}

// keepWhatWas adds what was recorded before. Where an exercise was renamed from fresh environment to fresh environment, that
// is more than a Result has room for: what the exercise has now comes first.
func keepWhatWas(spec, before *v1alpha1.ResultSpec) {
	lost := false
	if before.StartedAt != nil {
		spec.StartedAt = before.StartedAt
	}
	if spec.CompletedAt == nil && before.CompletedAt != nil {
		spec.CompletedAt, lost = before.CompletedAt, true
	}
	for _, task := range before.Passed {
		if len(spec.Passed) < maxPassed && !slices.ContainsFunc(spec.Passed, func(now v1alpha1.PassedTask) bool { return now.Name == task.Name }) {
			spec.Passed, lost = append(spec.Passed, task), true
		}
	}
	for _, question := range before.Questions {
		at := slices.IndexFunc(spec.Questions, func(now v1alpha1.GradedQuestion) bool { return now.ID == question.ID })
		switch {
		case at < 0 && len(spec.Questions) >= maxGraded:
		case at < 0:
			spec.Questions, lost = append(spec.Questions, question), true
		case forGood(question.State) && !forGood(spec.Questions[at].State):
			spec.Questions[at], lost = question, true
		}
	}
	if lost && before.ScorePercent > spec.ScorePercent {
		spec.ScorePercent, spec.Summary = before.ScorePercent, before.Summary
	}
}
