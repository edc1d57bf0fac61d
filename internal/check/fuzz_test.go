package check

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// FuzzExpressions looks for an expression that panics, or whose result a status could not take.
func FuzzExpressions(f *testing.F) {
	for _, seed := range []string{
		yes, bomb, "pods.all(p, p.status.phase == 'Running')", "hpa.spec.metrics[0].x == web['y']", "container(web, 'web').name == lab.name",
		"done.a.at < now", "has(web.spec.?x.y)", "[pods][?0].orValue([]).size() == 2", "{'a': web}.a.spec == {}", "web.spec.template.spec.containers[-1] == null",
	} {
		f.Add(seed, "'it is ' + "+seed)
	}
	f.Fuzz(func(t *testing.T, expression, seen string) {
		e, problems := Compile(spec(v1alpha1.Task{Name: "a", Checks: []v1alpha1.Check{{Expression: expression, Seen: seen, Needed: "n"}}}))
		if (e == nil) != (len(problems) > 0) {
			t.Fatalf("exercise %v with problems %v", e, problems)
		}
		if e == nil {
			return
		}
		in := input()
		got := evaluate(t, e, in)
		for _, check := range got.Tasks[0].Checks {
			if utf8.RuneCountInString(check.Seen) > TextLength || !isOneLine(check.Seen) {
				t.Errorf("seen is %q", check.Seen)
			}
			if (check.State == v1alpha1.StatePassed) != (check.Seen == "") {
				t.Errorf("%s with seen %q", check.State, check.Seen)
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
