package lint

import (
	"regexp"
	"slices"
	"strings"
)

// suppressionComment is a comment that suppresses the findings of a rule at one place, with the reason.
var suppressionComment = regexp.MustCompile(`(^|\s)# lint:allow ([a-z-]+): \S`)

// suppression is a comment that was found, and the line it applies to.
type suppression struct {
	commentLine, line int
	rule              string
	used              bool
}

// suppressionsIn finds the suppressions of a file. A comment at the end of a line applies to that line, a comment on a line of
// its own to the next line that is not a comment.
func suppressionsIn(lines []string) []*suppression {
	var found []*suppression
	for i, text := range lines {
		match := suppressionComment.FindStringSubmatch(text)
		if match == nil {
			continue
		}
		target := i
		for target < len(lines) && isComment(lines[target]) {
			target++
		}
		found = append(found, &suppression{commentLine: i + 1, line: target + 1, rule: match[2]})
	}
	return found
}

// stale says what is wrong with a comment that suppresses nothing.
func (s *suppression) stale() string {
	var names []string
	for _, rule := range Rules() {
		names = append(names, rule.Name)
	}
	if !slices.Contains(names, s.rule) {
		return "there is no rule " + s.rule + suggestion(s.rule, names)
	}
	return "nothing here is found by the rule " + s.rule + ": take the comment out"
}

func isComment(line string) bool {
	return strings.HasPrefix(strings.TrimSpace(line), "#")
}

// suppress separates the findings that comments suppress, and adds a finding for each comment that suppresses nothing.
func suppress(documents []*Document, findings []Finding) (left, suppressed []Finding) {
	byFile := map[string][]*suppression{}
	for _, d := range documents {
		if byFile[d.File] == nil {
			byFile[d.File] = suppressionsIn(d.lines)
		}
	}
	for _, f := range findings {
		if isSuppressed(byFile[f.File], f) {
			suppressed = append(suppressed, f)
			continue
		}
		left = append(left, f)
	}
	for file, comments := range byFile {
		for _, comment := range comments {
			if !comment.used {
				left = append(left, Finding{File: file, Line: comment.commentLine, Rule: ruleStaleAllow, Message: comment.stale()})
			}
		}
	}
	return left, suppressed
}

// isSuppressed tells whether a comment suppresses a finding, and marks the comment as used. The comment is at the line of the
// finding, at its field, or at an element of a list that contains the field.
func isSuppressed(comments []*suppression, f Finding) bool {
	if f.Rule == "" {
		return false
	}
	lines := []int{f.Line}
	if f.in != nil {
		lines = append(lines, f.in.around(f.Field)...)
	}
	suppressed := false
	for _, comment := range comments {
		if comment.rule == f.Rule && slices.Contains(lines, comment.line) {
			comment.used, suppressed = true, true
		}
	}
	return suppressed
}
