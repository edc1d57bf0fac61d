package evidence

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/utils/clock"
)

const (
	// pageSize is the number of objects asked for at once.
	pageSize = 250
	// pageTimeout bounds one request for a page.
	pageTimeout = 30 * time.Second
	// backfillRetry and backfillRetryMax bound the wait after a list that failed.
	backfillRetry    = 500 * time.Millisecond
	backfillRetryMax = 10 * time.Second
)

// late is a namespace that waits for a list of its own. Since tells whether it is still the same one when the list
// is there.
type late struct {
	namespace string
	since     uint64
}

// late lists the namespaces that need a list of their own, in order. While the cluster-wide list is under way there
// are none: it may tell all that they need.
func (v *view) late() []late {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.listing {
		return nil
	}
	var all []late
	for _, namespace := range slices.Sorted(maps.Keys(v.spaces)) {
		if s := v.spaces[namespace]; !s.synced {
			all = append(all, late{namespace, s.since})
		}
	}
	return all
}

// merge takes the list of one namespace as of a version, and lays the events since its registration over it.
func (v *view) merge(l late, objects map[string]object, version string) {
	v.mu.Lock()
	s, ok := v.spaces[l.namespace]
	if !ok || s.synced || s.since != l.since {
		v.mu.Unlock()
		return
	}
	for name, at := range s.gone {
		if newer(at, version) {
			delete(objects, name)
		}
	}
	for name, o := range s.objects {
		if newer(o.GetResourceVersion(), version) {
			objects[name] = o
		}
	}
	s.fill(objects, version, v.clock.Now())
	labs := slices.Collect(maps.Keys(s.labs))
	v.mu.Unlock()
	v.tell(labs)
}

// backfill lists the namespaces that need it, one after the other, until the context ends.
func (v *view) backfill(ctx context.Context, client dynamic.NamespaceableResourceInterface, clock clock.Clock, log logr.Logger) {
	wait := backfillRetry
	for ctx.Err() == nil {
		failed := false
		for _, l := range v.late() {
			objects, version, err := listNamespace(ctx, client, l.namespace)
			if err != nil {
				if ctx.Err() == nil {
					log.V(1).Info("could not list a namespace that was added late, trying again", "namespace", l.namespace, "error", err.Error())
				}
				failed = true
				continue
			}
			v.merge(l, objects, version)
		}
		if !failed {
			wait = backfillRetry
			select {
			case <-ctx.Done():
			case <-v.wake:
			}
			continue
		}
		timer := clock.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-v.wake:
		case <-timer.C():
		}
		timer.Stop()
		wait = min(2*wait, backfillRetryMax)
	}
}

// listNamespace lists all objects of a namespace. It asks for the latest, not for what a cache may hold: the result
// must not be older than an event that was seen before.
func listNamespace(ctx context.Context, client dynamic.NamespaceableResourceInterface, namespace string) (map[string]object, string, error) {
	objects := map[string]object{}
	options := metav1.ListOptions{Limit: pageSize}
	version := ""
	for {
		pageCtx, cancel := context.WithTimeout(ctx, pageTimeout)
		page, err := client.Namespace(namespace).List(pageCtx, options)
		cancel()
		if err != nil {
			return nil, "", fmt.Errorf("list namespace %q: %w", namespace, err)
		}
		if version == "" {
			version = page.GetResourceVersion()
		}
		for _, item := range page.Items {
			// A pointer into the page would keep the whole page.
			o := &unstructured.Unstructured{Object: item.Object}
			objects[o.GetName()] = hold(o)
		}
		options.Continue = page.GetContinue()
		if options.Continue == "" {
			return objects, version, nil
		}
	}
}
