package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// checkTasks looks at what a task asks of a learner, and how.
func (l *exerciseLinter) checkTasks() {
	for i, t := range l.spec.Tasks {
		field := fmt.Sprintf("spec.tasks[%d]", i)
		for j, c := range t.Checks {
			if at := slices.IndexFunc(t.Checks[:j], func(o v1beta1.Check) bool { return sameWords(o.Expected, c.Expected) }); at >= 0 {
				l.report(ruleRepeated, fmt.Sprintf("%s.checks[%d].expected", field, j),
					"says the same as check %d of the task: a learner can't tell which of them is open", at+1)
			}
		}
		if most := time.Duration(l.spec.EstimatedMinutes) * time.Minute; t.HoldFor != nil && most > 0 && t.HoldFor.Duration > most {
			l.report(ruleHold, field+".holdFor", "%s is longer than the %d minutes that the whole exercise takes", t.HoldFor.Duration, l.spec.EstimatedMinutes)
		}
		l.checkCommands(field+".instructions", t.Instructions)
	}
}

// fence begins and ends a block of code in Markdown.
var fence = regexp.MustCompile("^\\s*(```|~~~)")

// checkCommands finds blocks of code with a command that does the task.
func (l *exerciseLinter) checkCommands(field, instructions string) {
	inBlock := false
	for i, line := range strings.Split(instructions, "\n") {
		if fence.MatchString(line) {
			inBlock = !inBlock
			continue
		}
		words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "$ "))
		if inBlock && len(words) > 0 && (words[0] == "kubectl" || words[0] == "helm") {
			f := l.exercise.finding(ruleCommand, field, "gives a command of %s to paste: say what to achieve and where to look", words[0])
			f.Line = l.exercise.lineOfText(field, i+1)
			l.findings = append(l.findings, f)
		}
	}
}
