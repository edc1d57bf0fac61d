package check

import (
	"fmt"
	"slices"
	"time"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/params"
)

// judge is one evaluation under way.
type judge struct {
	exercise *Exercise
	in       Input
	pass     *pass
	// passed are the tasks that have ever been passed, this evaluation included.
	passed map[string]bool
	result Result
	// faults of the task that is being judged.
	faults []string
}

func (j *judge) task(t *task) TaskResult {
	before := j.stateOf(t.name)
	out := TaskResult{Name: t.name, OpenedAt: before.OpenedAt, PassedAt: before.PassedAt, Outputs: before.Outputs}
	if !before.PassedAt.IsZero() {
		j.passed[t.name] = true
		if !t.continuous {
			out.State = v1beta1.TaskPassed
			return out
		}
	}
	if slices.ContainsFunc(t.dependsOn, func(name string) bool { return !j.passed[name] }) {
		out.State, out.OpenedAt = v1beta1.TaskLocked, time.Time{}
		return out
	}
	// A clock that was set back must not keep hints back.
	if out.OpenedAt.IsZero() || out.OpenedAt.After(j.in.Now) {
		out.OpenedAt = j.in.Now.Truncate(time.Second)
	}
	out.State = v1beta1.TaskPassed
	for i := range t.clauses {
		result := j.clause(&t.clauses[i])
		out.Checks = append(out.Checks, result)
		out.State = worse(out.State, result.State)
	}
	if out.State == v1beta1.TaskPassed {
		j.conclude(t, &out)
	}
	if out.State != v1beta1.TaskPassed {
		out.Hints = j.hints(t, out.OpenedAt)
	}
	// A Once task that was just passed has nothing left to wait for.
	if t.usesNow && (t.continuous || out.State != v1beta1.TaskPassed) {
		j.recheck(NowInterval)
	}
	return out
}

// conclude decides on a task all of whose checks hold.
func (j *judge) conclude(t *task, out *TaskResult) {
	if t.holdFor > 0 {
		seen := j.seenOver(t.decides)
		since, held := j.in.Holds[t.name]
		// A gap in seeing restarts a hold, and a clock that was set back must not make it last forever.
		if !held || since.Before(seen.unbroken) || since.After(j.in.Now) {
			since = seen.newest
		}
		j.result.Holds[t.name] = since
		if left := t.holdFor - seen.oldest.Sub(since); left > 0 {
			if seen.polled {
				left = max(left, pollInterval)
			}
			j.recheck(left)
			out.State = v1beta1.TaskPending
			out.add(v1beta1.CheckResult{
				Expected: fmt.Sprintf("this stays so for %s", t.holdFor),
				Observed: "it is so now: leave it as it is",
				State:    v1beta1.CheckPending,
			})
			return
		}
	}
	if out.PassedAt.IsZero() {
		outputs, unmet := j.outputs(t)
		if unmet != nil {
			out.State = worse(out.State, unmet.State)
			out.add(*unmet)
			return
		}
		out.Outputs = outputs
		out.PassedAt = j.in.Now.Truncate(time.Second)
		j.passed[t.name] = true
		j.pass.variables[varDone].(map[string]any)[t.name] = doneOf(out.PassedAt, outputs)
	}
	if !t.continuous {
		delete(j.result.Holds, t.name)
	}
}

// sight is when the evidence that a verdict rests on was looked at.
type sight struct {
	// oldest and newest are the times of the looks: now for what is watched.
	oldest, newest time.Time
	// unbroken is since when there was no gap in looking at any of it.
	unbroken time.Time
	// polled says that some of it is looked at from time to time only.
	polled bool
}

// seenOver tells when some evidence was looked at.
func (j *judge) seenOver(evidence []string) sight {
	s := sight{oldest: j.in.Now, newest: j.in.Now}
	var polled []time.Time
	for _, name := range evidence {
		observed := j.in.Evidence[name]
		// What was seen later than now was seen before the clock was set back, which is no gap.
		if observed.Since.After(s.unbroken) && !observed.Since.After(j.in.Now) {
			s.unbroken = observed.Since
		}
		if !observed.At.IsZero() {
			polled = append(polled, observed.At)
		}
	}
	if len(polled) > 0 {
		s.polled = true
		s.oldest = slices.MinFunc(polled, time.Time.Compare)
		s.newest = slices.MaxFunc(polled, time.Time.Compare)
	}
	return s
}

// add appends a result that is not of a check. Where all places are taken, it replaces a check that holds.
func (r *TaskResult) add(result v1beta1.CheckResult) {
	if len(r.Checks) >= ResultsPerTask {
		r.Checks = r.Checks[:ResultsPerTask-1]
	}
	r.Checks = append(r.Checks, result)
}

// hints are the texts of the hints that are due. The next one that is not will be looked at in time.
func (j *judge) hints(t *task, openedAt time.Time) []string {
	var due []string
	for _, hint := range t.hints {
		if left := hint.After.Duration - j.in.Now.Sub(openedAt); left > 0 {
			j.recheck(left)
		} else {
			due = append(due, params.Expand(hint.Text, j.in.Params))
		}
	}
	return due
}

func (j *judge) recheck(after time.Duration) {
	if j.result.Recheck == 0 || after < j.result.Recheck {
		j.result.Recheck = after
	}
}

func (j *judge) stateOf(name string) TaskState {
	for _, t := range j.in.Tasks {
		if t.Name == name {
			return t
		}
	}
	return TaskState{Name: name}
}

// worse is the state of a task in the given state, one of whose checks came to result.
func worse(state v1beta1.TaskState, result v1beta1.CheckState) v1beta1.TaskState {
	switch {
	case state == v1beta1.TaskError || result == v1beta1.CheckError:
		return v1beta1.TaskError
	case state == v1beta1.TaskPending || result == v1beta1.CheckPending:
		return v1beta1.TaskPending
	}
	return state
}
