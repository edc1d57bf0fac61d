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

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// learners is how many of them send requests at the same time.
const learners = 32

// fleet is a number of Labs in a namespace of their own.
type fleet struct {
	admin     client.WithWatch
	namespace string
	size      int
	lastMark  int // the last one that was written
}

// createFleet creates the namespace for a number of Labs. Its name is used once.
func createFleet(ctx context.Context, admin client.WithWatch, name string, size int) (*fleet, error) {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if err := admin.Create(ctx, namespace); err != nil {
		return nil, fmt.Errorf("create a fleet: %w", err)
	}
	return &fleet{admin: admin, namespace: name, size: size}, nil
}

// lab returns one of the Labs, as a learner writes it.
func (f *fleet) lab(i int) *v1beta1.Lab {
	return &v1beta1.Lab{
		ObjectMeta: metav1.ObjectMeta{Namespace: f.namespace, Name: fmt.Sprintf("lab-%d", i)},
		Spec:       v1beta1.LabSpec{Topic: catalogName},
	}
}

// labNamespace returns the namespace in which a learner works.
func (f *fleet) labNamespace(i int) string {
	return guardrail.NamespaceName(f.namespace, f.lab(i).Name)
}

// provision creates all Labs, passes each on once it exists, and returns how long it took until a
// watch has seen all of them provisioned. Take must not block.
func (f *fleet) provision(ctx context.Context, take func(*v1beta1.Lab)) (time.Duration, error) {
	return f.forAll(ctx, isProvisioned, func(i int) error {
		lab := f.lab(i)
		if err := f.admin.Create(ctx, lab); err != nil {
			return fmt.Errorf("create a lab: %w", err)
		}
		take(lab)
		return nil
	})
}

// tearDown deletes all Labs, passes each on, and returns how long it took until a watch has seen
// the last of them go.
func (f *fleet) tearDown(ctx context.Context, take func(*v1beta1.Lab)) (time.Duration, error) {
	return f.forAll(ctx, isGone, func(i int) error {
		lab := f.lab(i)
		if err := f.admin.Delete(ctx, lab); err != nil {
			return fmt.Errorf("delete a lab: %w", err)
		}
		take(lab)
		return nil
	})
}

// forAll does something with each Lab, many at the same time, and waits until all are as wanted.
func (f *fleet) forAll(ctx context.Context, wanted func(watch.EventType, client.Object) bool, do func(i int) error) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	labs, err := watchedIn(ctx, f.admin, f.namespace, &v1beta1.LabList{})
	if err != nil {
		return 0, err
	}
	began := time.Now()
	var requests sync.WaitGroup
	defer requests.Wait()
	requests.Go(func() {
		if err := inParallel(learners, f.size, do); err != nil {
			fail(err)
		}
	})
	if err := labs.await(ctx, f.size, wanted); err != nil {
		return 0, err
	}
	return time.Since(began), nil
}

func isProvisioned(change watch.EventType, object client.Object) bool {
	lab, ok := object.(*v1beta1.Lab)
	return ok && change != watch.Deleted && meta.IsStatusConditionTrue(lab.Status.Conditions, v1beta1.ConditionProvisioned)
}

func isGone(change watch.EventType, _ client.Object) bool { return change == watch.Deleted }

// inParallel calls a function for each number below n with a number of workers. A worker stops at
// its first error.
func inParallel(workers, n int, do func(i int) error) error {
	numbers := make(chan int, n)
	for i := range n {
		numbers <- i
	}
	close(numbers)
	var all sync.WaitGroup
	errs := make(chan error, workers)
	for range workers {
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
