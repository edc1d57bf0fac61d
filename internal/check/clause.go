package check

import (
	"fmt"

	"github.com/google/cel-go/common/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/params"
	"github.com/lab-operator/lab-operator/internal/text"
)

// Sentences for learners on why nothing can be said yet.
const (
	notLookedAt = "not looked at yet"
	tooLarge    = "too large to inspect within the limits: make it smaller"
	outOfTime   = "could not be judged in time: it is tried again"
	notSo       = "it is not so yet"
	// wayBack follows the sentence that an object of the setup is not there.
	wayBack = ": the lab began with it. Create it again, or start a fresh environment: set spec.environment of the Lab to Absent, then to Present"
)

// clause judges one check, on its own: what one check is about must not hide an error in another.
func (j *judge) clause(c *clause) v1beta1.CheckResult {
	result := v1beta1.CheckResult{Expected: text.OneLine(params.Expand(c.expected, j.in.Params), TextLength), State: v1beta1.CheckPending}
	if blocked := j.blocked(c.holds); blocked != nil {
		result.State, result.Observed = blocked.state, blocked.observed
		return result
	}
	value, outcome, err := c.holds.evaluate(j.pass)
	switch outcome {
	case tooCostly:
		result.Observed = tooLarge
	case interrupted:
		result.Observed = j.interrupted()
	case broken:
		result.State, result.Observed = v1beta1.CheckError, j.fault("%s cannot be evaluated: %v", c.label, err)
	case refused:
		result.Observed = j.observed(c, func() string { return j.exercise.explain(c.holds, j.in.Evidence, err) })
	case returned:
		switch value {
		case types.True:
			result.State = v1beta1.CheckPassed
		case types.False:
			result.Observed = j.observed(c, func() string { return j.exercise.describe(c.holds, j.in.Evidence) })
		default:
			result.State, result.Observed = v1beta1.CheckError,
				j.fault("%s returned %s where it must return a bool: correct its expression", c.label, value.Type().TypeName())
		}
	}
	return result
}

// observed is what the author's expression says was found, or the operator's own words when it cannot be evaluated.
func (j *judge) observed(c *clause, own func() string) string {
	if c.observed != nil && j.blocked(c.observed) == nil {
		if value, outcome, _ := c.observed.evaluate(j.pass); outcome == returned {
			if words, ok := value.(types.String); ok && words != "" {
				return text.OneLine(string(words), TextLength)
			}
		}
	}
	return text.OneLine(own(), TextLength)
}

// blockage says why an expression cannot be evaluated for lack of evidence.
type blockage struct {
	state    v1beta1.CheckState
	observed string
}

// blocked looks at the evidence of an expression. The platform's failures come first, then what has not been looked at:
// with those nothing can be said of the learner's work.
func (j *judge) blocked(p *program) *blockage {
	var names [3]string
	for _, name := range p.evidence {
		rank := 2
		switch j.in.Evidence[name].State {
		case Seen:
			continue
		case Failed:
			rank = 0
		case NotSynced:
			rank = 1
		}
		if names[rank] == "" {
			names[rank] = name
		}
	}
	for _, name := range names {
		if name != "" {
			return j.block(name, j.in.Evidence[name])
		}
	}
	return nil
}

func (j *judge) block(name string, evidence Observation) *blockage {
	observed := text.OneLine(evidence.Detail, TextLength)
	switch evidence.State {
	case NotSynced:
		j.result.Incomplete = true
		return &blockage{state: v1beta1.CheckPending, observed: notLookedAt}
	case Failed:
		if observed == "" {
			observed = "it could not be read"
		}
		j.fault("evidence %s cannot be read: %s", name, observed)
		return &blockage{state: v1beta1.CheckError, observed: observed}
	}
	if observed == "" {
		observed = j.exercise.sources[name].absence(evidence.State)
	}
	// Before the lab has begun the setup is on its way.
	if evidence.State == Missing && j.exercise.sources[name].given && j.result.Tasks != nil {
		observed = text.OneLine(observed+wayBack, TextLength)
	}
	return &blockage{state: v1beta1.CheckPending, observed: observed}
}

func (j *judge) interrupted() string {
	j.result.Incomplete = true
	j.recheck(NowInterval)
	return outOfTime
}

// fault notes what the author or the platform has to repair.
func (j *judge) fault(format string, args ...any) string {
	fault := text.OneLine(fmt.Sprintf(format, args...), TextLength)
	j.faults = append(j.faults, fault)
	return fault
}
