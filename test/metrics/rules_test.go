package metrics

import (
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// promtool runs it, and fails the test with what it says.
func promtool(t *testing.T, stdin string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "promtool", args...)
	command.Stdin = strings.NewReader(stdin)
	said, err := command.CombinedOutput()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		t.Fatalf("%v: run make test-metrics, which has it", err)
	case err != nil:
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, said)
	}
}

func TestRulesAreWellFormed(t *testing.T) {
	_, file := rules(t)
	promtool(t, "", "check", "rules", "--lint-fatal", file)
}

// unitTests is a file of promtool's, as far as it is looked at here.
type unitTests struct {
	RuleFiles          []string    `json:"rule_files"`
	EvaluationInterval string      `json:"evaluation_interval"`
	Tests              []testGroup `json:"tests"`
}

type testGroup struct {
	Name        string      `json:"name"`
	Interval    string      `json:"interval"`
	InputSeries any         `json:"input_series"`
	Alerts      []alertTest `json:"alert_rule_test"`
}

type alertTest struct {
	Name     string     `json:"alertname"`
	EvalTime string     `json:"eval_time"`
	Expected []expected `json:"exp_alerts"`
}

type expected struct {
	Labels      map[string]string `json:"exp_labels"`
	Annotations map[string]string `json:"exp_annotations"`
}

func TestAlertsFire(t *testing.T) {
	alerts, file := rules(t)
	byName := map[string]rule{}
	for _, alert := range alerts {
		byName[alert.Alert] = alert
	}
	var tests unitTests
	if err := yaml.UnmarshalStrict([]byte(read(t, "test/metrics/testdata/alerts.yaml")), &tests); err != nil {
		t.Fatal(err)
	}
	fires, rests := map[string]bool{}, map[string]bool{}
	for _, group := range tests.Tests {
		for _, test := range group.Alerts {
			if _, known := byName[test.Name]; !known {
				t.Errorf("%s: there is no alert %s", group.Name, test.Name)
			}
			rests[test.Name] = rests[test.Name] || len(test.Expected) == 0
			for _, alert := range test.Expected {
				fires[test.Name] = true
				for _, always := range []string{"summary", "runbook_url"} {
					alert.Annotations[always] = byName[test.Name].Annotations[always]
				}
			}
		}
	}
	for name := range byName {
		if !fires[name] || !rests[name] {
			t.Errorf("%s: tested to fire: %t, tested not to fire: %t", name, fires[name], rests[name])
		}
	}
	tests.RuleFiles = []string{file}
	data, err := yaml.Marshal(tests)
	if err != nil {
		t.Fatal(err)
	}
	promtool(t, "", "test", "rules", write(t, "alerts.yaml", data))
}

// TestRunbooks has each alert lead to what to do, and each such text be about an alert.
func TestRunbooks(t *testing.T) {
	const base = "https://github.com/lab-operator/lab-operator/blob/main/docs/runbooks.md#"
	sections := map[string]string{}
	for _, section := range strings.Split(read(t, "docs/runbooks.md"), "\n## ")[1:] {
		heading, text, _ := strings.Cut(section, "\n")
		sections[heading] = text
	}
	alerts, _ := rules(t)
	for _, alert := range alerts {
		if want := base + strings.ToLower(alert.Alert); alert.Annotations["runbook_url"] != want {
			t.Errorf("%s: the runbook is %q, want %q", alert.Alert, alert.Annotations["runbook_url"], want)
		}
		for _, part := range []string{"**Means.**", "**Look.**", "**Do.**"} {
			if !strings.Contains(sections[alert.Alert], part) {
				t.Errorf("docs/runbooks.md: the section %s has no %s", alert.Alert, part)
			}
		}
		delete(sections, alert.Alert)
		if severity := alert.Labels["severity"]; severity != "critical" && severity != "warning" {
			t.Errorf("%s: the severity is %q, want critical or warning", alert.Alert, severity)
		}
	}
	for heading := range sections {
		t.Errorf("docs/runbooks.md: the section %s is about no alert", heading)
	}
	for _, link := range regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllStringSubmatch(read(t, "docs/runbooks.md"), -1) {
		found := false
		for _, alert := range alerts {
			found = found || strings.ToLower(alert.Alert) == link[1]
		}
		if !found {
			t.Errorf("docs/runbooks.md: a link leads to #%s, which is no section", link[1])
		}
	}
}
