package performance

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// watched is a set of objects to watch, from a resource version on.
type watched struct {
	version string
	open    func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error)
}

// watchedIn returns the objects of a kind in a namespace, for an administrator.
func watchedIn(ctx context.Context, admin client.WithWatch, namespace string, list client.ObjectList) (watched, error) {
	if err := admin.List(ctx, list, client.InNamespace(namespace), client.Limit(1)); err != nil {
		return watched{}, fmt.Errorf("list before the watch: %w", err)
	}
	return watched{list.GetResourceVersion(), func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
		return admin.Watch(ctx, list, &client.ListOptions{Namespace: namespace, Raw: &options})
	}}, nil
}

// watchedBy returns the objects that have a label, for another client.
func watchedBy(ctx context.Context, objects dynamic.ResourceInterface, selector string) (watched, error) {
	list, err := objects.List(ctx, metav1.ListOptions{LabelSelector: selector, Limit: 1})
	if err != nil {
		return watched{}, fmt.Errorf("list before the watch: %w", err)
	}
	return watched{list.GetResourceVersion(), func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
		options.LabelSelector = selector
		return objects.Watch(ctx, options)
	}}, nil
}

// follow passes events on until isLast. It resumes when the server ends a watch, for example
// because the client is too slow.
func (w watched) follow(ctx context.Context, isLast func(watch.EventType, client.Object) bool) error {
	for ctx.Err() == nil {
		events, err := w.open(ctx, metav1.ListOptions{ResourceVersion: w.version})
		if err != nil {
			return fmt.Errorf("watch: %w", err)
		}
		for event := range events.ResultChan() {
			object, ok := event.Object.(client.Object)
			if !ok && ctx.Err() != nil {
				break
			}
			if !ok {
				events.Stop()
				return fmt.Errorf("watch: %w", apierrors.FromObject(event.Object))
			}
			w.version = object.GetResourceVersion()
			if isLast(event.Type, object) {
				events.Stop()
				return nil
			}
		}
	}
	return context.Cause(ctx)
}

// await follows until a number of objects were as wanted.
func (w watched) await(ctx context.Context, n int, wanted func(watch.EventType, client.Object) bool) error {
	came := map[string]bool{}
	err := w.follow(ctx, func(change watch.EventType, object client.Object) bool {
		if wanted(change, object) {
			came[object.GetName()] = true
		}
		return len(came) == n
	})
	if err != nil {
		return fmt.Errorf("%d of %d came: %w", len(came), n, err)
	}
	return nil
}
