package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// lookAtTasks looks at what a task asks of a learner, and how.
func (s *subject) lookAtTasks() {
	for i, t := range s.spec.Tasks {
		field := fmt.Sprintf("spec.tasks[%d]", i)
		for j, c := range t.Checks {
			if at := slices.IndexFunc(t.Checks[:j], func(o v1alpha1.Check) bool { return sameWords(o.Needed, c.Needed) }); at >= 0 {
				s.find(ruleRepeated, fmt.Sprintf("%s.checks[%d].needed", field, j),
					"says the same as check %d of the task: a learner can't tell which of them is open", at+1)
			}
		}
		if most := time.Duration(s.spec.Minutes) * time.Minute; t.Hold != nil && most > 0 && t.Hold.Duration > most {
			s.find(ruleHold, field+".hold", "%s is longer than the %d minutes that the whole exercise takes", t.Hold.Duration, s.spec.Minutes)
		}
		s.lookForCommands(field+".instructions", t.Instructions)
	}
}

// fence begins and ends a block of code in Markdown.
var fence = regexp.MustCompile("^\\s*(```|~~~)")

// lookForCommands finds blocks of code with a command that does the task.
func (s *subject) lookForCommands(field, instructions string) {
	inBlock := false
	for i, line := range strings.Split(instructions, "\n") {
		if fence.MatchString(line) {
			inBlock = !inBlock
			continue
		}
		words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "$ "))
		if inBlock && len(words) > 0 && (words[0] == "kubectl" || words[0] == "helm") {
			f := s.exercise.finding(ruleCommand, field, "gives a command of %s to paste: say what to achieve and where to look", words[0])
			f.Line = s.exercise.lineOfText(field, i+1)
			s.findings = append(s.findings, f)
		}
	}
}
