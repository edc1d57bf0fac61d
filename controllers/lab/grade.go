package lab

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/utils/ptr"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/quiz"
)

// grade judges the answers in the spec. The answer, the attempt that it costs and the grade land in one write.
func (r *Reconciler) grade(ctx context.Context, s *scope) error {
	bundle := &s.pinned.Bundle
	keys := map[string]v1alpha1.Answer{}
	for _, answer := range bundle.Answers {
		keys[answer.ID] = answer
	}
	before := map[string]v1alpha1.QuestionStatus{}
	for _, question := range s.lab.Status.Questions {
		before[question.ID] = question
	}
	questions := make([]v1alpha1.QuestionStatus, 0, len(bundle.Questions))
	for _, question := range bundle.Questions {
		key, known := keys[question.ID]
		if !known {
			return &fault{v1alpha1.ReasonInvalidTopic, fmt.Sprintf("question %s has no answer in the key of topic %s. Add it", question.ID, bundle.Topic)}
		}
		in := quiz.Input{
			Question: question,
			Answer:   key,
			Learner:  s.key.String(),
			Locked:   ptr.Deref(question.LockedUntilTask, false) && !s.passed(question.Task),
		}
		if given, ok := s.lab.Spec.Answers[question.ID]; ok {
			in.Given = &given
		}
		if last, ok := before[question.ID]; ok {
			in.Previous = quiz.State{State: last.State, Tried: last.Tried, AttemptsLeft: ptr.Deref(last.AttemptsLeft, 0)}
		}
		if live := s.pinned.Live[question.ID]; live != nil && !forGood(in.Previous.State) {
			in.Live = s.expected(ctx, &in, live)
			if last, ok := before[question.ID]; ok && len(in.Live.Values) == 0 && s.awaitsEvidence() {
				questions = append(questions, last)
				continue
			}
		}
		questions = append(questions, questionStatus(question, quiz.Evaluate(in)))
	}
	s.lab.Status.Questions = questions
	if stray := strayAnswers(s.lab.Spec.Answers, bundle.Questions); stray != "" && !slices.Contains(s.hints, stray) {
		s.hints = append([]string{stray}, s.hints...)
		s.hints = s.hints[:min(len(s.hints), maxNotices)]
	}
	return nil
}

// strayAnswers says which answers are to no question of this lab; empty where there are none.
func strayAnswers[T any](answers map[string]T, questions []v1alpha1.Question) string {
	ids := make([]string, 0, len(questions))
	for _, question := range questions {
		ids = append(ids, question.ID)
	}
	var stray []string
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		if !slices.Contains(ids, id) {
			stray = append(stray, id)
		}
	}
	there := "it has none"
	if len(ids) > 0 {
		there = "it has " + strings.Join(ids, ", ")
	}
	switch len(stray) {
	case 0:
		return ""
	case 1:
		return bounded(fmt.Sprintf("answer %s: this lab has no such question; %s", stray[0], there))
	default:
		return bounded(fmt.Sprintf("answers %s: this lab has no such questions; %s", strings.Join(stray, ", "), there))
	}
}

// forGood tells whether a question in this state is never graded again.
func forGood(state v1alpha1.State) bool {
	return state == v1alpha1.StateRight || state == v1alpha1.StateExhausted
}

// expected is what is right for a live question now or was so within the last minute. Where time alone may change that,
// an answer is looked at again.
func (s *scope) expected(ctx context.Context, in *quiz.Input, live *check.Live) quiz.Live {
	if s.lab.Status.Environment == nil {
		return quiz.Live{Pending: "there is no environment to look at: set spec.environment to Present"}
	}
	now, err := live.Values(ctx, s.input())
	if err != nil {
		return s.keyFault(in.Question.ID, err)
	}
	values, err := quiz.Expected(in.Question, now.Values)
	if err != nil {
		return s.keyFault(in.Question.ID, fmt.Errorf("its expression returned %w", err))
	}
	if in.Given != nil {
		s.again(now.Recheck)
	}
	return quiz.Live{Values: s.memory.remember(in.Question.ID, values, s.now), Pending: now.Pending}
}

// keyFault notes that the author or the platform keeps an answer from being computed, and tells the learner so.
func (s *scope) keyFault(question string, err error) quiz.Live {
	s.keyFaults = append(s.keyFaults, fmt.Sprintf("the answer to question %s cannot be computed: %v", question, err))
	return quiz.Live{Fault: "the answer cannot be computed now; the author has to repair the question"}
}

func (s *scope) passed(task string) bool {
	for _, status := range s.lab.Status.Tasks {
		if status.Name == task {
			return status.State == v1alpha1.StatePassed && status.PassedAt != nil
		}
	}
	return false
}

func questionStatus(question v1alpha1.Question, grade quiz.Grade) v1alpha1.QuestionStatus {
	return v1alpha1.QuestionStatus{
		ID:           question.ID,
		Ask:          question.Ask,
		State:        grade.State,
		AttemptsLeft: ptr.To(grade.AttemptsLeft),
		Feedback:     grade.Feedback,
		ModelAnswer:  grade.ModelAnswer,
		Options:      grade.Options,
		Tried:        grade.Tried,
	}
}
