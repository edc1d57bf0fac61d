//go:build cluster

package security

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// byExpressions are attacks of an author, by what a check computes. What no lab could ever afford is found before one is
// started; the rest is bounded, and costs nobody else anything.
func (s *stage) byExpressions() map[string]attack {
	found := func(gain, expression, words string) attack {
		return attack{gain: gain, try: func(t *testing.T) {
			must(t, patchable(expression))
			s.notAccepted(t, "spec: {tasks: ["+taskOfChecks(expression)+"]}", words)
		}}
	}
	bounded := func(gain string, more map[string]string, words []string, expressions ...string) attack {
		return attack{gain: gain, try: func(t *testing.T) { s.costsNobody(t, more, words, expressions) }}
	}
	anything, tooLarge := []string{""}, []string{"too large to inspect within the limits"}
	// A fast machine comes to the limit of what may be computed before the limit of time.
	tooMuch := append([]string{"could not be judged in time"}, tooLarge...)
	const busy, memory = "an operator that is busy with nothing else", "an operator without memory"
	ten := "[0,1,2,3,4,5,6,7,8,9]"
	nested := "a + b + c + d + e + f + g + h >= 0"
	for _, variable := range []string{"h", "g", "f", "e", "d", "c", "b", "a"} {
		nested = fmt.Sprintf("%s.all(%s, %s)", ten, variable, nested)
	}
	grown := fmt.Sprintf("'x'.replace('x', '%s').replace('y', '%s').replace('z', '%s') == 'a'", strings.Repeat("y", 500), strings.Repeat("z", 500), strings.Repeat("x", 900))
	long := strings.Repeat("a", 200<<10)
	return map[string]attack{
		"loop in loops":               found(busy, nested, "costs too much"),
		"count to a billion":          found(busy, "lists.range(1000000000).size() == 3", "costs too much"),
		"grow a text":                 found(memory, grown, "costs too much"),
		"nest without end":            found("an operator that crashes", strings.Repeat("(", 900)+"true"+strings.Repeat(")", 900), "recursion limit"),
		"add without end":             found("an operator that crashes", "1"+strings.Repeat("+1", 900)+" == 3", "recursion depth"),
		"use what is not there":       found("what the operator knows", "secrets.all(s, true)", "is neither evidence nor a function"),
		"read a Secret as evidence":   {gain: "Secrets in a status", try: s.secretAsEvidence},
		"match a pattern for ever":    bounded(busy, map[string]string{"text": long}, anything, "note.data.text.matches('^(([a-z])+.)+[A-Z]([a-z])+$')"),
		"spend all there is to spend": bounded(busy, map[string]string{"text": "x"}, tooLarge, slices.Repeat([]string{"lists.range(size(note.data.text) * 990000).size() < 0"}, 16)...),
		"take all the time there is": bounded(busy, map[string]string{"text": long}, tooMuch,
			"note.data.text.split('').map(a, note.data.text).join('') == 'a'"),
		"compare all with all": bounded(busy, manyKeys(2000), tooLarge, "note.data.all(a, note.data.all(b, note.data.all(c, a + b != c)))"),
	}
}

// patchable tells whether an expression is as long as one may be.
func patchable(expression string) error {
	if len(expression) > 2048 {
		return fmt.Errorf("it is not well-formed: the expression has %d characters", len(expression))
	}
	return nil
}

// taskOfChecks is a task with some checks, in the flow style of YAML.
func taskOfChecks(expressions ...string) string {
	var checks []string
	for _, expression := range expressions {
		checks = append(checks, fmt.Sprintf("{expression: %s, expected: never}", strconv.Quote(expression)))
	}
	return "{name: say, title: Say it, instructions: Say it., checks: [" + strings.Join(checks, ", ") + "]}"
}

func manyKeys(n int) map[string]string {
	all := make(map[string]string, n)
	for i := range n {
		all[fmt.Sprintf("key-%d", i)] = ""
	}
	return all
}

// costsNobody starts a lab of an exercise with checks on the data of a ConfigMap, and works in another meanwhile. Its task
// says one of some words.
func (s *stage) costsNobody(t *testing.T, data map[string]string, words []string, expressions []string) {
	t.Helper()
	name := s.entry(t, "spec: {tasks: ["+taskOfChecks(expressions...)+"]}")
	if yes, message := s.accepted(t, name); !yes {
		t.Fatalf("it is found earlier than thought: %s", message)
	}
	lab := s.start(t, name)
	environment := s.untilReady(t, client.ObjectKeyFromObject(lab)).Status.Namespace
	author := &person{client: s.admin, lab: client.ObjectKeyFromObject(lab), environment: environment}
	must(t, author.write(t, "note", data))
	eventually(t, "the bomb has gone off", func() bool {
		task := author.task(t, "say")
		verdicts := task.Observed
		if current := s.lab(t, author.lab).Status.Current.Task; current != nil && current.Name == "say" {
			for _, verdict := range current.Checks {
				verdicts += " " + verdict.Observed
			}
		}
		if task.State != "" && task.State != v1beta1.TaskPending {
			t.Fatalf("the task is %s: %s", task.State, task.Observed)
		}
		return verdicts != "" && !strings.Contains(verdicts, "there is no ConfigMap") && slices.ContainsFunc(words, func(w string) bool { return strings.Contains(verdicts, w) })
	})
	s.neverOurFault(t, author)
	for range 3 {
		word := fmt.Sprintf("word-%d", wordCount.Add(1))
		s.say(t, s.alice, word)
		s.untilSeen(t, s.alice, "say", "the word is "+word)
	}
}

// secretAsEvidence names a Secret as evidence, which the operator has no right to read.
func (s *stage) secretAsEvidence(t *testing.T) {
	const treasure = "dHJlYXN1cmU"
	name := s.entry(t, `spec: {
		setup: [{apiVersion: v1, kind: Secret, metadata: {name: treasure}, stringData: {word: `+treasure+`}}],
		evidence: [{name: note, object: {apiVersion: v1, kind: Secret, name: treasure}}]}`)
	if yes, _ := s.accepted(t, name); !yes {
		return
	}
	lab := s.start(t, name)
	s.untilReady(t, client.ObjectKeyFromObject(lab))
	var task v1beta1.TaskStatus
	eventually(t, "the task says why it cannot be judged", func() bool {
		task = taskOf(s.lab(t, client.ObjectKeyFromObject(lab)), "say")
		return task.State == v1beta1.TaskError
	})
	if !strings.Contains(task.Observed, "may not read secrets") || strings.Contains(task.Observed, treasure) {
		t.Errorf("it says %q", task.Observed)
	}
}
