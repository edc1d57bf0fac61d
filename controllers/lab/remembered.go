package lab

import (
	"fmt"
	"strings"
	"sync"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/catalog"
)

// remembered keeps what states of the catalog compiled to, so that a reconcile neither hashes nor compiles.
// Refusals are not kept: a kind may be installed later.
type remembered struct {
	mu sync.Mutex
	by map[string]*catalog.Compiled // by a state of the catalog, and by hash
}

// rememberedCatalogs bounds the memory of a catalog that changes again and again.
const rememberedCatalogs = 512

func (c *remembered) at(state string) *catalog.Compiled {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[state]
}

func (c *remembered) keep(state string, compiled *catalog.Compiled) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil || len(c.by) >= rememberedCatalogs {
		c.by = map[string]*catalog.Compiled{}
	}
	c.by[state] = compiled
	c.by[compiled.Hash] = compiled
}

// versions names what a spec asks for in a state of the catalog. Objects that are not there add nothing.
func versions(spec v1alpha1.LabSpec, topic *v1alpha1.Topic, exercise *v1alpha1.Exercise, key *v1alpha1.AnswerKey) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", spec.Topic, spec.Exercise)
	if topic != nil {
		fmt.Fprintf(&b, " topic %s/%d", topic.UID, topic.Generation)
	}
	if exercise != nil {
		fmt.Fprintf(&b, " exercise %s/%d", exercise.UID, exercise.Generation)
	}
	if key != nil {
		fmt.Fprintf(&b, " key %s/%d", key.UID, key.Generation)
	}
	return b.String()
}
