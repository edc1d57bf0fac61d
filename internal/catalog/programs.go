package catalog

import (
	"container/list"
	"slices"
	"sync"

	"github.com/lab-operator/lab-operator/internal/check"
)

// programsKept is how many compiled bundles are kept: more than there are exercises with labs on them at a time.
const programsKept = 128

// Programs keeps compiled bundles, those that were used last. It is safe for concurrent use.
type Programs struct {
	mu      sync.Mutex
	entries map[string]*list.Element
	// used holds the entries, the one that was used last in front.
	used *list.List
}

// programEntry is compiled once, by the first that asks; the others wait for it.
type programEntry struct {
	hash     string
	once     sync.Once
	compiled *Compiled
	problems []check.Problem
}

// NewPrograms makes an empty cache.
func NewPrograms() *Programs {
	return &Programs{entries: map[string]*list.Element{}, used: list.New()}
}

// Get returns the compiled bundle, compiling it if no one has yet. Problems are kept as well.
func (p *Programs) Get(b Bundle) (*Compiled, []check.Problem) {
	entry := p.entry(b.Hash())
	entry.once.Do(func() {
		compiled, problems := Compile(b)
		// Clipped, so that callers can append to what they share.
		entry.compiled, entry.problems = compiled, slices.Clip(problems)
	})
	return entry.compiled, entry.problems
}

func (p *Programs) entry(hash string) *programEntry {
	p.mu.Lock()
	defer p.mu.Unlock()
	if element, ok := p.entries[hash]; ok {
		p.used.MoveToFront(element)
		return element.Value.(*programEntry)
	}
	entry := &programEntry{hash: hash}
	p.entries[hash] = p.used.PushFront(entry)
	for p.used.Len() > programsKept {
		oldest := p.used.Back()
		delete(p.entries, oldest.Value.(*programEntry).hash)
		p.used.Remove(oldest)
	}
	return entry
}
