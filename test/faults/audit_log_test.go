package faults

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

// auditLog records every change of every object of an API server, whoever makes it. Requests that
// were not persisted are not in it.
type auditLog struct {
	mu      sync.Mutex
	entries []entry
	errs    []string
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

// ignoredResources are those that an API server writes by itself, events, which expire, and revisions, which labs share.
var ignoredResources = []string{
	"events", "leases", "flowschemas", "prioritylevelconfigurations", "endpoints", "endpointslices", "exerciserevisions", "controllerrevisions",
}

// startAuditLog watches all kinds until the context ends.
func startAuditLog(ctx context.Context, config *rest.Config) (*auditLog, error) {
	client, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("create a client for the audit log: %w", err)
	}
	served, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("create a client for the audit log: %w", err)
	}
	lists, err := served.ServerPreferredResources()
	if err != nil {
		return nil, fmt.Errorf("discover what is served: %w", err)
	}
	l := &auditLog{}
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, fmt.Errorf("read what is served: %w", err)
		}
		for _, resource := range list.APIResources {
			if !slices.Contains(resource.Verbs, "watch") || slices.Contains(ignoredResources, resource.Name) {
				continue
			}
			if err := l.watchResource(ctx, client.Resource(version.WithResource(resource.Name)), resource.Name); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

// watchResource records the changes of one kind from now on.
func (l *auditLog) watchResource(ctx context.Context, client metadata.ResourceInterface, resource string) error {
	now, err := client.List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return fmt.Errorf("list %s for the audit log: %w", resource, err)
	}
	changes, err := client.Watch(ctx, metav1.ListOptions{ResourceVersion: now.ResourceVersion})
	if err != nil {
		return fmt.Errorf("watch %s for the audit log: %w", resource, err)
	}
	go func() {
		defer changes.Stop()
		for event := range changes.ResultChan() {
			l.record(resource, event)
		}
		if ctx.Err() == nil {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.errs = append(l.errs, "the watch of "+resource+" has ended")
		}
	}()
	return nil
}

func (l *auditLog) record(resource string, event watch.Event) {
	object, ok := event.Object.(*metav1.PartialObjectMetadata)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !ok {
		l.errs = append(l.errs, fmt.Sprintf("the watch of %s says %s: %v", resource, event.Type, event.Object))
		return
	}
	l.entries = append(l.entries, entry{change: event.Type, resource: resource, object: object})
}

// length returns the index of the next entry.
func (l *auditLog) length() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.entries)
}

// since returns the entries from an index on. The error says that some can be missing.
func (l *auditLog) since(mark int) ([]entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.errs) > 0 {
		return nil, fmt.Errorf("the audit log is not complete: %s", strings.Join(l.errs, "; "))
	}
	return slices.Clone(l.entries[mark:]), nil
}
