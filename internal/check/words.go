package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxFacts is how many values one sentence quotes.
const maxFacts = 3

// String names a source in a sentence.
func (s source) String() string {
	if s.name == "" {
		return "objects of kind " + s.kind
	}
	return s.kind + " " + s.name
}

// absence says that there is nothing to look at, where the observation does not.
func (s source) absence(state ObservationState) string {
	switch state {
	case Missing:
		return fmt.Sprintf("there is no %s named %s", s.kind, s.name)
	case Unavailable:
		return fmt.Sprintf("the cluster does not have the kind %s", s.kind)
	default:
		return fmt.Sprintf("%s: %s", s, tooLarge)
	}
}

// explain says in the learner's words why an expression cannot be evaluated on what is there.
func (e *Exercise) explain(p *program, evidence Snapshot, err error) string {
	if text, ok := asObservedError(err); ok {
		return text
	}
	for _, name := range p.evidence {
		if failure := e.failure(name, evidence); failure != "" {
			return failure
		}
	}
	message := err.Error()
	if missing, ok := strings.CutPrefix(message, "no such key: "); ok {
		if at, owner, ok := e.missing(p, evidence, missing); ok {
			return fmt.Sprintf("the field %s%s is not set", at, owner)
		}
		return fmt.Sprintf("the field %s is not set", missing)
	}
	if missing, ok := strings.CutPrefix(message, "index out of bounds: "); ok {
		if at, owner, ok := e.missing(p, evidence, missing); ok {
			return fmt.Sprintf("there is no %s%s", at, owner)
		}
		return "a list has too few entries"
	}
	if strings.HasSuffix(message, " called on empty list") {
		return "there is nothing yet to find the largest, the smallest or the total of"
	}
	return "what is there does not fit: " + message
}

// missing finds the path whose absence made an expression fail at a key or index.
func (e *Exercise) missing(p *program, evidence Snapshot, last string) (at path, owner string, ok bool) {
	for _, candidate := range p.paths {
		if !candidate.free || evidence[candidate.root].State != Seen {
			continue
		}
		_, i, found := candidate.follow(evidence[candidate.root].Value)
		if !found && candidate.steps[i].text() == last && (!candidate.lenient || i < len(candidate.steps)-1) {
			return candidate.to(i), e.owner(candidate.root), true
		}
	}
	// In what a macro or a function yields there is no value at hand to follow the path in.
	for _, candidate := range p.paths {
		if candidate.free {
			continue
		}
		for i, s := range candidate.steps {
			if s.text() == last {
				return candidate.to(i), "", true
			}
		}
	}
	return path{}, "", false
}

// failure is what went wrong with a service, in the words of its adapter; empty where nothing did, and for objects.
func (e *Exercise) failure(name string, evidence Snapshot) string {
	if e.sources[name].kind != "" {
		return ""
	}
	value, _ := evidence[name].Value.(map[string]any)
	text, _ := value["error"].(string)
	return text
}

func (e *Exercise) owner(evidence string) string {
	if source, ok := e.sources[evidence]; ok && source.name != "" {
		return " of " + source.String()
	}
	return ""
}

// describe quotes the values that an expression looked at, for an author who left observed out.
func (e *Exercise) describe(p *program, evidence Snapshot) string {
	var facts []string
	for _, looked := range p.paths {
		source, ok := e.sources[looked.root]
		// A status may be read by more people than a Secret.
		if !looked.free || !ok || source.kind == "Secret" || len(facts) == maxFacts {
			continue
		}
		fact := ""
		value, i, found := looked.follow(evidence[looked.root].Value)
		if failure := e.failure(looked.root, evidence); failure != "" {
			fact = failure
		} else if list, ok := value.([]any); ok && len(looked.steps) == 0 {
			fact = fmt.Sprintf("there are %d %s", len(list), source)
			if len(list) == 1 {
				fact = "there is 1 object of kind " + source.kind
			}
		} else if text, ok := literal(value); ok && found {
			fact = fmt.Sprintf("%s%s is %s", looked, e.owner(looked.root), text)
		} else if !found {
			fact = fmt.Sprintf("the field %s%s is not set", looked.to(i), e.owner(looked.root))
		}
		if fact != "" && !slices.Contains(facts, fact) {
			facts = append(facts, fact)
		}
	}
	if len(facts) == 0 {
		return notSo
	}
	return strings.Join(facts, "; ")
}

// literal is a scalar as people would write it.
func literal(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return strconv.Quote(v), true
	case bool, int64, float64:
		return fmt.Sprint(v), true
	}
	return "", false
}

func (s step) text() string {
	if s.isIndex {
		return strconv.FormatInt(s.index, 10)
	}
	return s.key
}
