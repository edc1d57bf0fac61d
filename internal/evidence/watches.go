package evidence

import (
	"context"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/utils/clock"

	"github.com/lab-operator/lab-operator/internal/check"
)

// Config is what Watches need.
type Config struct {
	// Client reads objects of any kind. It needs the verbs list and watch on them in all namespaces.
	Client dynamic.Interface
	// Mapper finds the resources of kinds. One that can be reset is, when a kind is not there.
	Mapper meta.RESTMapper
	// Notify is told that something changed for a lab. It is called from many goroutines and must not block.
	Notify func(lab types.NamespacedName)
	// Clock measures idle time and waits. Nil is the real one.
	Clock clock.Clock
	// IdleAfter is how long a kind that no lab wants is still watched. Zero is ten minutes.
	IdleAfter time.Duration
	// Log is told of kinds that start and stop, and of what cannot be read.
	Log logr.Logger
}

// Watches is the view on the namespaces of labs.
type Watches struct{}

// Stats counts what is held, for tests and metrics.
type Stats struct {
	// Labs that are followed.
	Labs int
	// Kinds that are watched.
	Kinds int
	// Objects that are held.
	Objects int
}

// NewWatches returns watches that read nothing before Start.
func NewWatches(cfg Config) *Watches { return &Watches{} }

// Start runs until the context ends, and returns when everything has stopped.
func (w *Watches) Start(ctx context.Context) error { <-ctx.Done(); return nil }

// NeedLeaderElection is true: only the leader looks.
func (w *Watches) NeedLeaderElection() bool { return true }

// Follow makes the sources of a lab visible. It replaces what was followed for the lab before.
func (w *Watches) Follow(lab types.NamespacedName, namespace string, sources []Source) {}

// Forget ends Follow.
func (w *Watches) Forget(lab types.NamespacedName) {}

// Snapshot is what is known now of the sources of a lab. Its values are shared: never change them.
func (w *Watches) Snapshot(lab types.NamespacedName) check.Snapshot { return nil }

// Objects are all objects of a kind in the namespace of a lab, by name. They are shared: never change them.
func (w *Watches) Objects(lab types.NamespacedName, gvk schema.GroupVersionKind) (objs []*unstructured.Unstructured, synced bool) {
	return nil, false
}

// Stats counts what is held now.
func (w *Watches) Stats() Stats { return Stats{} }
