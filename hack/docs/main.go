// Docs writes the tables of docs/authoring.md that come from the code: what adapters give to checks, why looks fail, and
// what the author's lint looks for. Each stands between two comments, which stay.
package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/lab-operator/lab-operator/internal/evidence/adapters"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
	"github.com/lab-operator/lab-operator/internal/lint"
)

const guide = "docs/authoring.md"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	text, err := os.ReadFile(guide)
	if err != nil {
		return fmt.Errorf("read the guide in the root of the checkout: %w", err)
	}
	updated := string(text)
	for name, table := range map[string]string{"fields": fields(), "reasons": reasons(), "rules": rules()} {
		if updated, err = replace(updated, name, table); err != nil {
			return err
		}
	}
	if updated == string(text) {
		return nil
	}
	if err := os.WriteFile(guide, []byte(updated), 0o644); err != nil { //nolint:gosec // a document is for everybody
		return fmt.Errorf("write the guide: %w", err)
	}
	return nil
}

// replace puts a table between the comments that name it.
func replace(text, name, table string) (string, error) {
	block := regexp.MustCompile(fmt.Sprintf(`(?s)(<!-- begin %s: make generate -->\n).*?(<!-- end %s -->)`, name, name))
	if !block.MatchString(text) {
		return "", fmt.Errorf("%s has no place for the table %s", guide, name)
	}
	return block.ReplaceAllStringFunc(text, func(found string) string {
		parts := block.FindStringSubmatch(found)
		return parts[1] + table + parts[2]
	}), nil
}

func fields() string {
	rows := []string{
		"| `ok` | bool | every adapter: whether the look found all that was asked for |",
		"| `error` | string | every adapter: what is wrong, in a sentence for the learner; empty where `ok` |",
		"| `reason` | string | every adapter: why, in a word; empty where `ok` |",
	}
	for _, adapter := range adapters.All() {
		for _, field := range adapter.Fields {
			rows = append(rows, fmt.Sprintf("| %s: `%s` | %s | %s |", adapter.Name, field.Name, field.Type, field.Doc))
		}
	}
	return table("| field | type | what it is |", rows)
}

func reasons() string {
	var rows []string
	for _, reason := range probe.Reasons() {
		rows = append(rows, fmt.Sprintf("| `%s` | %s |", reason.Name, reason.Doc))
	}
	return table("| reason | when |", rows)
}

func rules() string {
	var rows []string
	for _, rule := range lint.Rules() {
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s | %s |", rule.Name, rule.Finds, rule.Why, rule.Instead))
	}
	return table("| rule | finds | why | write instead |", rows)
}

func table(head string, rows []string) string {
	line := "|" + strings.Repeat("---|", strings.Count(head, "|")-1)
	return head + "\n" + line + "\n" + strings.Join(rows, "\n") + "\n"
}
