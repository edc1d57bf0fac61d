package lint

import (
	"fmt"
	"slices"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// exerciseLinter runs the rules for one exercise, with the questions that belong to it.
type exerciseLinter struct {
	*input
	adapters  []probe.Adapter
	exercise  *object[v1beta1.Exercise]
	spec      *v1beta1.ExerciseSpec
	questions []question
	inspector *check.Inspector
	// expressions are all that look at the evidence, those of live answers included.
	expressions []expression
	// allCompile is false when one of them does not compile.
	allCompile bool
}

// question is a question about the exercise, with its answer.
type question struct {
	v1beta1.Question

	answer v1beta1.Answer
	topic  *object[v1beta1.Topic]
	key    *object[v1beta1.AnswerKey]
}

// role is what an expression is for.
type role int

const (
	// conditionRole decides on a check: it must be true for the check to pass.
	conditionRole role = iota
	// messageRole computes a text for the learner.
	messageRole
	// otherRole computes an output or a live answer.
	otherRole
)

// expression is one expression and where it stands.
type expression struct {
	*check.Inspection
	document *Document
	field    string
	text     string
	role     role
}

// exerciseLinters returns a linter for each exercise, with its questions.
func (in *input) exerciseLinters() []*exerciseLinter {
	var all []*exerciseLinter
	for _, exercise := range in.exercises {
		l := &exerciseLinter{input: in, exercise: exercise, spec: &exercise.object.Spec, inspector: check.Inspect(&exercise.object.Spec), allCompile: true}
		for _, topic := range in.topics {
			l.addQuestions(topic)
		}
		l.collectExpressions()
		all = append(all, l)
	}
	return all
}

// addQuestions adds the questions of a topic that go with the exercise and have an answer.
func (l *exerciseLinter) addQuestions(topic *object[v1beta1.Topic]) {
	key := byName(l.keys, topic.name)
	if key == nil {
		return
	}
	for _, asked := range topic.object.Spec.Questions {
		at := slices.IndexFunc(key.object.Spec.Answers, func(a v1beta1.Answer) bool { return a.ID == asked.ID })
		if asked.Exercise == l.exercise.name && at >= 0 {
			l.questions = append(l.questions, question{Question: asked, answer: key.object.Spec.Answers[at], topic: topic, key: key})
		}
	}
}

// collectExpressions finds the expressions of the exercise and of its live answers.
func (l *exerciseLinter) collectExpressions() {
	for i, c := range l.spec.ReadyWhen {
		l.addCheck(fmt.Sprintf("spec.readyWhen[%d]", i), c)
	}
	for i, t := range l.spec.Tasks {
		for j, c := range t.Checks {
			l.addCheck(fmt.Sprintf("spec.tasks[%d].checks[%d]", i, j), c)
		}
		for name, text := range t.Outputs {
			l.addExpression(l.exercise.Document, fmt.Sprintf("spec.tasks[%d].outputs[%s]", i, name), text, otherRole)
		}
	}
	for _, q := range l.questions {
		if q.answer.Live != nil {
			l.addExpression(q.key.Document, fmt.Sprintf("spec.answers[%s].live.expression", q.ID), q.answer.Live.Expression, otherRole)
		}
	}
}

func (l *exerciseLinter) addCheck(field string, c v1beta1.Check) {
	l.addExpression(l.exercise.Document, field+".expression", c.Expression, conditionRole)
	if c.Observed != "" {
		l.addExpression(l.exercise.Document, field+".observed", c.Observed, messageRole)
	}
}

// addExpression keeps an expression that compiles. checkCompiles reports the others.
func (l *exerciseLinter) addExpression(d *Document, field, text string, is role) {
	compiled := l.inspector.Expression(text)
	if compiled == nil {
		l.allCompile = false
		return
	}
	l.expressions = append(l.expressions, expression{Inspection: compiled, document: d, field: field, text: text, role: is})
}

// expressionAt finds the expression of a field.
func (l *exerciseLinter) expressionAt(field string) *expression {
	for i := range l.expressions {
		if l.expressions[i].field == field && l.expressions[i].document == l.exercise.Document {
			return &l.expressions[i]
		}
	}
	return nil
}

// report adds a finding of a rule in the exercise.
func (l *exerciseLinter) report(rule, field, format string, args ...any) {
	l.input.report(l.exercise.Document, rule, field, format, args...)
}

// lint runs all rules on the exercise.
func (l *exerciseLinter) lint() {
	l.checkKinds()
	l.checkSetup()
	l.checkUnused()
	l.checkListLimits()
	l.checkConstants()
	l.checkEmptiness()
	l.checkOutputs()
	l.checkExpressions()
	l.checkAnswers()
	l.checkTasks()
}

// isListed tells whether a topic lists the exercise.
func (l *exerciseLinter) isListed(topic *object[v1beta1.Topic]) bool {
	return slices.Contains(topic.object.Spec.Exercises, l.exercise.name)
}
