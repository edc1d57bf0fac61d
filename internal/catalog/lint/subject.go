package lint

import (
	"fmt"
	"slices"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// subject is an exercise with all that goes with it.
type subject struct {
	*course
	adapters  []probe.Adapter
	exercise  *sheet[v1alpha1.Exercise]
	spec      *v1alpha1.ExerciseSpec
	asked     []asked
	inspector *check.Inspector
	// expressions are all that look at the evidence, those of live answers included.
	expressions []expression
	// isWhole tells that all of them compile.
	isWhole bool
}

// asked is a question about the exercise.
type asked struct {
	question v1alpha1.Question
	answer   v1alpha1.Answer
	topic    *sheet[v1alpha1.Topic]
	key      *sheet[v1alpha1.AnswerKey]
}

// role is what an expression is for.
type role int

const (
	// condition must be true.
	condition role = iota
	// words are for the learner.
	words
	// other is recorded, or is a live answer.
	other
)

// expression is one expression and where it stands.
type expression struct {
	*check.Inspection
	document *Document
	field    string
	text     string
	role     role
}

// subjects are the exercises to look at, each with its questions.
func (c *course) subjects() []*subject {
	var all []*subject
	for _, exercise := range c.exercises {
		s := &subject{course: c, exercise: exercise, spec: &exercise.object.Spec, inspector: check.Inspect(&exercise.object.Spec), isWhole: true}
		for _, topic := range c.topics {
			s.ask(topic)
		}
		s.collect()
		all = append(all, s)
	}
	return all
}

// ask adds the questions of a topic that go with the exercise and have an answer.
func (s *subject) ask(topic *sheet[v1alpha1.Topic]) {
	key := named(s.keys, topic.name)
	if key == nil {
		return
	}
	for _, question := range topic.object.Spec.Questions {
		at := slices.IndexFunc(key.object.Spec.Answers, func(a v1alpha1.Answer) bool { return a.ID == question.ID })
		if question.Exercise == s.exercise.name && at >= 0 {
			s.asked = append(s.asked, asked{question: question, answer: key.object.Spec.Answers[at], topic: topic, key: key})
		}
	}
}

// collect finds the expressions of the exercise and of its live answers.
func (s *subject) collect() {
	for i, c := range s.spec.ReadyWhen {
		s.addCheck(fmt.Sprintf("spec.readyWhen[%d]", i), c)
	}
	for i, t := range s.spec.Tasks {
		for j, c := range t.Checks {
			s.addCheck(fmt.Sprintf("spec.tasks[%d].checks[%d]", i, j), c)
		}
		for name, text := range t.Record {
			s.add(s.exercise.Document, fmt.Sprintf("spec.tasks[%d].record[%s]", i, name), text, other)
		}
	}
	for _, a := range s.asked {
		if a.answer.Live != nil {
			s.add(a.key.Document, fmt.Sprintf("spec.answers[%s].live.expression", a.question.ID), a.answer.Live.Expression, other)
		}
	}
}

func (s *subject) addCheck(field string, c v1alpha1.Check) {
	s.add(s.exercise.Document, field+".expression", c.Expression, condition)
	if c.Seen != "" {
		s.add(s.exercise.Document, field+".seen", c.Seen, words)
	}
}

// add notes an expression. Those that do not compile are found by the operator's package.
func (s *subject) add(d *Document, field, text string, is role) {
	compiled := s.inspector.Expression(text)
	if compiled == nil {
		s.isWhole = false
		return
	}
	s.expressions = append(s.expressions, expression{Inspection: compiled, document: d, field: field, text: text, role: is})
}

// at finds the expression of a field.
func (s *subject) at(field string) *expression {
	for i := range s.expressions {
		if s.expressions[i].field == field && s.expressions[i].document == s.exercise.Document {
			return &s.expressions[i]
		}
	}
	return nil
}

// find takes a finding of a rule in the exercise.
func (s *subject) find(rule, field, format string, args ...any) {
	s.course.find(s.exercise.Document, rule, field, format, args...)
}

// look runs all rules.
func (s *subject) look() {
	s.lookAtKinds()
	s.lookAtSetup()
	s.lookAtUse()
	s.lookAtLists()
	s.lookAtConstants()
	s.lookAtEmptiness()
	s.lookAtRecords()
	s.lookIntoExpressions()
	s.lookForAnswers()
	s.lookAtTasks()
}

// isListed tells whether a topic lists the exercise.
func (s *subject) isListed(topic *sheet[v1alpha1.Topic]) bool {
	return slices.Contains(topic.object.Spec.Exercises, s.exercise.name)
}
