package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestConcurrentEdit has a learner edit a setup object as soon as the status says that the setup is
// applied, while the operator receives neither the response to that write nor any event for a
// while. The edit must stay.
func TestConcurrentEdit(t *testing.T) {
	t.Parallel()
	p := usePool(t)
	begin := steps()[0].name
	// Watches are frozen before the status is written, so that none can deliver it.
	last, written := point{begin, "apply configmaps greeting", 1}, point{begin, "patch labs/status NAME", 1}
	env := <-p.free
	defer func() { p.free <- env }()
	r := newRun(env, "concurrent-edit", faultPlan{writes: writePlan{last: informersFrozen, written: concurrentEdit}}, nil)
	err := r.run(t.Context(), func(ctx context.Context) error {
		r.injector.startStep(begin)
		if err := createLab(ctx, r); err != nil {
			return err
		}
		return errors.Join(r.checkEditKept(ctx), r.deleteAndAudit(ctx))
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.injector.writes.injected) != 2 {
		t.Errorf("only some faults were injected: %v", r.injector.writes.injected)
	}
	report(t, "edits that the operator had not seen yet: 1")
}

// editedSettings is the data that a learner gives to an object of the setup.
const editedSettings = `{"level":"edited"}`

// editConcurrently edits the setup at the first moment.
func (r *scenarioRun) editConcurrently(ctx context.Context) {
	if err := patchConfigMap(settings, editedSettings)(ctx, r); err != nil {
		r.injector.reportError(fmt.Errorf("edit concurrently: %w", err))
	}
}

// checkEditKept waits until the status shows the edit and all writes have ended, and checks that
// the edit is still there.
func (r *scenarioRun) checkEditKept(ctx context.Context) error {
	var observed snapshot
	err := wait.PollUntilContextTimeout(ctx, pollInterval, convergeTimeout, true, func(ctx context.Context) (_ bool, err error) {
		observed, _, err = r.observe(ctx, nil)
		tasks := observed.Status.Tasks
		return len(tasks) > 0 && tasks[0].Observed == "it is edited", client.IgnoreNotFound(err)
	})
	if err != nil {
		return fmt.Errorf("the status does not show the edit: %w: %v has %v", err, r.namespace, observed.Contents)
	}
	if err := r.checkQuiescence(ctx); err != nil {
		return err
	}
	if observed, _, err = r.observe(ctx, nil); err == nil && !slices.Contains(observed.Contents, "configmaps "+settings+" "+editedSettings) {
		err = fmt.Errorf("the edit was undone: %v", observed.Contents)
	}
	return err
}
