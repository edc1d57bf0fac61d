package lab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/quiz"
)

// graded is one question of the lab with what its answer came to in this reconcile.
type graded struct {
	input   quiz.Input
	grade   quiz.Grade
	isGiven bool // there is an answer in the spec
	isKept  bool // an operator that has just started does not know yet what the answer is compared with
}

// showCurrent fills what the learner works on now: the introduction, the first open task, and one open question.
func (s *scope) showCurrent() {
	s.lab.Status.Current = v1beta1.LabCurrent{
		Intro:        s.intro(),
		Task:         s.currentTask(),
		TaskQuestion: s.currentQuestion(),
	}
}

// intro is the title and the description of the exercise, until the learner has passed a task.
func (s *scope) intro() string {
	if slices.ContainsFunc(s.lab.Status.Tasks, func(task v1beta1.TaskStatus) bool { return task.PassedAt != nil }) {
		return ""
	}
	exercise := &s.pinned.Bundle.Exercise
	return strings.TrimSpace("# " + exercise.Title + "\n\n" + exercise.Description)
}

// currentTask is the first open task, nil where there is none.
func (s *scope) currentTask() *v1beta1.CurrentTask {
	if s.evaluated == nil || s.lab.Status.CompletedAt != nil {
		return nil
	}
	for i := range s.lab.Status.Tasks {
		status := &s.lab.Status.Tasks[i]
		if !isOpen(status.State) {
			continue
		}
		if known := s.original.Status.Current.Task; known != nil && known.Name == status.Name && s.awaitsEvidence() {
			return known
		}
		return s.expand(&s.pinned.Bundle.Exercise.Tasks[i], &s.evaluated.Tasks[i])
	}
	return nil
}

// expand writes a task out for this learner.
func (s *scope) expand(spec *v1beta1.Task, result *check.TaskResult) *v1beta1.CurrentTask {
	return &v1beta1.CurrentTask{
		Name:         spec.Name,
		Title:        s.text(spec.Title),
		Instructions: strings.TrimSpace(s.text(spec.Instructions)),
		Checks:       result.Checks,
		Hints:        result.Hints,
	}
}

// shown is the open question to show, nil where none is open. The first that was answered comes first, until it is
// settled: the notices tell of others. Then comes one whose task is open or passed, since the lab demonstrates its answer.
func (s *scope) shown() *graded {
	var chosen *graded
	rank := 0
	for i := range s.graded {
		g := &s.graded[i]
		if now := s.rank(g); now > rank {
			chosen, rank = g, now
		}
	}
	return chosen
}

// currentQuestion is that question as the learner reads it.
func (s *scope) currentQuestion() *v1beta1.CurrentQuestion {
	chosen := s.shown()
	if chosen == nil {
		return nil
	}
	if known := s.original.Status.Current.TaskQuestion; chosen.isKept && known != nil && known.ID == chosen.input.Question.ID {
		return known
	}
	question := &chosen.input.Question
	return &v1beta1.CurrentQuestion{
		ID:                question.ID,
		InterviewQuestion: question.InterviewQuestion,
		Prompt:            question.Prompt,
		Unit:              question.Unit,
		Options:           chosen.grade.Options,
		AttemptsLeft:      chosen.grade.AttemptsLeft,
		AnswerWith:        s.answerCommand(question.ID),
		Feedback:          chosen.grade.Feedback,
	}
}

// rank says how much a question asks to be shown: 0 is not at all.
func (s *scope) rank(g *graded) int {
	switch {
	case g.grade.State != v1beta1.QuestionOpen && g.grade.State != v1beta1.QuestionWrong:
		// Nothing that a learner can do about it: the notices tell of an answer to it.
		return 0
	case g.isGiven:
		return 3
	case s.isReached(g.input.Question.Task):
		return 2
	}
	return 1
}

// answerCommand answers a question with kubectl.
func (s *scope) answerCommand(id string) string {
	return fmt.Sprintf("kubectl%s patch lab %s --type merge -p '{\"spec\":{\"answers\":{\"%s\":\"ANSWER\"}}}'",
		s.namespaceFlag(), s.lab.Name, id)
}

// isReached tells whether a task is open or passed.
func (s *scope) isReached(task string) bool {
	return slices.ContainsFunc(s.lab.Status.Tasks, func(status v1beta1.TaskStatus) bool {
		return status.Name == task && status.State != v1beta1.TaskLocked
	})
}

// isOpen tells whether a task in this state can be worked on.
func isOpen(state v1beta1.TaskState) bool {
	return state == v1beta1.TaskPending || state == v1beta1.TaskError
}
