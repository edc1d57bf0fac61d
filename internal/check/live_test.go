package check

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestLiveValues(t *testing.T) {
	const (
		number = "it must return a number, or a list of them where several are right"
		word   = "it must return a text, or a list of them where several are right"
		choice = "it must return the name of an option, or a list of them where several are right"
		set    = "it must return a list of the names of all right options"
		noMax  = "the field status.currentReplicas of HorizontalPodAutoscaler web is not set"
	)
	long := strings.Repeat("x", 300)
	tests := map[string]struct {
		form        v1beta1.QuestionType
		expression  string
		change      func(*Input)
		want        []any
		wantPending string
		wantRecheck time.Duration
		wantErr     string
	}{
		"a number":                  {form: v1beta1.QuestionTypeNumber, expression: "hpa.spec.maxReplicas", want: []any{int64(5)}},
		"a count":                   {form: v1beta1.QuestionTypeNumber, expression: "size(pods)", want: []any{int64(2)}},
		"a decimal":                 {form: v1beta1.QuestionTypeNumber, expression: "hpa.status.ratio", want: []any{0.5}},
		"an unsigned number":        {form: v1beta1.QuestionTypeNumber, expression: "uint(size(pods))", want: []any{uint64(2)}},
		"several numbers are right": {form: v1beta1.QuestionTypeNumber, expression: "[dyn(1), hpa.status.ratio]", want: []any{int64(1), 0.5}},
		"a text for a number":       {form: v1beta1.QuestionTypeNumber, expression: "hpa.metadata.name", wantErr: "its expression returned a value of type string: " + number},
		"what a learner typed, made a number": {form: v1beta1.QuestionTypeNumber, expression: "int(web.metadata.annotations['a/b'])",
			wantPending: "what is there does not fit: type conversion error from 'string' to 'int'"},
		"a bool for a number":          {form: v1beta1.QuestionTypeNumber, expression: "dyn(true)", wantErr: "its expression returned a value of type bool: " + number},
		"a text among numbers":         {form: v1beta1.QuestionTypeNumber, expression: "[dyn(1), hpa.metadata.name]", wantErr: "its expression returned a value of type string: " + number},
		"a text":                       {form: v1beta1.QuestionTypeText, expression: "pods[0].metadata.name", want: []any{"web-1"}},
		"several texts are right":      {form: v1beta1.QuestionTypeText, expression: "pods.map(p, p.metadata.name)", want: []any{"web-1", "web-2"}},
		"a number for a text":          {form: v1beta1.QuestionTypeText, expression: "hpa.spec.maxReplicas", wantErr: "its expression returned a value of type int: " + word},
		"an option":                    {form: v1beta1.QuestionTypeChoice, expression: "size(pods) > 1 ? 'many' : 'one'", want: []any{"many"}},
		"several options are right":    {form: v1beta1.QuestionTypeChoice, expression: "[dyn('many'), pods[0].metadata.name]", want: []any{"many", "web-1"}},
		"a number for an option":       {form: v1beta1.QuestionTypeChoice, expression: "hpa.spec.maxReplicas", wantErr: "its expression returned a value of type int: " + choice},
		"a set of options":             {form: v1beta1.QuestionTypeMultiChoice, expression: "pods.map(p, p.metadata.name)", want: []any{"web-1", "web-2"}},
		"a set with an optional":       {form: v1beta1.QuestionTypeMultiChoice, expression: "[dyn('a'), ?hpa.spec.?behavior, ?pods[0].metadata.?name]", want: []any{"a", "web-1"}},
		"an optional set":              {form: v1beta1.QuestionTypeMultiChoice, expression: "optional.of(['a'])", want: []any{"a"}},
		"one option for a set":         {form: v1beta1.QuestionTypeMultiChoice, expression: "hpa.metadata.name", wantErr: "its expression returned a value of type string: " + set},
		"a set with a number":          {form: v1beta1.QuestionTypeMultiChoice, expression: "[dyn('a'), hpa.spec.maxReplicas]", wantErr: "its expression returned a value of type int: " + set},
		"nothing is left out of a set": {form: v1beta1.QuestionTypeMultiChoice, expression: "['a', '" + long + "']", want: []any{"a", long}},
		"an empty set":                 {form: v1beta1.QuestionTypeMultiChoice, expression: "pods.filter(p, false).map(p, p.metadata.name)", wantPending: "there is no value yet"},
		"no set":                       {form: v1beta1.QuestionTypeMultiChoice, expression: "web.spec.paused", wantPending: "there is no value yet"},
		"an optional":                  {form: v1beta1.QuestionTypeNumber, expression: "hpa.spec.?maxReplicas", want: []any{int64(5)}},
		"an optional list":             {form: v1beta1.QuestionTypeText, expression: "optional.of(pods.map(p, p.metadata.name))", want: []any{"web-1", "web-2"}},
		"an empty optional":            {form: v1beta1.QuestionTypeNumber, expression: "hpa.spec.?behavior", wantPending: "there is no value yet"},
		"an empty list":                {form: v1beta1.QuestionTypeText, expression: "pods.filter(p, p.status.phase == 'Failed').map(p, p.metadata.name)", wantPending: "there is no value yet"},
		"the largest of none": {form: v1beta1.QuestionTypeNumber, expression: "pods.filter(p, p.status.phase == 'Failed').map(p, 1).max()",
			wantPending: "there is nothing yet to find the largest, the smallest or the total of"},
		"null":                         {form: v1beta1.QuestionTypeText, expression: "web.spec.paused", wantPending: "there is no value yet"},
		"a text that nobody can type":  {form: v1beta1.QuestionTypeText, expression: "[lab.name, dyn('" + long + "')]", want: []any{"hpa"}},
		"a field that is not set":      {form: v1beta1.QuestionTypeNumber, expression: "hpa.status.currentReplicas", wantPending: noMax},
		"too many are right":           {form: v1beta1.QuestionTypeNumber, expression: "lists.range(101)", wantPending: tooLarge},
		"no single value":              {form: v1beta1.QuestionTypeNumber, expression: "hpa.spec", wantErr: "its expression returned a value of type map: " + number},
		"a list in a list":             {form: v1beta1.QuestionTypeText, expression: "[dyn(['a'])]", wantErr: "its expression returned a value of type list: " + word},
		"an object that is missing":    {form: v1beta1.QuestionTypeNumber, expression: "hpa.spec.maxReplicas", change: func(in *Input) { in.Evidence["hpa"] = Observation{State: Missing} }, wantPending: "there is no HorizontalPodAutoscaler named web"},
		"an object nobody looked at":   {form: v1beta1.QuestionTypeNumber, expression: "hpa.spec.maxReplicas", change: func(in *Input) { in.Evidence = nil }, wantPending: "not looked at yet"},
		"an object that is unreadable": {form: v1beta1.QuestionTypeNumber, expression: "hpa.spec.maxReplicas", change: func(in *Input) { in.Evidence["hpa"] = Observation{State: Failed, Detail: "forbidden"} }, wantErr: "evidence hpa cannot be read: forbidden"},
		"a task that has not passed":   {form: v1beta1.QuestionTypeText, expression: "done.first.uid", wantPending: "the task first has to be passed first"},
		"a task that has passed": {form: v1beta1.QuestionTypeText, expression: "done.first.uid", want: []any{"u-9"}, change: func(in *Input) {
			in.Tasks = []TaskState{{Name: "first", PassedAt: start, Outputs: map[string]string{"uid": "u-9"}}}
		}},
		"too large": {form: v1beta1.QuestionTypeNumber, expression: "lists.range(size(pods) * 9000).filter(n, n > 7).size()",
			change: func(in *Input) { in.Evidence["pods"] = manyPods(100) }, wantPending: tooLarge},
		"time alone changes it": {form: v1beta1.QuestionTypeNumber, expression: "(now - lab.startedAt).getMinutes()", want: []any{int64(10)}, wantRecheck: NowInterval},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			in := input()
			if tc.change != nil {
				tc.change(&in)
			}
			live, err := CompileLive(spec(withOutput(aTask("first", "true"), "uid", "web.metadata.uid")), tc.form, tc.expression)
			if err != nil {
				t.Fatal(err)
			}
			got, err := live.values(t.Context(), in)
			want := Expectation{Values: tc.want, Pending: tc.wantPending, Recheck: tc.wantRecheck}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("expectation (-want +got):\n%s", diff)
			}
			if tc.wantErr == "" && err != nil || tc.wantErr != "" && (err == nil || err.Error() != tc.wantErr) {
				t.Errorf("error is %v, want %q", err, tc.wantErr)
			}
		})
	}
}

func TestALiveAnswerThatTookTooLongIsComputedAgain(t *testing.T) {
	live, err := CompileLive(spec(aTask("a", "true")), v1beta1.QuestionTypeNumber, "size(pods)")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := live.values(ctx, input())
	want := Expectation{Pending: outOfTime, Recheck: NowInterval}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, expectation (-want +got):\n%s", err, diff)
	}
}

func TestLiveIsRefused(t *testing.T) {
	const (
		number = ": it must return a number, or a list of them where several are right"
		word   = ": it must return a text, or a list of them where several are right"
		choice = ": it must return the name of an option, or a list of them where several are right"
		set    = ": it must return a list of the names of all right options"
	)
	tests := map[string]struct {
		form             v1beta1.QuestionType
		expression, want string
	}{
		"does not compile":            {v1beta1.QuestionTypeNumber, "size(pods) +", "does not compile: Syntax error: "},
		"evidence that is not there":  {v1beta1.QuestionTypeText, "db.spec", "does not compile: db is neither evidence nor a function"},
		"a map":                       {v1beta1.QuestionTypeText, "{'a': 'b'}", "returns map(string, string)" + word},
		"a list of lists":             {v1beta1.QuestionTypeNumber, "[[1]]", "returns list(list(int))" + number},
		"a moment":                    {v1beta1.QuestionTypeText, "now", "returns google.protobuf.Timestamp" + word},
		"a text for a number":         {v1beta1.QuestionTypeNumber, "string(size(pods))", "returns string" + number},
		"texts for a number":          {v1beta1.QuestionTypeNumber, "['1']", "returns list(string)" + number},
		"an optional text, likewise":  {v1beta1.QuestionTypeNumber, "optional.of('1')", "returns optional_type(string)" + number},
		"a bool for a number":         {v1beta1.QuestionTypeNumber, "size(pods) > 1", "returns bool" + number},
		"a number for a text":         {v1beta1.QuestionTypeText, "size(pods)", "returns int" + word},
		"a bool for a text":           {v1beta1.QuestionTypeText, "size(pods) > 1", "returns bool" + word},
		"a number for an option":      {v1beta1.QuestionTypeChoice, "size(pods)", "returns int" + choice},
		"numbers for options":         {v1beta1.QuestionTypeChoice, "[1, 2]", "returns list(int)" + choice},
		"one option for a set":        {v1beta1.QuestionTypeMultiChoice, "size(pods) > 1 ? 'a' : 'b'", "returns string" + set},
		"an optional one, likewise":   {v1beta1.QuestionTypeMultiChoice, "optional.of('a')", "returns optional_type(string)" + set},
		"numbers for a set":           {v1beta1.QuestionTypeMultiChoice, "[1]", "returns list(int)" + set},
		"a form that nobody knows of": {"Essay", "'a'", "the form Essay is not known here"},
		"an unknown task":             {v1beta1.QuestionTypeText, "done.z.uid", "uses done.z: the exercise has no task z"},
		"too long":                    {v1beta1.QuestionTypeText, "'" + strings.Repeat("x", 2047) + "'", "has 2049 characters: write it in at most 2048"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := CompileLive(spec(aTask("a", "true")), tc.form, tc.expression); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("error is %v, want %q", err, tc.want)
			}
		})
	}
}

func TestLiveNeedsWhatItLooksAt(t *testing.T) {
	live, err := CompileLive(spec(aTask("a", "true")), v1beta1.QuestionTypeNumber, "web.spec.replicas + pods.filter(p, web.metadata.name == lab.name).size()")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"web", "pods"}, live.Needs()); diff != "" {
		t.Errorf("needs (-want +got):\n%s", diff)
	}
}

func TestLiveHasNoStateOfItsOwn(t *testing.T) {
	live, err := CompileLive(spec(aTask("a", "true")), v1beta1.QuestionTypeNumber, "size(pods)")
	if err != nil {
		t.Fatal(err)
	}
	for count := range 5 {
		in := input()
		in.Now = start.Add(time.Duration(count) * time.Second)
		in.Evidence["pods"] = manyPods(count)
		got, err := live.Values(t.Context(), in)
		if diff := cmp.Diff([]any{int64(count)}, got.Values); diff != "" || err != nil {
			t.Errorf("error %v, values (-want +got):\n%s", err, diff)
		}
	}
}
