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
	// objectsPerRequest is how many objects are about as much work to read as one request more.
	objectsPerRequest = 25
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
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.listing {
		return nil
	}
	v.reread()
	var all []late
	for namespace, s := range v.spaces {
		if !s.synced && !s.unborn {
			all = append(all, late{namespace, s.since})
		}
	}
	slices.SortFunc(all, func(a, b late) int { return cmp.Compare(a.namespace, b.namespace) })
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
	v.fill(s, objects, version, v.clock.Now())
	labs := slices.Collect(maps.Keys(s.labs))
	v.mu.Unlock()
	v.tell(labs)
}

// rounds are the namespaces that need a list, by the list that is to tell of them: each by itself, or all by one of the
// whole cluster where so many came at once that this is less to read, as when the operator starts among labs that run.
func (v *view) rounds() [][]late {
	all := v.late()
	v.mu.RLock()
	defer v.mu.RUnlock()
	if len(all) > 1 && len(all)*objectsPerRequest > v.total {
		return [][]late{all}
	}
	return slices.Collect(slices.Chunk(all, 1))
}

// catchUp lists what some namespaces hold: the one, or the whole cluster where they are several.
func (v *view) catchUp(ctx context.Context, client dynamic.NamespaceableResourceInterface, some []late) error {
	namespace := ""
	if len(some) == 1 {
		namespace = some[0].namespace
	}
	wanted := make(map[string]map[string]object, len(some))
	for _, l := range some {
		wanted[l.namespace] = map[string]object{}
	}
	version, err := list(ctx, client.Namespace(namespace), func(o *unstructured.Unstructured) {
		if objects, ok := wanted[o.GetNamespace()]; ok {
			if o = v.part(o); o != nil {
				objects[o.GetName()] = hold(o)
			}
		}
	})
	if err != nil {
		return err
	}
	for _, l := range some {
		v.merge(l, wanted[l.namespace], version)
	}
	return nil
}

// backfill lists the namespaces that need it until the context ends.
func (v *view) backfill(ctx context.Context, client dynamic.NamespaceableResourceInterface, clock clock.Clock, log logr.Logger) {
	wait := backfillRetry
	for ctx.Err() == nil {
		failed := false
		for _, some := range v.rounds() {
			if err := v.catchUp(ctx, client, some); err != nil {
				if ctx.Err() == nil {
					log.V(1).Info("could not list namespaces that were added late, trying again", "namespaces", len(some), "error", err.Error())
				}
				failed = true
			}
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
