package faults

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/test/internal/proxy"
)

const (
	// pollInterval is how often the lab is read.
	pollInterval = 20 * time.Millisecond
	// stepTimeout is how long a step can take on a busy machine.
	stepTimeout = time.Minute
	// quietPeriod is how long nothing must change or be written before a run counts as converged.
	quietPeriod = 500 * time.Millisecond
	// convergeTimeout is how long it can take until all writes have ended and were observed.
	convergeTimeout = 10 * time.Second
	// faultTimeout is how long a planned fault can come after the step has reached its goal.
	faultTimeout = 2 * time.Second
	// freezeDuration is how long informers are frozen: longer than an operator waits for a
	// response.
	freezeDuration = 400 * time.Millisecond
)

// deletionStep is the last step, which leaves no status to read.
const deletionStep = "delete"

// scenarioRun is one Lab from its creation to its deletion, and the operators that serve it.
type scenarioRun struct {
	env        *environment
	admin      client.WithWatch
	lab        string
	namespace  string
	uid        string // of the Lab, once it is created
	auditStart int    // the index of its first entry in the audit log
	faults     faultPlan
	injector   *injector
	operators  *operators
	// baseline is the outcome of a run without faults. It is nil while that is being recorded.
	baseline *baseline
	// snapshots are those of the lab after each step, while the baseline is being recorded.
	snapshots map[string]snapshot
	// counts is what was created and deleted.
	counts objectCounts
	// externalCounts is what was created and deleted in addition, because of external actions.
	externalCounts objectCounts

	mu        sync.Mutex
	thawTimer *time.Timer // of the watches, while they are frozen

	namespaceDeletions atomic.Int32 // how often somebody deleted the namespace
	uncountedDeletions atomic.Int32 // how often so while its contents changed
	learnerActions     []func(context.Context, *scenarioRun) error
	actionsAppliedIn   string // the UID of the namespace that has the work of the learner
}

// runs counts the runs, so that no two have the same name.
var runs atomic.Int32

func newRun(env *environment, kind string, f faultPlan, base *baseline) *scenarioRun {
	lab := fmt.Sprintf("run-%d-%s", runs.Add(1), kind)
	return &scenarioRun{
		env:            env,
		admin:          env.Client,
		lab:            lab,
		namespace:      guardrail.NamespaceName(metav1.NamespaceDefault, lab),
		faults:         f,
		baseline:       base,
		snapshots:      map[string]snapshot{},
		externalCounts: objectCounts{},
		operators:      &operators{restartOnError: f.reads != ""},
	}
}

// runScenario runs all steps. The error says what differs from the baseline.
func (r *scenarioRun) runScenario(ctx context.Context) error { return r.run(ctx, r.runSteps) }

// run calls do while operators serve the Lab and an invariantWatcher checks its status.
func (r *scenarioRun) run(ctx context.Context, do func(context.Context) error) (err error) {
	r.auditStart = r.env.auditLog.length()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	faultProxy, err := r.startProxy(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, faultProxy.Close()) }()
	// What an operator requests when it starts belongs to the first step.
	r.injector.startStep(steps()[0].name)
	ended := make(chan error, 1)
	go func() {
		err := r.operators.run(ctx)
		cancel(err)
		ended <- err
	}()
	watcher, err := r.watchInvariants(ctx)
	if err == nil {
		err = do(ctx)
	}
	if err != nil && ctx.Err() != nil {
		err = errors.Join(err, context.Cause(ctx))
	}
	r.injector.startStep("")
	cancel(nil)
	faultProxy.Thaw()
	err = errors.Join(err, <-ended, r.injector.err())
	if watcher != nil {
		<-watcher.done
		if len(watcher.violations) > 0 {
			err = errors.Join(err, errors.New(strings.Join(watcher.violations, "; ")))
		}
	}
	if err != nil {
		return errors.Join(err, r.cleanUp(context.WithoutCancel(ctx)))
	}
	return nil
}

// startProxy starts the proxy of the operators of this run, which injects its faults.
func (r *scenarioRun) startProxy(ctx context.Context) (*proxy.Proxy, error) {
	var faultProxy *proxy.Proxy
	r.injector = newInjector(r.lab, r.faults, actions{
		crash:                  r.operators.crash,
		freeze:                 func() { r.freeze(faultProxy) },
		deleteNamespace:        func() { r.deleteNamespaceDuringStep(ctx, false) },
		deleteNamespaceAndWait: func() { r.deleteNamespaceDuringStep(ctx, true) },
		editConcurrently: func() {
			r.freeze(faultProxy)
			r.editConcurrently(ctx)
		},
	})
	faultProxy, err := r.env.startProxy(r.injector)
	if err != nil {
		return nil, err
	}
	r.operators.url = faultProxy.URL()
	return faultProxy, nil
}

// freeze holds the events of all watches back for freezeDuration, counted from the last call.
func (r *scenarioRun) freeze(faultProxy *proxy.Proxy) {
	r.mu.Lock()
	defer r.mu.Unlock()
	faultProxy.Freeze()
	if r.thawTimer != nil {
		r.thawTimer.Stop()
	}
	r.thawTimer = time.AfterFunc(freezeDuration, faultProxy.Thaw)
}

func (r *scenarioRun) runSteps(ctx context.Context) error {
	for _, step := range steps() {
		if err := r.runStep(ctx, step); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	if err := r.checkQuiescence(ctx); err != nil {
		return err
	}
	return r.deleteAndAudit(ctx)
}

// deleteAndAudit deletes the Lab, and checks what it has left.
func (r *scenarioRun) deleteAndAudit(ctx context.Context) error {
	r.injector.startStep(deletionStep)
	if err := r.deleteLab(ctx); err != nil {
		return fmt.Errorf("%s: %w", deletionStep, err)
	}
	r.awaitFaults(ctx)
	return r.awaitAudit(ctx)
}

// runStep runs one step and waits until the lab is as expected.
func (r *scenarioRun) runStep(ctx context.Context, step step) error {
	r.injector.startStep(step.name)
	switch step.target {
	case onContents:
		r.learnerActions = append(r.learnerActions, step.act)
	case onNamespace:
		r.learnerActions = nil
	}
	if err := step.act(ctx, r); err != nil && !r.isDeletionRace(err) {
		return err
	}
	if err := r.awaitSnapshot(ctx, step); err != nil {
		return err
	}
	r.awaitFaults(ctx)
	if r.faults.external == nil {
		return nil
	}
	extra, err := r.faults.external(ctx, r)
	if err != nil {
		return fmt.Errorf("after an external action: %w", err)
	}
	r.externalCounts = r.externalCounts.add(extra)
	if err := r.awaitSnapshot(ctx, step); err != nil {
		return fmt.Errorf("after an external action: %w", err)
	}
	return nil
}

// awaitSnapshot waits until the lab is as it is after this step in the baseline.
func (r *scenarioRun) awaitSnapshot(ctx context.Context, step step) error {
	if r.baseline == nil {
		return r.recordSnapshot(ctx, step)
	}
	want := r.baseline.snapshots[step.name]
	var observed snapshot
	err := wait.PollUntilContextTimeout(ctx, pollInterval, stepTimeout, true, func(ctx context.Context) (_ bool, err error) {
		var settled bool
		if observed, settled, err = r.observe(ctx, &want); err != nil {
			return false, err
		}
		return settled && cmp.Equal(want, observed), r.replayActions(ctx)
	})
	if err != nil {
		return fmt.Errorf("%w: (-baseline +observed)\n%s", err, cmp.Diff(want, observed))
	}
	return nil
}

// recordSnapshot waits until the step has reached its goal and nothing changes any more, and keeps
// the snapshot of the lab.
func (r *scenarioRun) recordSnapshot(ctx context.Context, step step) error {
	var observed snapshot
	var since time.Time
	err := wait.PollUntilContextTimeout(ctx, pollInterval, stepTimeout, true, func(ctx context.Context) (bool, error) {
		now, settled, err := r.observe(ctx, nil)
		if err != nil {
			return false, err
		}
		if since.IsZero() || !cmp.Equal(observed, now) {
			observed, since = now, time.Now()
		}
		return settled && step.reached(&now.Status) && time.Since(since) > quietPeriod, nil
	})
	if err != nil {
		return fmt.Errorf("%w: observed %s", err, cmp.Diff(snapshot{}, observed))
	}
	r.snapshots[step.name] = observed
	return nil
}

// awaitFaults gives the faults that are planned in this step some time. A sweep finds those that
// were not injected.
func (r *scenarioRun) awaitFaults(ctx context.Context) {
	_ = wait.PollUntilContextTimeout(ctx, pollInterval, faultTimeout, true, func(context.Context) (bool, error) {
		return !r.injector.writes.outstanding(), nil
	})
}

// awaitAudit waits until the audit log has all of the run and agrees with the baseline.
func (r *scenarioRun) awaitAudit(ctx context.Context) error {
	var wrong error
	err := wait.PollUntilContextTimeout(ctx, pollInterval, convergeTimeout, true, func(context.Context) (bool, error) {
		wrong = r.checkAudit()
		return wrong == nil, nil
	})
	if err != nil {
		return errors.Join(err, wrong)
	}
	return nil
}
