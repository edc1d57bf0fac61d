package lab

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/progress"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// recall gives a Lab of a workshop that has lost its status what its LabResult holds. A Lab that was judged once has tasks: it
// is looked at before that only.
func (r *Reconciler) recall(ctx context.Context, s *scope) error {
	seat, seated := roster.SeatOf(s.lab)
	if !seated || len(s.lab.Status.Tasks) > 0 {
		return nil
	}
	kept, err := get(ctx, r.Client, resultKey(s.lab, seat), &v1beta1.LabResult{})
	if err != nil {
		return fmt.Errorf("read result: %w", err)
	}
	if kept == nil {
		return nil
	}
	status := &s.lab.Status
	status.StartedAt, status.CompletedAt, status.Params = kept.Spec.StartedAt, kept.Spec.CompletedAt, kept.Spec.Params
	status.ScorePercent = kept.Spec.ScorePercent
	status.TasksPassed, status.TasksTotal = kept.Spec.TasksPassed, kept.Spec.TasksTotal
	status.QuestionsRight, status.QuestionsTotal = kept.Spec.QuestionsRight, kept.Spec.QuestionsTotal
	for _, task := range kept.Spec.Passed {
		status.Tasks = append(status.Tasks, v1beta1.TaskStatus{
			Name: task.Name, State: v1beta1.TaskPassed, OpenedAt: &task.At, PassedAt: &task.At, Outputs: task.Outputs,
		})
	}
	for _, question := range kept.Spec.Questions {
		status.Questions = append(status.Questions, v1beta1.QuestionStatus{
			ID: question.ID, State: question.State, AttemptsLeft: question.AttemptsLeft, Attempts: question.Attempts,
		})
	}
	s.reported = s.lab.DeepCopy()
	return nil
}

// maxPassed and maxGraded are the bounds of a LabResult in the API.
const (
	maxPassed = 16
	maxGraded = 32
)

// record keeps the progress of a workshop's Lab where it outlives the Lab. What is recorded is never taken back.
func (r *Reconciler) record(ctx context.Context, s *scope) error {
	seat, seated, failed := r.seatOf(ctx, s.lab)
	if failed != nil || !seated || !progress.Started(&s.lab.Status) {
		return failed
	}
	key := resultKey(s.lab, seat)
	what := fmt.Sprintf("the results of this lab cannot be kept in LabResult %s of namespace %s", key.Name, key.Namespace)
	return r.maintain(ctx, s, &s.memory.result, what, v1beta1.ReasonResultRefused, func() error {
		return r.keepResult(ctx, s, seat, key)
	})
}

// keepResult writes the LabResult of a Lab where it differs.
func (r *Reconciler) keepResult(ctx context.Context, s *scope, seat roster.Seat, key client.ObjectKey) error {
	kept, err := get(ctx, r.Client, key, &v1beta1.LabResult{})
	if err != nil {
		return fmt.Errorf("read result: %w", err)
	}
	if kept == nil {
		made := &v1beta1.LabResult{
			ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name, Labels: map[string]string{
				v1beta1.WorkshopLabel: seat.Workshop.Name, v1beta1.AttendeeLabel: seat.Handle,
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

func resultKey(lab *v1beta1.Lab, seat roster.Seat) client.ObjectKey {
	return client.ObjectKey{
		Namespace: seat.Workshop.Namespace,
		Name:      roster.ResultName(seat.Workshop.Name, seat.Handle, lab.Name, lab.Status.Exercise),
	}
}

// resultOf is what is recorded of a Lab. A pass, an attempt or a completion that was recorded before and is missing in the
// Lab stays: a status that was lost is given them back, and until then they are not lost here.
func resultOf(lab *v1beta1.Lab, seat roster.Seat, before *v1beta1.LabResultSpec) v1beta1.LabResultSpec {
	status := lab.Status.DeepCopy()
	spec := v1beta1.LabResultSpec{
		Workshop: seat.Workshop.Name, Attendee: seat.Attendee, Lab: lab.Name, Topic: lab.Spec.Topic, Exercise: status.Exercise,
		StartedAt: status.StartedAt, CompletedAt: status.CompletedAt, Params: status.Params,
		ScorePercent: status.ScorePercent, TasksPassed: status.TasksPassed, TasksTotal: status.TasksTotal,
		QuestionsRight: status.QuestionsRight, QuestionsTotal: status.QuestionsTotal,
	}
	for _, task := range status.Tasks {
		if task.PassedAt != nil {
			spec.Passed = append(spec.Passed, v1beta1.PassedTask{Name: task.Name, At: *task.PassedAt, Outputs: task.Outputs})
		}
	}
	for _, question := range status.Questions {
		if !progress.Answered(question) {
			continue
		}
		graded := v1beta1.GradedQuestion{ID: question.ID, State: v1beta1.QuestionWrong, AttemptsLeft: question.AttemptsLeft, Attempts: question.Attempts}
		if question.State.IsSettled() {
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
// is more than a LabResult has room for: what the exercise has now comes first.
func keepWhatWas(spec, before *v1beta1.LabResultSpec) {
	lost := false
	if before.StartedAt != nil {
		spec.StartedAt = before.StartedAt
	}
	if spec.CompletedAt == nil && before.CompletedAt != nil {
		spec.CompletedAt, lost = before.CompletedAt, true
	}
	for _, task := range before.Passed {
		if len(spec.Passed) < maxPassed && !slices.ContainsFunc(spec.Passed, func(now v1beta1.PassedTask) bool { return now.Name == task.Name }) {
			spec.Passed, lost = append(spec.Passed, task), true
		}
	}
	for _, question := range before.Questions {
		at := slices.IndexFunc(spec.Questions, func(now v1beta1.GradedQuestion) bool { return now.ID == question.ID })
		switch {
		case at < 0 && len(spec.Questions) >= maxGraded:
		case at < 0:
			spec.Questions, lost = append(spec.Questions, question), true
		case question.State.IsSettled() && !spec.Questions[at].State.IsSettled():
			spec.Questions[at], lost = question, true
		}
	}
	if lost && before.ScorePercent > spec.ScorePercent {
		spec.ScorePercent = before.ScorePercent
		spec.TasksPassed, spec.TasksTotal = before.TasksPassed, before.TasksTotal
		spec.QuestionsRight, spec.QuestionsTotal = before.QuestionsRight, before.QuestionsTotal
	}
}
