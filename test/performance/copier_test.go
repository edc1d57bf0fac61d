package performance

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
)

// copier does what must be done at least: it watches the notes of all labs, and writes what it sees to a copy for each
// lab, in the namespace of the room.
type copier struct {
	*connection
	notes   watch.Interface
	workers *crew
	fail    context.CancelCauseFunc
}

// startCopier makes the copies and begins to watch.
func startCopier(t *testing.T, admin *connection, r *room) *copier {
	t.Helper()
	client, err := kubernetes.NewForConfig(admin.config)
	if err != nil {
		t.Fatal(err)
	}
	copies := client.CoreV1().ConfigMaps(r.namespace)
	names := make(map[string]string, r.size) // of the copies, by the namespace of the note
	for i := range r.size {
		names[r.place(i)] = r.lab(i).Name
	}
	ctx, fail := context.WithCancelCause(t.Context())
	err = together(learners, r.size, func(i int) error {
		_, err := copies.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: r.lab(i).Name}}, metav1.CreateOptions{})
		return err
	})
	if err != nil {
		t.Fatal(fmt.Errorf("make the copies: %w", err))
	}
	notes, err := client.CoreV1().ConfigMaps("").Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + note})
	if err != nil {
		t.Fatal(fmt.Errorf("watch the notes: %w", err))
	}
	c := &copier{connection: admin, notes: notes, fail: fail}
	c.workers = hire(ctx, fail, learners, r.size)
	go func() {
		defer c.workers.dismiss()
		for event := range notes.ResultChan() {
			seen, ok := event.Object.(*corev1.ConfigMap)
			if !ok || names[seen.Namespace] == "" {
				continue
			}
			c.workers.jobs <- func(ctx context.Context) error {
				data, err := json.Marshal(map[string]any{"data": seen.Data})
				if err != nil {
					return fmt.Errorf("write down a copy: %w", err)
				}
				_, err = copies.Patch(ctx, names[seen.Namespace], types.MergePatchType, data, metav1.PatchOptions{})
				return err
			}
		}
	}()
	return c
}

// stop ends the watch.
func (c *copier) stop() {
	c.notes.Stop()
	c.workers.working.Wait()
	c.fail(nil)
	c.inner.CloseIdleConnections()
}
