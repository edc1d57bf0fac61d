package chaos

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/test/world"
)

const (
	// glance is how often the lab is looked at.
	glance = 20 * time.Millisecond
	// patience is how long a step may take on a busy machine.
	patience = time.Minute
	// silence is how long nothing may change before a life without crashes goes on to the next step.
	silence = 500 * time.Millisecond
	// late is how long a planned crash may come after the step has got to where it should.
	late = 3 * time.Second
)

// errMissed says that a life went another way than the one that was traced, and did not come to the planned crash.
var errMissed = errors.New("the write at which to crash did not come")

// deletion is the last step, which leaves no status to look at.
const deletion = "delete"

// life is one Lab from its creation to its deletion, and the operators that serve it.
type life struct {
	admin     client.WithWatch
	lab       string
	namespace string
	uid       string
	tracer    *tracer
	operators *operators
	// want is what the lab looks like after each step. Nil where this is to be found out.
	want map[string]scene
	// seen is what it did look like, where that was to be found out.
	seen map[string]scene
}

func newLife(w *world.World, lab string, plan *crash, want map[string]scene) *life {
	tracer := &tracer{lab: lab, plan: plan}
	return &life{
		admin:     w.Client,
		lab:       lab,
		namespace: guardrail.NamespaceName(metav1.NamespaceDefault, lab),
		tracer:    tracer,
		operators: &operators{config: w.Config, tracer: tracer},
		want:      want,
		seen:      map[string]scene{},
	}
}

// run lives the life. The error says what differs from the life without crashes.
func (l *life) run(ctx context.Context) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	ended := make(chan error, 1)
	go func() {
		err := l.operators.run(ctx)
		cancel(err)
		ended <- err
	}()
	seen, err := l.testify(ctx)
	if err == nil {
		err = l.takeSteps(ctx)
	}
	if err != nil && ctx.Err() != nil {
		err = errors.Join(err, context.Cause(ctx))
	}
	l.tracer.enter("")
	cancel(nil)
	err = errors.Join(err, <-ended)
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

func (l *life) takeSteps(ctx context.Context) error {
	for _, step := range steps() {
		l.tracer.enter(step.name)
		if err := step.act(ctx, l); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		if err := l.await(ctx, step); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		if err := l.awaitCrash(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	l.tracer.enter(deletion)
	if err := l.delete(ctx); err != nil {
		return fmt.Errorf("%s: %w", deletion, err)
	}
	return l.awaitCrash(ctx)
}

// await waits until the lab looks as it does after this step in a life without crashes.
func (l *life) await(ctx context.Context, step step) error {
	if l.want == nil {
		return l.settle(ctx, step)
	}
	want := l.want[step.name]
	var seen scene
	err := wait.PollUntilContextTimeout(ctx, glance, patience, true, func(ctx context.Context) (_ bool, err error) {
		var settled bool
		seen, settled, err = l.look(ctx, &want)
		return settled && cmp.Equal(want, seen), err
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

// awaitCrash waits for the crash that is planned in this step.
func (l *life) awaitCrash(ctx context.Context) error {
	err := wait.PollUntilContextTimeout(ctx, glance, late, true, func(context.Context) (bool, error) {
		return !l.tracer.missed(), nil
	})
	if wait.Interrupted(err) {
		return errMissed
	}
	return err
}

// delete deletes the Lab and waits until nothing is left of it.
func (l *life) delete(ctx context.Context) error {
	lab := &v1alpha1.Lab{}
	if err := l.admin.Get(ctx, client.ObjectKey{Namespace: metav1.NamespaceDefault, Name: l.lab}, lab); err != nil {
		return fmt.Errorf("read the lab: %w", err)
	}
	l.uid = string(lab.UID)
	if err := l.admin.Delete(ctx, lab); err != nil {
		return fmt.Errorf("delete the lab: %w", err)
	}
	err := wait.PollUntilContextTimeout(ctx, glance, patience, true, func(ctx context.Context) (bool, error) {
		err := l.admin.Get(ctx, client.ObjectKeyFromObject(lab), &v1alpha1.Lab{})
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	})
	if err != nil {
		return fmt.Errorf("wait until the lab is gone: %w", err)
	}
	return l.nothingLeft(ctx)
}

// nothingLeft is asked when the Lab is gone: what it left by then nobody will remove.
func (l *life) nothingLeft(ctx context.Context) error {
	var left []string
	for _, list := range []client.ObjectList{&corev1.NamespaceList{}, &appsv1.ControllerRevisionList{}} {
		if err := l.admin.List(ctx, list, client.MatchingLabels{v1alpha1.LabUIDLabel: l.uid}); err != nil {
			return fmt.Errorf("look for what is left: %w", err)
		}
		err := meta.EachListItem(list, func(item runtime.Object) error {
			left = append(left, fmt.Sprintf("%T %s", item, item.(client.Object).GetName()))
			return nil
		})
		if err != nil {
			return fmt.Errorf("name what is left: %w", err)
		}
	}
	contents, err := l.contents(ctx)
	if err != nil {
		return err
	}
	if left = append(left, contents...); len(left) > 0 {
		return fmt.Errorf("the lab left %s", strings.Join(left, ", "))
	}
	return nil
}

// clear removes what a life left that went wrong, so that the next one is not disturbed by it.
func (l *life) clear(ctx context.Context) error {
	lab := &v1alpha1.Lab{ObjectMeta: metav1.ObjectMeta{Name: l.lab, Namespace: metav1.NamespaceDefault}}
	err := l.patch(ctx, `{"metadata":{"finalizers":null}}`)
	err = errors.Join(client.IgnoreNotFound(err), client.IgnoreNotFound(l.admin.Delete(ctx, lab)))
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: l.namespace}}
	return errors.Join(err, client.IgnoreNotFound(l.admin.Delete(ctx, namespace)))
}
