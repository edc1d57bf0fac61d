package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestLearnersOvertake has a learner edit what was set up at the moment at which the status says that it is, while the
// operator hears neither the answer to that write nor of anything else for a while. The edit stays.
func TestLearnersOvertake(t *testing.T) {
	t.Parallel()
	h := enter(t)
	begin := steps()[0].name
	// Watches are frozen before the status is written, so that none can tell of it.
	last, written := point{begin, "apply configmaps greeting", 1}, point{begin, "patch labs/status NAME", 1}
	s := <-h.free
	defer func() { h.free <- s }()
	l := newLife(s, "overtaken", fate{plan: plan{last: frozen, written: overtaken}}, nil)
	err := l.perform(t.Context(), func(ctx context.Context) error {
		l.rules.enter(begin)
		if err := create(ctx, l); err != nil {
			return err
		}
		return errors.Join(l.keepsEdit(ctx), l.end(ctx))
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(l.rules.writes.happened) != 2 {
		t.Errorf("of what was planned came only %v", l.rules.writes.happened)
	}
	count(t, "learners who overtook the operator: 1")
}

// edited is what a learner makes of an object of the setup.
const edited = `{"level":"edited"}`

// overtake edits the setup at the first moment.
func (l *life) overtake(ctx context.Context) {
	if err := set(settings, edited)(ctx, l); err != nil {
		l.rules.complain(fmt.Errorf("overtake: %w", err))
	}
}

// keepsEdit waits until the status tells of the edit, and all is done.
func (l *life) keepsEdit(ctx context.Context) error {
	var seen scene
	err := wait.PollUntilContextTimeout(ctx, glance, lag, true, func(ctx context.Context) (_ bool, err error) {
		seen, _, err = l.look(ctx, nil)
		tasks := seen.Status.Tasks
		return len(tasks) > 0 && tasks[0].Seen == "it is edited", client.IgnoreNotFound(err)
	})
	if err != nil {
		return fmt.Errorf("the edit is not seen: %w: %v has %v", err, l.namespace, seen.Contents)
	}
	if err := l.staysSilent(ctx); err != nil {
		return err
	}
	if seen, _, err = l.look(ctx, nil); err == nil && !slices.Contains(seen.Contents, "configmaps "+settings+" "+edited) {
		err = fmt.Errorf("the edit was undone: %v", seen.Contents)
	}
	return err
}
