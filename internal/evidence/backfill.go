package evidence

import (
	"cmp"
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
	pageSize = 100
	// pageTimeout bounds one request for a page.
	pageTimeout = 30 * time.Second
	// backfillRetry and backfillRetryMax bound the wait after a list that failed.
	backfillRetry    = 500 * time.Millisecond
	backfillRetryMax = 10 * time.Second
)

// pendingList is a namespace that waits for a list of its own. Since reports whether it is still the same one when the list
// is there.
type pendingList struct {
	namespace string
	since     uint64
}

// pending lists the namespaces that need a list of their own, in order. While the cluster-wide list is under way there
// are none: it may tell all that they need.
func (s *store) pending() []pendingList {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listing {
		return nil
	}
	s.reread()
	var all []pendingList
	for namespace, ns := range s.namespaces {
		if !ns.synced && !ns.expected {
			all = append(all, pendingList{namespace, ns.since})
		}
	}
	slices.SortFunc(all, func(a, b pendingList) int { return cmp.Compare(a.namespace, b.namespace) })
	return all
}

// merge takes the list of one namespace as of a version, and lays the events since its registration over it.
func (s *store) merge(l pendingList, objects map[string]object, version string) {
	s.mu.Lock()
	ns, ok := s.namespaces[l.namespace]
	if !ok || ns.synced || ns.since != l.since {
		s.mu.Unlock()
		return
	}
	for name, at := range ns.gone {
		if newer(at, version) {
			delete(objects, name)
		}
	}
	for name, o := range ns.objects {
		if newer(o.GetResourceVersion(), version) {
			objects[name] = o
		}
	}
	s.fill(ns, objects, version, s.clock.Now())
	labs := slices.Collect(maps.Keys(ns.labs))
	s.mu.Unlock()
	s.notifyAll(labs)
}

// listNamespace lists what one namespace holds.
func (s *store) listNamespace(ctx context.Context, client dynamic.NamespaceableResourceInterface, l pendingList) error {
	objects := map[string]object{}
	version, err := list(ctx, client.Namespace(l.namespace), func(o *unstructured.Unstructured) {
		if o = s.part(o); o != nil {
			objects[o.GetName()] = prepare(o)
		}
	})
	if err != nil {
		return err
	}
	s.merge(l, objects, version)
	return nil
}

// backfill lists the namespaces that need it until the context ends.
func (s *store) backfill(ctx context.Context, client dynamic.NamespaceableResourceInterface, clock clock.Clock, log logr.Logger) {
	wait := backfillRetry
	for ctx.Err() == nil {
		failed := false
		for _, l := range s.pending() {
			if err := s.listNamespace(ctx, client, l); err != nil {
				if ctx.Err() == nil {
					log.V(1).Info("cannot list a namespace, trying again", "namespace", l.namespace, "error", err.Error())
				}
				failed = true
			}
		}
		if !failed {
			wait = backfillRetry
			select {
			case <-ctx.Done():
			case <-s.wake:
			}
			continue
		}
		timer := clock.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-timer.C():
		}
		timer.Stop()
		wait = min(2*wait, backfillRetryMax)
	}
}

// list shows all objects there are, and returns as of which version. It asks for the latest, not for what a cache may
// hold: the result must not be older than an event that was seen before.
func list(ctx context.Context, client dynamic.ResourceInterface, show func(*unstructured.Unstructured)) (version string, err error) {
	options := metav1.ListOptions{Limit: pageSize}
	for {
		pageCtx, cancel := context.WithTimeout(ctx, pageTimeout)
		page, err := client.List(pageCtx, options)
		cancel()
		if err != nil {
			return "", fmt.Errorf("list: %w", err)
		}
		if version == "" {
			version = page.GetResourceVersion()
		}
		for _, item := range page.Items {
			// A pointer into the page would keep the whole page.
			show(&unstructured.Unstructured{Object: item.Object})
		}
		options.Continue = page.GetContinue()
		if options.Continue == "" {
			return version, nil
		}
	}
}
