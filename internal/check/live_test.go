package check

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLiveValues(t *testing.T) {
	long := strings.Repeat("x", 300)
	tests := map[string]struct {
		expression  string
		change      func(*Input)
		want        []any
		wantPending string
		wantErr     string
	}{
		"a number":                     {expression: "hpa.spec.maxReplicas", want: []any{int64(5)}},
		"a count":                      {expression: "size(pods)", want: []any{int64(2)}},
		"a decimal":                    {expression: "hpa.status.ratio", want: []any{0.5}},
		"a text":                       {expression: "pods[0].metadata.name", want: []any{"web-1"}},
		"several are right":            {expression: "pods.map(p, p.metadata.name)", want: []any{"web-1", "web-2"}},
		"an optional":                  {expression: "hpa.spec.?maxReplicas", want: []any{int64(5)}},
		"an optional list":             {expression: "optional.of(pods.map(p, p.metadata.name))", want: []any{"web-1", "web-2"}},
		"an empty optional":            {expression: "hpa.spec.?behavior", wantPending: "there is no value yet"},
		"an empty list":                {expression: "pods.filter(p, p.status.phase == 'Failed').map(p, p.metadata.name)", wantPending: "there is no value yet"},
		"null":                         {expression: "web.spec.paused", wantPending: "there is no value yet"},
		"a text that nobody can type":  {expression: "[lab.name, dyn('" + long + "')]", want: []any{"hpa"}},
		"a field that is not set":      {expression: "hpa.status.currentReplicas", wantPending: "the field status.currentReplicas of HorizontalPodAutoscaler web is not set"},
		"too many are right":           {expression: "lists.range(101)", wantPending: tooLarge},
		"no single value":              {expression: "hpa.spec", wantErr: "the expected value is of type map: it must be a text, a number, or a list of them"},
		"an object that is missing":    {expression: "hpa.spec.maxReplicas", change: func(in *Input) { in.Evidence["hpa"] = Observation{State: Missing} }, wantPending: "there is no HorizontalPodAutoscaler named web"},
		"an object nobody looked at":   {expression: "hpa.spec.maxReplicas", change: func(in *Input) { in.Evidence = nil }, wantPending: "not looked at yet"},
		"an object that is unreadable": {expression: "hpa.spec.maxReplicas", change: func(in *Input) { in.Evidence["hpa"] = Observation{State: Failed, Detail: "forbidden"} }, wantErr: "evidence hpa cannot be read: forbidden"},
		"a task that has not passed":   {expression: "done.first.uid", wantPending: "the task first has to be passed first"},
		"a task that has passed": {expression: "done.first.uid", want: []any{"u-9"}, change: func(in *Input) {
			in.Tasks = []TaskState{{Name: "first", PassedAt: start, Record: map[string]string{"uid": "u-9"}}}
		}},
		"too large": {expression: "lists.range(size(pods) * 9000).filter(n, n > 7).size()",
			change: func(in *Input) { in.Evidence["pods"] = manyPods(100) }, wantPending: tooLarge},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			in := input()
			if tc.change != nil {
				tc.change(&in)
			}
			live, err := CompileLive(spec(withRecord(aTask("first", "true"), "uid", "web.metadata.uid")), tc.expression)
			if err != nil {
				t.Fatal(err)
			}
			values, pending, err := live.values(t.Context(), in)
			if diff := cmp.Diff(tc.want, values); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			if pending != tc.wantPending {
				t.Errorf("pending is %q, want %q", pending, tc.wantPending)
			}
			if tc.wantErr == "" && err != nil || tc.wantErr != "" && (err == nil || err.Error() != tc.wantErr) {
				t.Errorf("error is %v, want %q", err, tc.wantErr)
			}
		})
	}
}

func TestLiveIsRefused(t *testing.T) {
	tests := map[string]struct{ expression, want string }{
		"does not compile":           {"size(pods) +", "does not compile: Syntax error: "},
		"evidence that is not there": {"db.spec", "does not compile: db is neither evidence nor a function"},
		"a map":                      {"{'a': 1}", "returns map(string, int): it must return a text, a number, or a list of them"},
		"a list of lists":            {"[[1]]", "returns list(list(int)): it must return a text, a number, or a list of them"},
		"a moment":                   {"now", "returns google.protobuf.Timestamp: it must return a text, a number, or a list of them"},
		"an unknown task":            {"done.z.uid", "uses done.z: the exercise has no task z"},
		"too long":                   {"'" + strings.Repeat("x", 2047) + "'", "has 2049 characters: write it in at most 2048"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := CompileLive(spec(aTask("a", "true")), tc.expression); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("error is %v, want %q", err, tc.want)
			}
		})
	}
}

func TestLiveHasNoStateOfItsOwn(t *testing.T) {
	live, err := CompileLive(spec(aTask("a", "true")), "size(pods)")
	if err != nil {
		t.Fatal(err)
	}
	for count := range 5 {
		in := input()
		in.Now = start.Add(time.Duration(count) * time.Second)
		in.Evidence["pods"] = manyPods(count)
		values, _, _ := live.Values(t.Context(), in)
		if diff := cmp.Diff([]any{int64(count)}, values); diff != "" {
			t.Errorf("values (-want +got):\n%s", diff)
		}
	}
}
