package performance

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// learners is how many of them ask for something at the same time.
const learners = 32

// room is a number of Labs in a namespace of their own.
type room struct {
	admin     client.WithWatch
	namespace string
	size      int
	spoken    int // the last word that was written
}

// openRoom makes the namespace for a number of Labs. Its name is used once.
func openRoom(ctx context.Context, admin client.WithWatch, name string, size int) (*room, error) {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if err := admin.Create(ctx, namespace); err != nil {
		return nil, fmt.Errorf("open a room: %w", err)
	}
	return &room{admin: admin, namespace: name, size: size}, nil
}

// lab is one of the Labs, as a learner writes it.
func (r *room) lab(i int) *v1alpha1.Lab {
	return &v1alpha1.Lab{
		ObjectMeta: metav1.ObjectMeta{Namespace: r.namespace, Name: fmt.Sprintf("lab-%d", i)},
		Spec:       v1alpha1.LabSpec{Topic: subject},
	}
}

// place is the namespace in which a learner works.
func (r *room) place(i int) string { return guardrail.NamespaceName(r.namespace, r.lab(i).Name) }

// fill creates all Labs, hands each on once it is there, and tells how long it took until a watch has seen all of them
// provisioned. Take must not block.
func (r *room) fill(ctx context.Context, take func(*v1alpha1.Lab)) (time.Duration, error) {
	return r.until(ctx, isProvisioned, func(i int) error {
		lab := r.lab(i)
		if err := r.admin.Create(ctx, lab); err != nil {
			return fmt.Errorf("create a lab: %w", err)
		}
		take(lab)
		return nil
	})
}

// clear deletes all Labs, hands each on, and tells how long it took until a watch has seen the last of them go.
func (r *room) clear(ctx context.Context, take func(*v1alpha1.Lab)) (time.Duration, error) {
	return r.until(ctx, isGone, func(i int) error {
		lab := r.lab(i)
		if err := r.admin.Delete(ctx, lab); err != nil {
			return fmt.Errorf("delete a lab: %w", err)
		}
		take(lab)
		return nil
	})
}

// until does something with each Lab, many at the same time, and waits until all are as they should be.
func (r *room) until(ctx context.Context, wanted func(watch.EventType, client.Object) bool, do func(i int) error) (time.Duration, error) {
	ctx, tooLate := context.WithTimeout(ctx, patience)
	defer tooLate()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	labs, err := watchedIn(ctx, r.admin, r.namespace, &v1alpha1.LabList{})
	if err != nil {
		return 0, err
	}
	began := time.Now()
	var asking sync.WaitGroup
	defer asking.Wait()
	asking.Go(func() {
		if err := together(learners, r.size, do); err != nil {
			fail(err)
		}
	})
	if err := labs.await(ctx, r.size, wanted); err != nil {
		return 0, err
	}
	return time.Since(began), nil
}

func isProvisioned(change watch.EventType, object client.Object) bool {
	lab, ok := object.(*v1alpha1.Lab)
	return ok && change != watch.Deleted && meta.IsStatusConditionTrue(lab.Status.Conditions, v1alpha1.ConditionProvisioned)
}

func isGone(change watch.EventType, _ client.Object) bool { return change == watch.Deleted }

// together does something for each number below n, so many at the same time, and stops at the first error of each.
func together(hands, n int, do func(i int) error) error {
	numbers := make(chan int, n)
	for i := range n {
		numbers <- i
	}
	close(numbers)
	var all sync.WaitGroup
	errs := make(chan error, hands)
	for range hands {
		all.Go(func() {
			for i := range numbers {
				if err := do(i); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(errs)
	return <-errs
}
