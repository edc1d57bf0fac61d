//go:build cluster

package security

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
)

// attack is one attempt of somebody to get what is not theirs.
type attack struct {
	// gain is what it would bring.
	gain string
	// try makes the attempt, and fails where it is not well-formed, is refused for another reason, or gained something.
	try func(t *testing.T)
}

// TestAttacks tries everything on one stage. Only the last group needs the others to be over.
func TestAttacks(t *testing.T) {
	s := setTheStage(t)
	tried, fended := 0, 0
	for _, group := range []struct {
		name    string
		attacks map[string]attack
	}{
		{"on a Lab", s.onLabs()},
		{"on answers", s.onAnswers()},
		{"on namespaces and guardrails", s.onGuardrails()},
		{"on what is protected", s.onProtected()},
		{"by forgery", s.byForgery()},
		{"by controllers", s.byControllers()},
		{"on rights", s.onRights()},
		{"on the operator's namespace", s.onOperator()},
		{"with tokens", s.withTokens()},
		{"by pods", s.byPods()},
		{"on other labs", s.onOthers()},
		{"over the network", s.onNetwork()},
		{"by services", s.byServices()},
		{"on the cluster", s.onCluster()},
		{"on evidence", s.onEvidence()},
		{"by a forged Helm release", s.byHelm()},
		{"by an author's setup", s.bySetup()},
		{"by an author's expressions", s.byExpressions()},
		{"by floods", s.byFloods()},
		{"on the end of a lab", s.onTheEnd()},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, name := range slices.Sorted(maps.Keys(group.attacks)) {
				t.Run(name, func(t *testing.T) {
					tried++
					defer func() {
						if t.Failed() {
							t.Logf("it would bring: %s", group.attacks[name].gain)
							return
						}
						fended++
					}()
					group.attacks[name].try(t)
				})
			}
		})
	}
	line := fmt.Sprintf("security: %d attacks tried, %d failed or gained nothing", tried, fended)
	if err := report(line); err != nil {
		t.Error(err)
	}
}

// report tells a line to whoever runs the tests, and to the file that collects the counts of all suites.
func report(line string) (err error) {
	fmt.Println(line)
	path := os.Getenv("LAB_COUNTS_FILE")
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("count the attacks: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := fmt.Fprintln(file, line); err != nil {
		return fmt.Errorf("count the attacks: %w", err)
	}
	return nil
}
