package check

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// FuzzExpressions looks for an expression that panics, or whose result a status could not take.
func FuzzExpressions(f *testing.F) {
	for _, seed := range []string{
		yes, bomb, "pods.all(p, p.status.phase == 'Running')", "hpa.spec.metrics[0].x == web['y']", "container(web, 'web').name == lab.name",
		"done.a.at < now", "has(web.spec.?x.y)", "[pods][?0].orValue([]).size() == 2", "{'a': web}.a.spec == {}", "web.spec.template.spec.containers[-1] == null",
	} {
		f.Add(seed, "'it is ' + "+seed)
	}
	f.Fuzz(func(t *testing.T, expression, observed string) {
		e, problems := Compile(spec(v1beta1.Task{Name: "a", Checks: []v1beta1.Check{{Expression: expression, Observed: observed, Expected: "n"}}}))
		if (e == nil) != (len(problems) > 0) {
			t.Fatalf("exercise %v with problems %v", e, problems)
		}
		if e == nil {
			return
		}
		in := input()
		got := evaluate(t, e, in)
		for _, check := range got.Tasks[0].Checks {
			if utf8.RuneCountInString(check.Observed) > TextLength || !isOneLine(check.Observed) {
				t.Errorf("observed is %q", check.Observed)
			}
			if (check.State == v1beta1.CheckPassed) != (check.Observed == "") {
				t.Errorf("%s with observed %q", check.State, check.Observed)
			}
		}
	})
}

func isOneLine(text string) bool {
	for _, r := range text {
		if unicode.IsControl(r) {
			return false
		}
	}
	return utf8.ValidString(text)
}
