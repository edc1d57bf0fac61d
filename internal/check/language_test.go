package check

import (
	"strings"
	"testing"

	"github.com/lab-operator/lab-operator/internal/kube"
)

func TestParseLanguage(t *testing.T) {
	next := kube.Version().WithMinor(kube.Version().Minor() + 1)
	tests := map[string]struct{ name, err string }{
		"the current one":    {name: CurrentLanguage().String()},
		"the oldest one":     {name: "1.37"},
		"a later one":        {name: Language{next}.String(), err: "this version of the operator has the languages 1.37 to "},
		"an earlier one":     {name: "1.36", err: "and not 1.36"},
		"a patch version":    {name: "1.37.1", err: "is no version of the language of checks"},
		"a version with a v": {name: "v1.37", err: "is no version of the language of checks"},
		"no version":         {name: "cel", err: `"cel" is no version of the language of checks`},
		"nothing":            {name: "", err: "is no version of the language of checks"},
		"a padded version":   {name: "1.037", err: "is no version of the language of checks"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseLanguage(tc.name)
			switch {
			case tc.err == "" && (err != nil || got.String() != tc.name):
				t.Errorf("language %v, error %v", got, err)
			case tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)):
				t.Errorf("error %v, want one with: %s", err, tc.err)
			}
		})
	}
}

func TestExercisesAreCompiledInTheirLanguage(t *testing.T) {
	language, err := ParseLanguage("1.37")
	if err != nil {
		t.Fatal(err)
	}
	if _, problems := language.Compile(spec(aTask("a", "size(pods) == 1"))); len(problems) > 0 {
		t.Errorf("problems %v", problems)
	}
	if _, problems := language.Compile(spec(aTask("a", "size(pods)"))); len(problems) != 1 {
		t.Errorf("problems %v, want that of the type", problems)
	}
}
