package performance

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// heap returns what this process holds in memory, in bytes.
func heap() int64 {
	// Pools are emptied by the second collection.
	for range 3 {
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// createForeignObjects creates ConfigMaps of a kilobyte that are none of the operator's, in ten
// namespaces.
func createForeignObjects(ctx context.Context, admin client.Client, objects int) error {
	const namespaces = 10
	for i := range namespaces {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("foreign-%d", i)}}
		if err := admin.Create(ctx, namespace); err != nil {
			return fmt.Errorf("create a namespace of foreign objects: %w", err)
		}
	}
	return inParallel(learners, objects, func(i int) error {
		object := &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprintf("foreign-%d", i%namespaces), Name: fmt.Sprintf("one-%d", i)},
			Data:       map[string]string{"text": strings.Repeat("x", 1000)},
		}
		if err := admin.Create(ctx, object); err != nil {
			return fmt.Errorf("create a foreign object: %w", err)
		}
		return nil
	})
}
