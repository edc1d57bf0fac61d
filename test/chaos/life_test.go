package chaos

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
	"github.com/lab-operator/lab-operator/test/chaos/proxy"
)

const (
	// glance is how often the lab is looked at.
	glance = 20 * time.Millisecond
	// patience is how long a step may take on a busy machine.
	patience = time.Minute
	// silence is how long nothing may change, and nothing be written, before a life counts as converged.
	silence = 500 * time.Millisecond
	// lag is how long it may take until all is written and known that is to be.
	lag = 10 * time.Second
	// late is how long a planned mishap may come after the step has got to where it should.
	late = 2 * time.Second
	// ice is how long informers are frozen: longer than it takes until an operator knows that it gets no answer.
	ice = 400 * time.Millisecond
)

// deletion is the last step, which leaves no status to look at.
const deletion = "delete"

// life is one Lab from its creation to its deletion, and the operators that serve it.
type life struct {
	stage     *stage
	admin     client.WithWatch
	lab       string
	namespace string
	uid       string // of the Lab, once it is made
	mark      int    // where its entries in the ledger begin
	fate      fate
	rules     *rules
	operators *operators
	// script is what comes out of a life without mishaps. Nil where this is to be found out.
	script *script
	// seen is what the lab looked like after each step, where that was to be found out.
	seen map[string]scene
	// counted is what was made and deleted.
	counted census
	// extra is what was made and deleted besides, because somebody meddled.
	extra census

	mu   sync.Mutex
	thaw *time.Timer // of what is frozen

	lost     atomic.Int32 // how often somebody deleted the namespace
	unsure   atomic.Int32 // how often so at a time at which nobody can tell what was in it
	work     []func(context.Context, *life) error
	workedIn string // the UID of the namespace in which the work is done
}

// lives counts, so that no two have the same name.
var lives atomic.Int32

func newLife(s *stage, kind string, f fate, script *script) *life {
	lab := fmt.Sprintf("life-%d-%s", lives.Add(1), kind)
	return &life{
		stage:     s,
		admin:     s.Client,
		lab:       lab,
		namespace: guardrail.NamespaceName(metav1.NamespaceDefault, lab),
		fate:      f,
		script:    script,
		seen:      map[string]scene{},
		extra:     census{},
		operators: &operators{durable: f.reads != ""},
	}
}

// run lives the life. The error says what differs from the life without mishaps.
func (l *life) run(ctx context.Context) error { return l.perform(ctx, l.takeSteps) }

// perform has something done while operators serve the Lab, and a witness sees what becomes of it.
func (l *life) perform(ctx context.Context, do func(context.Context) error) (err error) {
	l.mark = l.stage.ledger.length()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	door, err := l.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, door.Close()) }()
	// What an operator asks when it starts belongs to the first step.
	l.rules.enter(steps()[0].name)
	ended := make(chan error, 1)
	go func() {
		err := l.operators.run(ctx)
		cancel(err)
		ended <- err
	}()
	seen, err := l.testify(ctx)
	if err == nil {
		err = do(ctx)
	}
	if err != nil && ctx.Err() != nil {
		err = errors.Join(err, context.Cause(ctx))
	}
	l.rules.enter("")
	cancel(nil)
	door.Thaw()
	err = errors.Join(err, <-ended, l.rules.err())
	if seen != nil {
		<-seen.done
		if len(seen.broken) > 0 {
			err = errors.Join(err, errors.New(strings.Join(seen.broken, "; ")))
		}
	}
	if err != nil {
		return errors.Join(err, l.clear(context.WithoutCancel(ctx)))
	}
	return nil
}

// open makes the proxy through which the operators of this life come, and what does its mishaps.
func (l *life) open(ctx context.Context) (*proxy.Proxy, error) {
	var door *proxy.Proxy
	l.rules = newRules(l.lab, l.fate, hands{
		kill:   l.operators.kill,
		freeze: func() { l.freeze(door) },
		remove: func() { l.loseAll(ctx, false) },
		vanish: func() { l.loseAll(ctx, true) },
		overtake: func() {
			l.freeze(door)
			l.overtake(ctx)
		},
	})
	door, err := l.stage.door(l.rules)
	if err != nil {
		return nil, err
	}
	l.operators.url = door.URL()
	return door, nil
}

// freeze holds the events of all watches back for a while, counted from the last time.
func (l *life) freeze(door *proxy.Proxy) {
	l.mu.Lock()
	defer l.mu.Unlock()
	door.Freeze()
	if l.thaw != nil {
		l.thaw.Stop()
	}
	l.thaw = time.AfterFunc(ice, door.Thaw)
}

func (l *life) takeSteps(ctx context.Context) error {
	for _, step := range steps() {
		if err := l.do(ctx, step); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	if err := l.staysSilent(ctx); err != nil {
		return err
	}
	return l.end(ctx)
}

// end deletes the Lab, and looks at what it has left.
func (l *life) end(ctx context.Context) error {
	l.rules.enter(deletion)
	if err := l.delete(ctx); err != nil {
		return fmt.Errorf("%s: %w", deletion, err)
	}
	l.awaitMishaps(ctx)
	return l.awaitAudit(ctx)
}

// do takes one step and waits until the lab looks as it should.
func (l *life) do(ctx context.Context, step step) error {
	l.rules.enter(step.name)
	switch step.place {
	case inside:
		l.work = append(l.work, step.act)
	case elsewhere:
		l.work = nil
	}
	if err := step.act(ctx, l); err != nil && !l.excuses(err) {
		return err
	}
	if err := l.await(ctx, step); err != nil {
		return err
	}
	l.awaitMishaps(ctx)
	if l.fate.meddle == nil {
		return nil
	}
	extra, err := l.fate.meddle(ctx, l)
	if err != nil {
		return fmt.Errorf("after somebody meddled: %w", err)
	}
	l.extra = l.extra.plus(extra)
	if err := l.await(ctx, step); err != nil {
		return fmt.Errorf("after somebody meddled: %w", err)
	}
	return nil
}

// await waits until the lab looks as it does after this step in a life without mishaps.
func (l *life) await(ctx context.Context, step step) error {
	if l.script == nil {
		return l.settle(ctx, step)
	}
	want := l.script.scenes[step.name]
	var seen scene
	err := wait.PollUntilContextTimeout(ctx, glance, patience, true, func(ctx context.Context) (_ bool, err error) {
		var settled bool
		if seen, settled, err = l.look(ctx, &want); err != nil {
			return false, err
		}
		return settled && cmp.Equal(want, seen), l.redo(ctx)
	})
	if err != nil {
		return fmt.Errorf("%w: (-undisturbed +seen)\n%s", err, cmp.Diff(want, seen))
	}
	return nil
}

// settle waits until the step has come to its end and nothing changes any more, and notes how the lab looks then.
func (l *life) settle(ctx context.Context, step step) error {
	var seen scene
	var since time.Time
	err := wait.PollUntilContextTimeout(ctx, glance, patience, true, func(ctx context.Context) (bool, error) {
		now, settled, err := l.look(ctx, nil)
		if err != nil {
			return false, err
		}
		if since.IsZero() || !cmp.Equal(seen, now) {
			seen, since = now, time.Now()
		}
		return settled && step.came(&now.Status) && time.Since(since) > silence, nil
	})
	if err != nil {
		return fmt.Errorf("%w: seen %s", err, cmp.Diff(scene{}, seen))
	}
	l.seen[step.name] = seen
	return nil
}

// awaitMishaps gives what is planned in this step some time. What does not come then is missed: the one who planned
// it finds out.
func (l *life) awaitMishaps(ctx context.Context) {
	_ = wait.PollUntilContextTimeout(ctx, glance, late, true, func(context.Context) (bool, error) {
		return !l.rules.writes.outstanding(), nil
	})
}

// awaitAudit waits until the ledger has all of the life, and is as it should be.
func (l *life) awaitAudit(ctx context.Context) error {
	var wrong error
	err := wait.PollUntilContextTimeout(ctx, glance, lag, true, func(context.Context) (bool, error) {
		wrong = l.audit()
		return wrong == nil, nil
	})
	if err != nil {
		return errors.Join(err, wrong)
	}
	return nil
}
