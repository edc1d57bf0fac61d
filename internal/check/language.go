package check

import (
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/kube"
)

// Language is what expressions are written in: the CEL environment of one version of Kubernetes, whatever version the
// cluster and the libraries have. An exercise means the same everywhere and for as long as labs are pinned to it.
type Language struct{ version *version.Version }

// oldestLanguage is the first that exercises were pinned with.
func oldestLanguage() *version.Version { return version.MajorMinor(1, 37) }

// CurrentLanguage is the one that exercises are written in now.
func CurrentLanguage() Language { return Language{kube.Version()} }

// ParseLanguage reads the name of a language, as in 1.37. An error says why this operator does not have it.
func ParseLanguage(name string) (Language, error) {
	parsed, err := version.ParseMajorMinor(name)
	if err != nil || (Language{parsed}).String() != name {
		return Language{}, fmt.Errorf("%q is no version of the language of checks, which look like %s", name, CurrentLanguage())
	}
	if parsed.LessThan(oldestLanguage()) || parsed.GreaterThan(kube.Version()) {
		return Language{}, fmt.Errorf("this version of the operator has the languages %s to %s of checks, and not %s",
			Language{oldestLanguage()}, CurrentLanguage(), name)
	}
	return Language{parsed}, nil
}

// String is the name of the language, as in 1.37.
func (l Language) String() string { return fmt.Sprintf("%d.%d", l.version.Major(), l.version.Minor()) }

// Compile compiles every expression of an exercise that is written in this language. With any problem the Exercise is nil.
func (l Language) Compile(spec *v1beta1.ExerciseSpec) (*Exercise, []Problem) {
	b := &builder{language: l, exercise: &Exercise{sources: map[string]source{}}}
	return b.build(spec)
}

// base is the environment without what an exercise declares.
func (l Language) base() *cel.Env {
	return environment.MustBaseEnvSet(l.version).NewExpressionsEnv()
}

// isVariableName tells whether the language takes the name for a variable rather than for a word of its own.
func (l Language) isVariableName(name string) bool {
	parsed, issues := l.base().Parse(name)
	if issues.Err() != nil {
		return false
	}
	expr := parsed.NativeRep().Expr()
	return expr.Kind() == ast.IdentKind && expr.AsIdent() == name
}
