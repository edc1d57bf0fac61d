package check

import (
	"fmt"
	"regexp"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"k8s.io/apiserver/pkg/cel/environment"

	"github.com/lab-operator/lab-operator/internal/kube"
)

// Names of the variables that every expression has beside the evidence.
const (
	varLab    = "lab"
	varNow    = "now"
	varDone   = "done"
	varParams = "params"
)

// namePattern is what the API demands of the names of evidence, tasks and recorded values.
var namePattern = regexp.MustCompile(`^[a-z][a-zA-Z0-9]{0,30}$`)

// baseEnvironment is the language of all expressions: that of one Kubernetes version, whatever version the cluster and
// the libraries have, so that an exercise means the same everywhere and for as long as labs are pinned to it.
func baseEnvironment() *cel.Env {
	return environment.MustBaseEnvSet(kube.Version()).NewExpressionsEnv()
}

// newEnvironment declares the variables of an exercise. Evidence is dynamically typed: with the types of a schema, raw
// objects would not be what the compiler expects, and timestamp(...) on them would fail.
func newEnvironment(evidence []string) (*cel.Env, error) {
	base := baseEnvironment()
	options, err := boundedFunctions(base)
	if err != nil {
		return nil, err
	}
	options = append(options,
		cel.Variable(varLab, cel.DynType),
		cel.Variable(varNow, cel.TimestampType),
		cel.Variable(varDone, cel.DynType),
		cel.Variable(varParams, cel.DynType),
		containerFunction(),
	)
	for _, name := range evidence {
		options = append(options, cel.Variable(name, cel.DynType))
	}
	env, err := base.Extend(options...)
	if err != nil {
		return nil, fmt.Errorf("declaring the evidence: %w", err)
	}
	return env, nil
}

// isVariableName tells whether the language takes the name for a variable rather than for a word of its own.
func isVariableName(name string) bool {
	parsed, issues := baseEnvironment().Parse(name)
	if issues.Err() != nil {
		return false
	}
	expr := parsed.NativeRep().Expr()
	return expr.Kind() == ast.IdentKind && expr.AsIdent() == name
}
