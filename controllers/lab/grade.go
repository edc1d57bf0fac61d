package lab

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/quiz"
)

// grade judges the answers in the spec. The answer, the attempt that it costs and the grade land in one write.
func (r *Reconciler) grade(ctx context.Context, s *scope) error { return s.grade(ctx) }

func (s *scope) grade(ctx context.Context) error {
	bundle := &s.pinned.Bundle
	keys := map[string]v1beta1.Answer{}
	for _, answer := range bundle.Answers {
		keys[answer.ID] = answer
	}
	var questions []v1beta1.QuestionStatus
	for _, question := range bundle.Questions {
		key, known := keys[question.ID]
		if !known {
			return &fault{v1beta1.ReasonInvalidTopic, fmt.Sprintf("question %s has no answer in the key of topic %s. Add it", question.ID, bundle.Topic)}
		}
		last := s.questionStatus(question.ID)
		in := quiz.Input{
			Question: question,
			Answer:   key,
			Learner:  s.key.String(),
			Locked:   question.Reveal == v1beta1.RevealAfterTask && !s.passed(question.Task),
			Previous: quiz.State{State: last.State, Tried: last.Attempts, AttemptsLeft: last.AttemptsLeft},
		}
		if given, ok := s.lab.Spec.Answers[question.ID]; ok {
			in.Given = &given
		}
		isKept := false
		if live := s.pinned.Live[question.ID]; live != nil && !last.State.IsSettled() {
			in.Live = s.expected(ctx, &in, live)
			isKept = last.ID != "" && len(in.Live.Values) == 0 && s.awaitsEvidence()
		}
		found := graded{input: in, grade: quiz.Evaluate(in), isGiven: in.Given != nil, isKept: isKept}
		s.graded = append(s.graded, found)
		switch {
		case isKept:
			questions = append(questions, last)
		case found.isGiven || len(found.grade.Tried) > 0 || found.grade.State.IsSettled():
			questions = append(questions, v1beta1.QuestionStatus{
				ID: question.ID, State: found.grade.State, Attempts: found.grade.Tried, AttemptsLeft: found.grade.AttemptsLeft,
			})
		}
	}
	s.lab.Status.Questions = questions
	s.noteAnswers()
	return nil
}

// questionStatus is what the status holds of a question, empty where it was not answered yet.
func (s *scope) questionStatus(id string) v1beta1.QuestionStatus {
	for _, question := range s.lab.Status.Questions {
		if question.ID == id {
			return question
		}
	}
	return v1beta1.QuestionStatus{}
}

// answerNotices is how many of the notices are about answers, at the most: pods that do not run come first.
const answerNotices = 2

// noteAnswers tells of answers whose question is not shown: those to questions that this lab does not have, those to questions
// that are locked, and those that are not right, with their feedback.
func (s *scope) noteAnswers() {
	// Where the notices are those of the status, they have what was told of answers before.
	pods := slices.DeleteFunc(slices.Clone(s.hints), isAboutAnswer)
	var notes []string
	if stray := strayAnswers(s.lab.Spec.Answers, s.pinned.Bundle.Questions); stray != "" {
		notes = append(notes, stray)
	}
	shown := s.shown()
	for i := range s.graded {
		if g := &s.graded[i]; g != shown && g.isGiven && g.grade.Feedback != "" && !g.grade.State.IsSettled() {
			notes = append(notes, bounded(answerNotice+" "+g.input.Question.ID+": "+g.grade.Feedback))
		}
	}
	notes = notes[:min(len(notes), max(answerNotices, maxNotices-len(pods)))]
	s.hints = slices.Concat(pods[:min(len(pods), maxNotices-len(notes))], notes)
}

// answerNotice begins every notice about an answer.
const answerNotice = "answer"

func isAboutAnswer(notice string) bool {
	return strings.HasPrefix(notice, answerNotice+" ") || strings.HasPrefix(notice, answerNotice+"s ")
}

// strayAnswers says which answers are to no question of this lab; empty where there are none.
func strayAnswers[T any](answers map[string]T, questions []v1beta1.Question) string {
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
			return status.PassedAt != nil
		}
	}
	return false
}
