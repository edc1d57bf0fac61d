package evidence

import "sync"

const (
	// internedSize is the longest text that is worth sharing, in bytes. Longer ones are seldom twice the same.
	internedSize = 64
	// internedTexts is how many texts are remembered at the least once so many have come.
	internedTexts = 4096
)

// common are the texts that objects have in common: the names of fields and labels, kinds, images, words of conditions. The
// objects of a thousand labs hold them once, and not a thousand times.
var common interner

// interner remembers the texts that came last, in two generations: when the young one is full, the old one is dropped. So
// texts that no two objects share, such as UIDs, do not stay. The package unique would forget them all: it remembers
// what has a handle somewhere, and objects are made of strings.
type interner struct {
	mu         sync.Mutex
	young, old map[string]any
}

// share replaces the texts of a value by equal ones that are shared. It changes its argument where that is a list.
func (i *interner) share(value any) any {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.shared(value)
}

func (i *interner) shared(value any) any {
	switch v := value.(type) {
	case map[string]any:
		next := make(map[string]any, len(v))
		for key, item := range v {
			name, _ := i.text(key).(string)
			next[name] = i.shared(item)
		}
		return next
	case []any:
		for n, item := range v {
			v[n] = i.shared(item)
		}
		return v
	case string:
		return i.text(v)
	default:
		return value
	}
}

// text is an equal text, as the value that it was first met as.
func (i *interner) text(text string) any {
	if len(text) > internedSize {
		return text
	}
	if known, ok := i.young[text]; ok {
		return known
	}
	known, ok := i.old[text]
	if !ok {
		known = text
	}
	if i.young == nil || len(i.young) >= internedTexts {
		i.young, i.old = map[string]any{}, i.young
	}
	i.young[text] = known
	return known
}
