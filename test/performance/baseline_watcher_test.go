package performance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	typed "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// baselineWatcher does the minimum: it watches the marks of all labs, and copies each to a
// ConfigMap for its lab in the namespace of the fleet.
type baselineWatcher struct {
	*connection
	copies typed.ConfigMapInterface
	names  map[string]string // of the copies, by the namespace of the note
	cancel context.CancelCauseFunc
	ended  chan error
}

// startBaselineWatcher creates the copies and starts to watch.
func startBaselineWatcher(t *testing.T, cluster *rest.Config, f *fleet) *baselineWatcher {
	t.Helper()
	c := &baselineWatcher{connection: connect(t, cluster, ""), names: map[string]string{}, ended: make(chan error, 1)}
	client, err := kubernetes.NewForConfig(c.config)
	if err != nil {
		t.Fatal(err)
	}
	c.copies = client.CoreV1().ConfigMaps(f.namespace)
	for i := range f.size {
		c.names[f.labNamespace(i)] = f.lab(i).Name
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	c.cancel = cancel
	err = inParallel(learners, f.size, func(i int) error {
		_, err := c.copies.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: f.lab(i).Name}}, metav1.CreateOptions{})
		return err
	})
	if err != nil {
		t.Fatal(fmt.Errorf("create the copies: %w", err))
	}
	all := client.CoreV1().ConfigMaps(metav1.NamespaceAll)
	now, err := all.List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		t.Fatal(fmt.Errorf("list before the watch: %w", err))
	}
	notes := watched{now.ResourceVersion, func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
		options.FieldSelector = "metadata.name=" + note
		return all.Watch(ctx, options)
	}}
	go func() { c.ended <- c.copy(ctx, notes, f.size) }()
	return c
}

// copy copies until the context ends.
func (c *baselineWatcher) copy(ctx context.Context, notes watched, labs int) error {
	pool := startWorkers(ctx, c.cancel, learners, labs)
	defer pool.wait()
	return notes.follow(ctx, func(_ watch.EventType, object client.Object) bool {
		written, ok := object.(*corev1.ConfigMap)
		if !ok || c.names[object.GetNamespace()] == "" {
			return false
		}
		pool.jobs <- func(ctx context.Context) error {
			data, err := json.Marshal(map[string]any{"data": written.Data})
			if err != nil {
				return fmt.Errorf("encode a copy: %w", err)
			}
			_, err = c.copies.Patch(ctx, c.names[written.Namespace], types.MergePatchType, data, metav1.PatchOptions{})
			return err
		}
		return false
	})
}

// stop ends the watch.
func (c *baselineWatcher) stop(t *testing.T) {
	t.Helper()
	c.cancel(errDone)
	if err := <-c.ended; !errors.Is(err, errDone) {
		t.Fatal(fmt.Errorf("copy: %w", err))
	}
	c.inner.CloseIdleConnections()
}
