package evidence

import (
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/clock"
)

// resetEvery bounds how often the mapper may ask the cluster anew, for all kinds together.
const resetEvery = 5 * time.Second

// resolver finds the resources of kinds, including those that came after the mapper looked.
type resolver struct {
	mapper meta.RESTMapper
	clock  clock.PassiveClock

	mu    sync.Mutex
	reset time.Time
}

// resolve finds the resource of a kind. The error of a kind that the cluster does not serve is a no-match error.
func (r *resolver) resolve(gvk schema.GroupVersionKind) (*meta.RESTMapping, error) {
	mapping, err := r.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if meta.IsNoMatchError(err) && r.refresh() {
		mapping, err = r.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	}
	if err != nil {
		return nil, fmt.Errorf("resolve %s: %w", gvk, err)
	}
	return mapping, nil
}

// refresh makes the mapper ask the cluster anew, unless it did so a moment ago.
func (r *resolver) refresh() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	if !r.reset.IsZero() && now.Sub(r.reset) < resetEvery {
		return false
	}
	r.reset = now
	meta.MaybeResetRESTMapper(r.mapper)
	return true
}
