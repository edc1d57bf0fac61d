package evidence

import (
	"fmt"
	"maps"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// defaultLimit is the number of objects that a list may have when an exercise does not say.
const defaultLimit = 100

// Source is one piece of evidence: one object, or the objects of a kind that have some labels. A Source without a
// name is in no Snapshot; its kind is followed for Objects.
type Source struct {
	// Name under which checks see it.
	Name string
	// GVK is the kind of what is read.
	GVK schema.GroupVersionKind
	// ObjectName is the name of the object, when List is false.
	ObjectName string
	// Selector is the labels that listed objects must have, all of them. Empty takes every object.
	Selector map[string]string
	// Limit is the largest number of objects that a list may have. Zero is 100.
	Limit int
	// List says that it is a list. It is then always a list, empty where nothing matches.
	List bool
	// Brief says that only how the objects fare is of interest: their identity, owners, plain fields of their spec and their
	// status. More of them is held where another source of the lab is of the same kind.
	Brief bool
}

// Sources are the sources of an exercise's evidence that is watched, in its order: services are not. An error names what the author has to correct.
func Sources(evidence []v1beta1.Evidence) ([]Source, error) {
	sources := make([]Source, 0, len(evidence))
	for i, e := range evidence {
		if e.Members() == 1 && e.Probe != nil {
			continue
		}
		source, err := sourceOf(e)
		if err != nil {
			return nil, fmt.Errorf("evidence[%d] %s: %w", i, e.Name, err)
		}
		sources = append(sources, source)
	}
	return sources, nil
}

func sourceOf(e v1beta1.Evidence) (Source, error) {
	if e.Members() != 1 {
		return Source{}, fmt.Errorf("it needs exactly one of object, list and probe")
	}
	if e.Object != nil {
		gv, err := schema.ParseGroupVersion(e.Object.APIVersion)
		if err != nil {
			return Source{}, fmt.Errorf("object.apiVersion: %w", err)
		}
		return Source{Name: e.Name, GVK: gv.WithKind(e.Object.Kind), ObjectName: e.Object.Name}, nil
	}
	gv, err := schema.ParseGroupVersion(e.List.APIVersion)
	if err != nil {
		return Source{}, fmt.Errorf("list.apiVersion: %w", err)
	}
	return Source{
		Name: e.Name, GVK: gv.WithKind(e.List.Kind),
		List: true, Selector: maps.Clone(e.List.Selector), Limit: int(e.List.Limit),
	}, nil
}

func (s Source) limit() int {
	if s.Limit <= 0 {
		return defaultLimit
	}
	return s.Limit
}

// equal reports whether two sources read the same.
func (s Source) equal(other Source) bool {
	return s.Name == other.Name && s.GVK == other.GVK && s.ObjectName == other.ObjectName &&
		s.Limit == other.Limit && s.List == other.List && s.Brief == other.Brief && maps.Equal(s.Selector, other.Selector)
}
