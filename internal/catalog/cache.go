package catalog

import (
	"fmt"
	"slices"

	"golang.org/x/sync/singleflight"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/lru"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// Cache keeps compiled revisions by name, those that were used last. It is safe for concurrent use, and nothing in it
// needs to be there: a new process starts with an empty one.
type Cache struct {
	// compiled holds the result for each program.
	compiled *lru.Cache
	// pinned holds the Compiled of each pin that was read, by name.
	pinned *lru.Cache
	// current holds the Compiled of each state of the catalog that was accepted.
	current *lru.Cache
	flights singleflight.Group
}

// cacheSize is how many revisions are kept: more than have labs on them at a time.
const cacheSize = 256

// program identifies a compilation. The language is not part of a revision's name, as content that nobody edits keeps its
// name when the operator learns another one.
type program struct{ name, language string }

// result is what came of a compilation.
type result struct {
	compiled *Compiled
	problems []check.Problem
}

// state is a state of the catalog, as far as one exercise of one topic is concerned.
type state struct{ topic, exercise, key version }

// version of an object. The zero value is that of none.
type version struct {
	uid        types.UID
	generation int64
}

func stateOf(topic *v1beta1.Topic, exercise *v1beta1.Exercise, key *v1beta1.AnswerKey) state {
	at := state{topic: version{topic.UID, topic.Generation}, exercise: version{exercise.UID, exercise.Generation}}
	if key != nil {
		at.key = version{key.UID, key.Generation}
	}
	return at
}

// NewCache makes an empty cache.
func NewCache() *Cache {
	return &Cache{compiled: lru.New(cacheSize), pinned: lru.New(cacheSize), current: lru.New(cacheSize)}
}

// Candidate is what a Lab would be started from now.
type Candidate struct {
	// Name of the revision. It is empty where something is missing, and given where the content is refused.
	Name string
	// Compiled is nil where there is a Refusal.
	Compiled *Compiled
	// Refusal says why no Lab can be started.
	Refusal *Refusal
}

// Current finds what a Lab with this spec would be started from now. Arguments that are nil were not found. An error is
// nobody's mistake, to be tried again.
func (c *Cache) Current(spec v1beta1.LabSpec, topic *v1beta1.Topic, exercise *v1beta1.Exercise, key *v1beta1.AnswerKey, scope Scoper) (Candidate, error) {
	if topic != nil && exercise != nil {
		if kept, ok := c.current.Get(stateOf(topic, exercise, key)); ok {
			compiled := kept.(*Compiled)
			return Candidate{Name: compiled.Name, Compiled: compiled}, nil
		}
	}
	bundle, refusal := Resolve(spec, topic, exercise, key)
	if refusal != nil {
		return Candidate{Refusal: refusal}, nil
	}
	name := bundle.Name()
	compiled, problems := c.compile(name, Pin{Language: check.CurrentLanguage(), Bundle: bundle})
	misplaced, err := SetupProblems(&bundle.Exercise, scope)
	if err != nil {
		return Candidate{}, fmt.Errorf("look up the kinds of the setup: %w", err)
	}
	// A refusal is not kept: a kind may be installed later.
	if refusal := Refuse(append(slices.Clip(problems), misplaced...)); refusal != nil {
		return Candidate{Name: name, Refusal: refusal}, nil
	}
	c.current.Add(stateOf(topic, exercise, key), compiled)
	return Candidate{Name: name, Compiled: compiled}, nil
}

// Pinned is the revision with this name, in the language of its pin. Read is called where the cache does not have it.
func (c *Cache) Pinned(name string, read func() (Pin, error)) (*Compiled, *Refusal, error) {
	if kept, ok := c.pinned.Get(name); ok {
		return kept.(*Compiled), nil, nil
	}
	found, err, _ := c.flights.Do("pin "+name, func() (any, error) {
		pin, err := read()
		if err != nil {
			return nil, err
		}
		compiled, problems := c.compile(name, pin)
		if compiled != nil {
			c.pinned.Add(name, compiled)
		}
		return result{compiled, problems}, nil
	})
	if err != nil {
		return nil, nil, err
	}
	return found.(result).compiled, Refuse(found.(result).problems), nil
}

// compile compiles a pin once. Problems are kept as well.
func (c *Cache) compile(name string, pin Pin) (*Compiled, []check.Problem) {
	id := program{name, pin.Language.String()}
	if kept, ok := c.compiled.Get(id); ok {
		return kept.(result).compiled, kept.(result).problems
	}
	found, _, _ := c.flights.Do("program "+id.name+" "+id.language, func() (any, error) {
		compiled, problems := Compile(pin)
		found := result{compiled, problems}
		c.compiled.Add(id, found)
		return found, nil
	})
	return found.(result).compiled, found.(result).problems
}
