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

// copier does what must be done at least: it watches the notes of all labs, and writes what it sees to a copy for each
// lab, in the namespace of the room.
type copier struct {
	*connection
	copies typed.ConfigMapInterface
	names  map[string]string // of the copies, by the namespace of the note
	enough context.CancelCauseFunc
	ended  chan error
}

// startCopier makes the copies and begins to watch.
func startCopier(t *testing.T, cluster *rest.Config, r *room) *copier {
	t.Helper()
	c := &copier{connection: connect(t, cluster, ""), names: map[string]string{}, ended: make(chan error, 1)}
	client, err := kubernetes.NewForConfig(c.config)
	if err != nil {
		t.Fatal(err)
	}
	c.copies = client.CoreV1().ConfigMaps(r.namespace)
	for i := range r.size {
		c.names[r.place(i)] = r.lab(i).Name
	}
	ctx, enough := context.WithCancelCause(t.Context())
	c.enough = enough
	err = together(learners, r.size, func(i int) error {
		_, err := c.copies.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: r.lab(i).Name}}, metav1.CreateOptions{})
		return err
	})
	if err != nil {
		t.Fatal(fmt.Errorf("make the copies: %w", err))
	}
	all := client.CoreV1().ConfigMaps(metav1.NamespaceAll)
	now, err := all.List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		t.Fatal(fmt.Errorf("look where to begin to watch: %w", err))
	}
	notes := watched{now.ResourceVersion, func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
		options.FieldSelector = "metadata.name=" + note
		return all.Watch(ctx, options)
	}}
	go func() { c.ended <- c.copy(ctx, notes, r.size) }()
	return c
}

// copy copies until the context ends.
func (c *copier) copy(ctx context.Context, notes watched, labs int) error {
	workers := hire(ctx, c.enough, learners, labs)
	defer workers.dismiss()
	return notes.follow(ctx, func(_ watch.EventType, object client.Object) bool {
		written, ok := object.(*corev1.ConfigMap)
		if !ok || c.names[object.GetNamespace()] == "" {
			return false
		}
		workers.jobs <- func(ctx context.Context) error {
			data, err := json.Marshal(map[string]any{"data": written.Data})
			if err != nil {
				return fmt.Errorf("write down a copy: %w", err)
			}
			_, err = c.copies.Patch(ctx, c.names[written.Namespace], types.MergePatchType, data, metav1.PatchOptions{})
			return err
		}
		return false
	})
}

// stop ends the watch.
func (c *copier) stop(t *testing.T) {
	t.Helper()
	c.enough(errEnough)
	if err := <-c.ended; !errors.Is(err, errEnough) {
		t.Fatal(fmt.Errorf("copy: %w", err))
	}
	c.inner.CloseIdleConnections()
}
