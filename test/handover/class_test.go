package handover

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

const (
	// beat is the time between two things that learners do.
	beat = 100 * time.Millisecond
	// every is how many beats are from one Lab to the next, most how many Labs there are in all, and busy how many of them,
	// the last ones, are worked on.
	every, most, busy = 5, 60, 6
)

// class is learners who never rest: new Labs begin, and those that are there change all the time.
type class struct {
	admin client.WithWatch

	mu    sync.Mutex
	names []string
	// passed is when each task was passed that has been, by Lab and task.
	passed map[string]metav1.Time
	broken []error
}

func newClass(admin client.WithWatch) *class {
	return &class{admin: admin, passed: map[string]metav1.Time{}}
}

// work goes on until the context ends.
func (c *class) work(ctx context.Context) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for level := 1; ; level++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		labs := c.labs()
		if level%every == 1 && len(labs) < most {
			c.note(ctx, c.begin(ctx, fmt.Sprintf("class-%d", level)))
		}
		for _, name := range labs[max(0, len(labs)-busy):] {
			if err := c.level(ctx, name, strconv.Itoa(level)); !apierrors.IsNotFound(err) {
				c.note(ctx, err)
			}
		}
	}
}

// begin makes a Lab with an answer that is wrong.
func (c *class) begin(ctx context.Context, name string) error {
	lab := &v1beta1.Lab{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: name},
		Spec:       v1beta1.LabSpec{Topic: subject, Exercise: subject, Answers: map[string]intstr.IntOrString{question: intstr.FromInt32(41)}},
	}
	if err := c.admin.Create(ctx, lab); err != nil {
		return fmt.Errorf("create a Lab: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names = append(c.names, name)
	return nil
}

// level sets what the tasks of a Lab look at.
func (c *class) level(ctx context.Context, lab, level string) error {
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "lab-" + lab, Name: progress}}
	return c.admin.Patch(ctx, object, client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"data":{"level":%q}}`, level)))
}

// watch holds every Lab to it that no pass is taken back or given a second time, until the context ends.
func (c *class) watch(ctx context.Context) {
	watch, err := c.admin.Watch(ctx, &v1beta1.LabList{}, client.InNamespace(metav1.NamespaceDefault))
	if err != nil {
		c.note(ctx, fmt.Errorf("watch the Labs: %w", err))
		return
	}
	defer watch.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event, open := <-watch.ResultChan():
			lab, isLab := event.Object.(*v1beta1.Lab)
			if !open || !isLab {
				c.note(ctx, fmt.Errorf("the watch of the Labs ended: %v", event.Object))
				return
			}
			c.note(ctx, c.look(lab))
		}
	}
}

func (c *class) look(lab *v1beta1.Lab) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, task := range lab.Status.Tasks {
		key := lab.Name + "/" + task.Name
		before, known := c.passed[key]
		switch {
		case known && (task.PassedAt == nil || !task.PassedAt.Equal(&before)):
			errs = append(errs, fmt.Errorf("task %s was passed at %s and now at %v", key, before, task.PassedAt))
		case task.PassedAt != nil:
			c.passed[key] = *task.PassedAt
		}
	}
	return errors.Join(errs...)
}

// note keeps an error, unless it is that the test has ended.
func (c *class) note(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = append(c.broken, err)
}

func (c *class) labs() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.names[:len(c.names):len(c.names)]
}

// complaints are what went wrong until now.
func (c *class) complaints() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.broken...)
}

// unfinished tells what is missing in Labs whose learners have done everything.
func (c *class) unfinished(ctx context.Context) error {
	var errs []error
	for _, name := range c.labs() {
		lab := &v1beta1.Lab{}
		if err := c.admin.Get(ctx, client.ObjectKey{Namespace: metav1.NamespaceDefault, Name: name}, lab); err != nil {
			return fmt.Errorf("read a Lab: %w", err)
		}
		if lab.Status.CompletedAt == nil {
			errs = append(errs, fmt.Errorf("lab %s is %s: %s", name, lab.Status.Phase, lab.Status.Next))
		}
		for _, asked := range lab.Status.Questions {
			if asked.AttemptsLeft != attempts-1 {
				errs = append(errs, fmt.Errorf("lab %s has %v attempts left after one wrong answer, want %d", name, asked.AttemptsLeft, attempts-1))
			}
		}
	}
	return errors.Join(errs...)
}

// toldTwice are the events about a pass or a completion that came more than once.
func (c *class) toldTwice(ctx context.Context) ([]string, error) {
	events := &eventsv1.EventList{}
	if err := c.admin.List(ctx, events, client.InNamespace(metav1.NamespaceDefault)); err != nil {
		return nil, fmt.Errorf("list the events: %w", err)
	}
	told := map[string]int{}
	var twice []string
	for _, event := range events.Items {
		if event.Type != corev1.EventTypeNormal || event.Regarding.Kind != "Lab" {
			continue
		}
		what := event.Regarding.Name + ": " + event.Reason + ": " + event.Note
		told[what]++
		if told[what] == 2 || event.Series != nil {
			twice = append(twice, what)
		}
	}
	return twice, nil
}
