package check

import (
	"fmt"
	"regexp"

	"github.com/google/cel-go/cel"
)

// Names of the variables that every expression has beside the evidence.
const (
	varLab    = "lab"
	varNow    = "now"
	varDone   = "done"
	varParams = "params"
)

// namePattern is what the API demands of the names of evidence, tasks and outputs.
var namePattern = regexp.MustCompile(`^[a-z][a-zA-Z0-9]{0,30}$`)

// newEnvironment declares the variables of an exercise. Evidence is dynamically typed: with the types of a schema, raw
// objects would not be what the compiler expects, and timestamp(...) on them would fail.
func newEnvironment(language Language, evidence []string) (*cel.Env, error) {
	base := language.base()
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
