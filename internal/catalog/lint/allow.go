package lint

import (
	"regexp"
	"slices"
	"strings"
)

// allowance is a comment that lets one finding of a rule be, with the reason.
var allowance = regexp.MustCompile(`(^|\s)# lint:allow ([a-z-]+): \S`)

// allowed is a comment that was found, and the line that it speaks of.
type allowed struct {
	at, line int
	rule     string
	used     bool
}

// allowances are the comments of a file. A comment at the end of a line speaks of this line, one on a line of its own
// of the next line that is none.
func allowances(lines []string) []*allowed {
	var found []*allowed
	for i, text := range lines {
		match := allowance.FindStringSubmatch(text)
		if match == nil {
			continue
		}
		about := i
		for about < len(lines) && isComment(lines[about]) {
			about++
		}
		found = append(found, &allowed{at: i + 1, line: about + 1, rule: match[2]})
	}
	return found
}

// stale says what is wrong with a comment that lets nothing be.
func (a *allowed) stale() string {
	var names []string
	for _, rule := range Rules() {
		names = append(names, rule.Name)
	}
	if !slices.Contains(names, a.rule) {
		return "there is no rule " + a.rule + suggestion(a.rule, names)
	}
	return "nothing here is found by the rule " + a.rule + ": take the comment out"
}

func isComment(line string) bool {
	return strings.HasPrefix(strings.TrimSpace(line), "#")
}

// settle takes out the findings that comments let be, and finds comments that let nothing be.
func settle(documents []*Document, findings []Finding) (left, let []Finding) {
	byFile := map[string][]*allowed{}
	for _, d := range documents {
		if byFile[d.File] == nil {
			byFile[d.File] = allowances(d.lines)
		}
	}
	for _, f := range findings {
		if letBe(byFile[f.File], f) {
			let = append(let, f)
			continue
		}
		left = append(left, f)
	}
	for file, comments := range byFile {
		for _, comment := range comments {
			if !comment.used {
				left = append(left, Finding{File: file, Line: comment.at, Rule: ruleAllow, Message: comment.stale()})
			}
		}
	}
	return left, let
}

// letBe tells whether a comment speaks of a finding: at its line, at its field, or at an element of a list that the field
// is in.
func letBe(comments []*allowed, f Finding) bool {
	if f.Rule == "" {
		return false
	}
	lines := []int{f.Line}
	if f.in != nil {
		lines = append(lines, f.in.around(f.Field)...)
	}
	let := false
	for _, comment := range comments {
		if comment.rule == f.Rule && slices.Contains(lines, comment.line) {
			comment.used, let = true, true
		}
	}
	return let
}
