package params

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func numbers(low, high, step int64) v1beta1.Param {
	return v1beta1.Param{Name: "n", Range: &v1beta1.ParamRange{Min: low, Max: high, Step: step}}
}

func texts(options ...string) v1beta1.Param {
	return v1beta1.Param{Name: "t", OneOf: options}
}

func TestEveryValueIsDrawnBySomeone(t *testing.T) {
	tests := map[string]struct {
		param v1beta1.Param
		want  []string
	}{
		"numbers":           {numbers(2, 5, 0), []string{"2", "3", "4", "5"}},
		"numbers in steps":  {numbers(-10, 10, 10), []string{"-10", "0", "10"}},
		"a step over max":   {numbers(1, 4, 2), []string{"1", "3"}},
		"one of some texts": {texts("red", "green", "blue"), []string{"red", "green", "blue"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			want, got := map[string]bool{}, map[string]bool{}
			for _, value := range tc.want {
				want[value] = true
			}
			for i := range 200 {
				got[Draw(fmt.Sprintf("default/lab-%d", i), []v1beta1.Param{tc.param}, nil)[tc.param.Name]] = true
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("drawn (-want +got):\n%s", diff)
			}
		})
	}
}

func TestADrawStays(t *testing.T) {
	tests := map[string]struct {
		offered v1beta1.Param
		before  string
		stays   bool
	}{
		"a number that is offered":          {numbers(1, 9, 2), "3", true},
		"a number between the steps":        {numbers(1, 9, 2), "4", false},
		"a number out of the range":         {numbers(1, 9, 2), "11", false},
		"a text where a number is due":      {numbers(1, 9, 2), "red", false},
		"a text that is offered":            {texts("red", "green"), "green", true},
		"a text that is not offered longer": {texts("red", "green"), "blue", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			offered := []v1beta1.Param{tc.offered}
			got := Draw("default/hpa", offered, map[string]string{tc.offered.Name: tc.before, "gone": "x"})
			if (got[tc.offered.Name] == tc.before) != tc.stays || len(got) != 1 {
				t.Errorf("drew %v after %s, want it to stay: %v", got, tc.before, tc.stays)
			}
			if again := Draw("default/hpa", offered, got); !cmp.Equal(got, again) {
				t.Errorf("drew %v, then %v", got, again)
			}
		})
	}
}

func TestValuesHaveTypes(t *testing.T) {
	offered := []v1beta1.Param{numbers(1, 9, 1), texts("1", "2"), {Name: "later", OneOf: []string{"a", "b"}}}
	got := Values(offered, map[string]string{"n": "7", "t": "2", "unknown": "x"})
	if diff := cmp.Diff(map[string]any{"n": int64(7), "t": "2"}, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestExpand(t *testing.T) {
	values := map[string]any{"port": int64(8080), "color": "red"}
	text := "Listen on $(params.port) in $(params.color); $(params.size), $(PORT) and $params.port stay"
	want := "Listen on 8080 in red; $(params.size), $(PORT) and $params.port stay"
	if got := Expand(text, values); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if diff := cmp.Diff([]string{"port", "color", "size"}, References(text)); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
}
