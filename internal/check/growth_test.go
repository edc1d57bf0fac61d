package check

import (
	"runtime"
	"strings"
	"testing"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// TestWhatALearnerWritesDoesNotGrow gives functions of the language as much as a ConfigMap holds.
func TestWhatALearnerWritesDoesNotGrow(t *testing.T) {
	tests := map[string]struct {
		expression string
		// wantOnLittle is what the same function makes of a short text.
		wantOnLittle v1beta1.TaskState
	}{
		"replace":                 {"size(note.text.replace('a', note.text)) == 9", v1beta1.TaskPassed},
		"replace in every place":  {"size(note.text.replace('', note.text)) == 15", v1beta1.TaskPassed},
		"replace so many times":   {"size(note.text.replace('a', note.text, 900000)) == 9", v1beta1.TaskPassed},
		"join":                    {"size(lists.range(9000).map(i, note.text).join('')) == 27000", v1beta1.TaskPassed},
		"join by something":       {"size(['', '', ''].join(note.text + note.text)) == 12", v1beta1.TaskPassed},
		"format":                  {"'%s%s%s%s'.format([note.text, note.text, [note.text], {'a': note.text}]).startsWith('aaaaaa')", v1beta1.TaskPassed},
		"format to many digits":   {"size((size(note.text) > 3 ? '%.9999999f' : '%.1f').format([1.0])) == 3", v1beta1.TaskPassed},
		"format beyond counting":  {"size((size(note.text) > 3 ? '%.99999999999999999999f' : '%.1f').format([1.0])) == 3", v1beta1.TaskPassed},
		"flatten":                 {"lists.range(9000).map(i, note.list).flatten().size() == 18000", v1beta1.TaskPassed},
		"flatten through levels":  {"lists.range(90).map(i, lists.range(100).map(i, note.list)).flatten(2).size() == 18000", v1beta1.TaskPassed},
		"what is of another type": {"note.list.replace('a', 'b') == ''", v1beta1.TaskPending},
	}
	little := Observation{State: Seen, Value: map[string]any{"text": "aaa", "list": []any{"1", "2"}}}
	long := make([]any, 900)
	for i := range long {
		long[i] = "1"
	}
	much := Observation{State: Seen, Value: map[string]any{"text": strings.Repeat("a", 900_000), "list": long}}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := spec(aTask("grow", tc.expression))
			s.Evidence = append(s.Evidence, object("note", "v1", "ConfigMap", "note"))
			e := mustCompile(t, s)
			in := input()
			in.Evidence["note"] = little
			if got := evaluate(t, e, in).Tasks[0]; got.State != tc.wantOnLittle {
				t.Errorf("on little it is %s: %v", got.State, got.Checks)
			}
			in.Evidence["note"] = much
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := evaluate(t, e, in)
			runtime.ReadMemStats(&after)
			if got.Tasks[0].State != v1beta1.TaskPending || got.Faults != nil {
				t.Errorf("on much it is %s, faults %v", got.Tasks[0].State, got.Faults)
			}
			if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 64 {
				t.Errorf("it takes %d MiB", took)
			}
		})
	}
}

func TestWhatAnAuthorWritesDoesNotGrow(t *testing.T) {
	grown := "'x'.replace('x', '" + strings.Repeat("y", 500) + "').replace('y', '" + strings.Repeat("z", 500) + "').replace('z', '" + strings.Repeat("x", 900) + "') == 'a'"
	_, problems := Compile(spec(aTask("grow", grown)))
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "costs too much") {
		t.Errorf("problems %v", problems)
	}
}
