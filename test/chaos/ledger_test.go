package chaos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
)

// ledger notes what becomes of every object of an API server, whoever writes it. What was asked for and not
// persisted is not in it.
type ledger struct {
	mu      sync.Mutex
	entries []entry
	broken  []string
}

// entry is one change of an object.
type entry struct {
	change   watch.EventType
	resource string
	object   *metav1.PartialObjectMetadata
}

func (e entry) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s/%s", e.change, e.resource, e.object.Namespace, e.object.Name))
}

// unnoted are the groups and resources that an API server writes by itself, and events, which it forgets.
var unnoted = []string{"events", "leases", "flowschemas", "prioritylevelconfigurations", "endpoints", "endpointslices"}

// keepLedger watches all kinds until the context ends.
func keepLedger(ctx context.Context, config *rest.Config) (*ledger, error) {
	client, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client for the ledger: %w", err)
	}
	served, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client for the ledger: %w", err)
	}
	lists, err := served.ServerPreferredResources()
	if err != nil {
		return nil, fmt.Errorf("ask what is served: %w", err)
	}
	l := &ledger{}
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, fmt.Errorf("read what is served: %w", err)
		}
		for _, resource := range list.APIResources {
			if !slices.Contains(resource.Verbs, "watch") || slices.Contains(unnoted, resource.Name) {
				continue
			}
			if err := l.keep(ctx, client.Resource(version.WithResource(resource.Name)), resource.Name); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

// keep notes the changes of one kind from now on.
func (l *ledger) keep(ctx context.Context, client metadata.ResourceInterface, resource string) error {
	now, err := client.List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return fmt.Errorf("list %s for the ledger: %w", resource, err)
	}
	changes, err := client.Watch(ctx, metav1.ListOptions{ResourceVersion: now.ResourceVersion})
	if err != nil {
		return fmt.Errorf("watch %s for the ledger: %w", resource, err)
	}
	go func() {
		defer changes.Stop()
		for event := range changes.ResultChan() {
			l.note(resource, event)
		}
		if ctx.Err() == nil {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.broken = append(l.broken, "the watch of "+resource+" has ended")
		}
	}()
	return nil
}

func (l *ledger) note(resource string, event watch.Event) {
	object, ok := event.Object.(*metav1.PartialObjectMetadata)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !ok {
		l.broken = append(l.broken, fmt.Sprintf("the watch of %s says %s: %v", resource, event.Type, event.Object))
		return
	}
	l.entries = append(l.entries, entry{change: event.Type, resource: resource, object: object})
}

// length is where the next entry will stand.
func (l *ledger) length() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.entries)
}

// since are the entries from a place on. The error says that there may be more.
func (l *ledger) since(mark int) ([]entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.broken) > 0 {
		return nil, fmt.Errorf("the ledger is not complete: %s", strings.Join(l.broken, "; "))
	}
	return slices.Clone(l.entries[mark:]), nil
}
