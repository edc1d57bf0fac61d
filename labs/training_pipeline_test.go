package labs

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

const (
	// ungated is the pipeline without its gate, and late the one whose gate comes after training.
	ungated = `{initContainers: [{name: ingest, args: [ingest]}, {name: train, args: [train]}], containers: [{name: submit, args: [submit]}]}`
	late    = `{initContainers: [{name: train, args: [train]}, {name: validate, args: [validate]}], containers: [{name: submit, args: [submit]}]}`
	// inMain trains in the main container, behind a gate that is named by its command.
	inMain = `{initContainers: [{name: check, command: [/workload, pipeline, validate]}], containers: [{name: all, args: [train]}]}`
	// sidecar is a gate that nothing waits for.
	sidecar = `{initContainers: [{name: validate, restartPolicy: Always, args: [validate]}, {name: train, args: [train]}], containers: [{name: submit, args: [submit]}]}`
)

// template is a patch that gives the CronJob other containers.
func template(spec string) string {
	return `line: {spec: {jobTemplate: {spec: {template: {spec: ` + spec + `}}}}}`
}

// skipped is the schedule where a deadline lets the tick pass that comes during a run, with another run begun at a time of 10:11.
func skipped(other string) string {
	const owner = `ownerReferences: [{kind: CronJob, name: line, uid: c-1}]`
	job := func(name, scheduled, created, status string) string {
		return `{metadata: {name: ` + name + `, uid: ` + name + `, creationTimestamp: "2026-11-28T10:` + created + `Z", ` + owner +
			`, annotations: {batch.kubernetes.io/cronjob-scheduled-timestamp: "2026-11-28T10:` + scheduled + `Z"}}, status: ` + status + `}`
	}
	return `jobs: [` + job("j-3", "11:00", "11:00", `{completionTime: "2026-11-28T10:12:18Z"}`) + `, ` + job("j-4", "13:00", "13:00", `{}`) + other + `]`
}

func TestTrainingPipelineVerdicts(t *testing.T) {
	batch := func(fields string) string {
		return `registry: {json: {batches: [{number: 2, state: taken, takenAt: "2026-11-28T10:06:02Z", pod: second-x, from: 10.0.0.2, training: false, refused: false, badPercent: 0, error: 0` +
			fields + `}]}}`
	}
	judgeAll(t, "training-pipeline", "scheduled", nil, map[string]verdict{
		"gate: in the CronJob":                      {task: "gate"},
		"gate: before the main container":           {task: "gate", patch: template(inMain)},
		"gate: never in the CronJob":                {task: "gate", patch: template(ungated), says: "its containers: ingest, train, submit"},
		"gate: after training in the CronJob":       {task: "gate", patch: template(late), says: "its containers: train, validate, submit"},
		"gate: nothing waits for it":                {task: "gate", patch: template(sidecar), says: "its containers: validate, train, submit"},
		"gate: the CronJob deleted":                 {task: "gate", patch: `line: null`, says: "there is no CronJob named line: the lab began with it. Create it again, or start a fresh environment"},
		"gate: it failed by itself":                 {task: "gate", patch: batch(""), says: "batch 2: the container validate of pod second-x failed with exit code 1 and refused nothing"},
		"gate: it let the batch through":            {task: "gate", patch: batch(", pod: first-x, state: trained, error: 90.1"), says: "it has refused none: batch 2 has a model with an error of 90.1 euros"},
		"gate: an ordinary batch refused":           {task: "gate", patch: batch(", refused: true, state: rejected, badPercent: 2.1"), says: "it refused an ordinary batch"},
		"gate: refused before the first model":      {task: "gate", patch: batch(`, refused: true, state: rejected, badPercent: 38.2, takenAt: "2026-11-28T10:00:30Z"`), says: "it has taken no batch since"},
		"firstModel: served":                        {task: "firstModel"},
		"firstModel: submitted by somebody else":    {task: "firstModel", patch: `registry: {json: {batches: [{number: 1, state: trained, takenAt: "2026-11-28T10:01:02Z", pod: first-x, from: 10.0.0.9, training: true, refused: false, badPercent: 0, error: 0.4}]}}`, says: "another address (10.0.0.9) submitted the model"},
		"gate: refused in the name of its pod":      {task: "gate", patch: batch(`, refused: true, state: rejected, badPercent: 38.2, from: 127.0.0.1`), says: "the refusal came from another address, 127.0.0.1"},
		"goodAgain: a later batch serves":           {task: "goodAgain"},
		"goodAgain: the gate gone from the CronJob": {task: "goodAgain", patch: template(ungated), says: "the containers of line: ingest, train, submit"},
		"goodAgain: the pod of the model had none":  {task: "goodAgain", patch: `registry: {json: {serving: {pod: first-x}}}`, says: "Those of the pod of the model: ingest, train, submit"},
		"goodAgain: the pod of the model is gone":   {task: "goodAgain", patch: `pods: []`, says: "The pod line-3-x of the model is gone: run the pipeline again"},
		"goodAgain: the model of before":            {task: "goodAgain", patch: `registry: {json: {serving: {number: 1, takenAt: "2026-11-28T10:01:02Z"}}}`, says: "Its batch was taken before the gate was passed"},
		"goodAgain: in a fresh registry":            {task: "goodAgain", patch: `registry: {json: {serving: {number: 1}, batches: []}}`},
		"goodAgain: no model":                       {task: "goodAgain", patch: `registry: {json: {batches: []}}`, drop: "serving", says: "no model serves"},
		"schedule: the next run waits":              {task: "schedule"},
		"schedule: the tick is skipped":             {task: "schedule", patch: skipped("")},
		"schedule: the tick started another run":    {task: "schedule", patch: skipped(`, {metadata: {name: x, uid: x, creationTimestamp: "2026-11-28T10:12:00Z", ownerReferences: [{uid: c-1}]}, status: {}}`), says: "No run has waited"},
		"schedule: every other minute":              {task: "schedule", patch: skipped("") + "\nline: {spec: {schedule: '*/2 * * * *'}}", says: "No run has waited"},
		"schedule: Allow":                           {task: "schedule", patch: `line: {spec: {concurrencyPolicy: Allow}}`, says: "its concurrency policy is Allow"},
		"schedule: suspended":                       {task: "schedule", patch: `line: {spec: {suspend: true}}`, says: "it is suspended"},
		"schedule: the gate taken out again":        {task: "schedule", patch: template(ungated), says: "its containers: ingest, train, submit"},
		"schedule: two runs at once":                {task: "schedule", patch: `line: {status: {active: [{name: a}, {name: b}]}}`, says: "2 runs are active at once"},
		"schedule: no other poisoned batch refused": {task: "schedule", patch: batch(`, refused: true, badPercent: 38.2`), says: "it has refused none since"},
		"schedule: refused by a forwarded port":     {task: "schedule", patch: batch(`, refused: true, badPercent: 38.2, takenAt: "2026-11-28T10:12:22Z", from: 127.0.0.1`), says: "it has refused none since"},
		"schedule: a poisoned batch was trained on": {task: "schedule", patch: batch(`, takenAt: "2026-11-28T10:11:00Z", error: 90.1`), says: "has trained on a poisoned batch again"},
	})
}

func TestEveryRefusedBatchAnswersTheQuestion(t *testing.T) {
	all := load(t)
	var expression string
	for _, answer := range all.keys["ml-platform"].Spec.Answers {
		if answer.ID == "ml-08" {
			expression = answer.Live.Expression
		}
	}
	spec := &all.exercises["training-pipeline"].Spec
	live, err := check.CompileLive(spec, v1beta1.QuestionTypeNumber, expression)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		patch string
		want  []any
	}{
		"two were refused":      {patch: `{}`, want: []any{38.2, 21.7}},
		"a registry that began": {patch: `registry: {json: {batches: []}}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := readScene(t, "training-pipeline", "scheduled").but(t, tc.patch)
			got, err := live.Values(t.Context(), check.Input{Evidence: r.snapshot(spec), Now: r.Now.Add(time.Second)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got.Values); diff != "" || got.Pending != "" && len(tc.want) > 0 {
				t.Errorf("right values (-want +got):\n%s, pending %q", diff, got.Pending)
			}
		})
	}
}
