package evidence

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// happening is one write on the model's server. Its version is its place in the history, from 1.
type happening struct {
	namespace, name string
	deleted         bool
}

// model is a server with a history and a store that follows it, with requests under way and events that come late.
type model struct {
	*storeFixture
	random  *rand.Rand
	history []happening
	// seen is the version up to which events were delivered.
	seen int
	// stream says that events flow. Else a cluster-wide list has to come first.
	stream bool
	// arrived is the cluster-wide list under way, as far as it came through the transform, nil before.
	arrived []*unstructured.Unstructured
	version int
	// shown is the latest version that was shown of a namespace.
	shown map[string]int
	// expected are the namespaces that are not there yet: nothing can be written in them.
	expected map[string]bool
	// elsewhere says that the versions of namespaces are those of another store.
	elsewhere bool
	// lists of single namespaces that were answered by the server, and not given to the store yet.
	lists []ownList
}

type ownList struct {
	late    pendingList
	objects map[string]object
	version int
}

var modelNamespaces = []string{"a", "b", "c"}

// truth is what the server holds of a namespace as of a version.
func (m *model) truth(namespace string, version int) []string {
	names := map[string]int{}
	for i, h := range m.history[:version] {
		if h.namespace != namespace {
			continue
		}
		names[h.name] = i + 1
		if h.deleted {
			delete(names, h.name)
		}
	}
	all := []string{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		all = append(all, fmt.Sprintf("%s@%d", name, names[name]))
	}
	return all
}

func (m *model) listed(namespace string, version int) []*unstructured.Unstructured {
	var all []*unstructured.Unstructured
	for _, nameAtVersion := range m.truth(namespace, version) {
		all = append(all, pod(namespace, nameAtVersion))
	}
	return all
}

// write lets the server create, update or delete something.
func (m *model) write() {
	namespace := modelNamespaces[m.random.IntN(len(modelNamespaces))]
	if m.expected[namespace] {
		return
	}
	name := string(rune('p' + m.random.IntN(3)))
	there := slices.ContainsFunc(m.truth(namespace, len(m.history)), func(s string) bool {
		n, _ := splitVersion(s)
		return n == name
	})
	m.history = append(m.history, happening{namespace, name, there && m.random.IntN(2) == 0})
}

// deleteAll lets the server delete all that is in a namespace.
func (m *model) deleteAll(namespace string) {
	for _, nameAtVersion := range m.truth(namespace, len(m.history)) {
		name, _ := splitVersion(nameAtVersion)
		m.history = append(m.history, happening{namespace, name, true})
	}
}

// deliver gives the store the next event.
func (m *model) deliver() {
	if !m.stream || m.seen == len(m.history) {
		return
	}
	h := m.history[m.seen]
	m.seen++
	o := pod(h.namespace, h.name+"@"+strconv.Itoa(m.seen))
	if h.deleted {
		m.drop(o)
	} else {
		m.put(o)
	}
}

// relist begins a cluster-wide list; lets it arrive, with the state of any version since what was seen last, for the
// API server that answers may lag behind; or gives it to the store.
func (m *model) relist() {
	switch {
	case m.stream:
		m.stream = false
		m.ask()
	case m.arrived == nil:
		m.version = m.seen + m.random.IntN(len(m.history)-m.seen+1)
		m.arrived = []*unstructured.Unstructured{m.foreign}
		for _, namespace := range modelNamespaces {
			if m.wants(namespace) { // what nobody wants at this moment does not get through the transform
				m.arrived = append(m.arrived, m.listed(namespace, m.version)...)
			}
		}
	default:
		m.answer(strconv.Itoa(m.version), m.arrived...)
		m.seen, m.stream, m.arrived = m.version, true, nil
	}
}

// backfill lets the server answer the list of a namespace that waits for one, with the latest state.
func (m *model) backfill() {
	waiting := m.store.pending()
	if len(waiting) == 0 {
		return
	}
	l := waiting[0]
	objects := map[string]object{}
	for _, o := range m.listed(l.namespace, len(m.history)) {
		objects[o.GetName()] = prepare(o)
	}
	m.lists = append(m.lists, ownList{l, objects, len(m.history)})
}

// receive gives the store one of the answers under way.
func (m *model) receive() {
	if len(m.lists) == 0 {
		return
	}
	i := m.random.IntN(len(m.lists))
	l := m.lists[i]
	m.lists = slices.Delete(m.lists, i, i+1)
	m.merge(l.late, l.objects, strconv.Itoa(l.version))
}

// toggle registers or forgets a namespace.
func (m *model) toggle() {
	namespace := modelNamespaces[m.random.IntN(len(modelNamespaces))]
	if m.wants(namespace) {
		m.forget(namespace)
		delete(m.shown, namespace)
		delete(m.expected, namespace)
		return
	}
	if m.random.IntN(2) == 0 {
		m.follow(namespace)
		return
	}
	m.deleteAll(namespace)
	// Which events are of the earlier namespace cannot be told by versions of another store.
	for m.elsewhere && m.stream && m.seen < len(m.history) {
		m.deliver()
	}
	if m.elsewhere && m.seen < len(m.history) {
		return
	}
	m.expect(namespace)
	m.expected[namespace] = true
}

// create creates a namespace that is expected, or finds that it is there already, which registers it again.
func (m *model) create() {
	for _, namespace := range modelNamespaces {
		if !m.expected[namespace] {
			continue
		}
		delete(m.expected, namespace)
		switch version := len(m.history); {
		case m.random.IntN(4) == 0:
			m.forget(namespace)
			m.follow(namespace)
		case m.elsewhere:
			m.confirm(namespace, strconv.Itoa(m.random.IntN(3*version)))
		default:
			m.confirm(namespace, strconv.Itoa(version))
		}
		return
	}
}

// verify compares what is synced with the truth: as of the last event, or as of the list that filled the
// namespace where that is ahead of the events.
func (m *model) verify(t *testing.T) {
	t.Helper()
	for _, namespace := range modelNamespaces {
		s, ok := m.namespaces[namespace]
		if !ok || !s.synced {
			continue
		}
		version := m.seen
		if asOf, err := strconv.Atoi(s.asOf); err == nil && asOf > version && !(m.elsewhere && s.confirmed) {
			version = asOf
		}
		if version < m.shown[namespace] {
			t.Fatalf("namespace %s went back from version %d to %d", namespace, m.shown[namespace], version)
		}
		m.shown[namespace] = version
		if diff := cmp.Diff(m.truth(namespace, version), m.holds(namespace)); diff != "" {
			t.Fatalf("namespace %s as of %d (-want +got):\n%s", namespace, version, diff)
		}
	}
}

func TestStoreIsTrueWheneverNamespacesCome(t *testing.T) {
	for seed := range uint64(400) {
		m := &model{
			storeFixture: newStoreFixture(), random: rand.New(rand.NewPCG(seed, 0)), shown: map[string]int{},
			expected: map[string]bool{}, elsewhere: seed%4 == 3,
		}
		m.ask()
		// Version 0 is no version: let there be something first.
		m.write()
		steps := []func(){m.write, m.write, m.deliver, m.deliver, m.deliver, m.backfill, m.receive, m.receive, m.toggle, m.create}
		for range 300 {
			if m.random.IntN(12) == 0 {
				m.relist()
			} else {
				steps[m.random.IntN(len(steps))]()
			}
			m.verify(t)
		}
		m.settle()
		for _, namespace := range modelNamespaces {
			if diff := cmp.Diff(m.truth(namespace, len(m.history)), m.holds(namespace)); diff != "" {
				t.Fatalf("seed %d: namespace %s at the end (-want +got):\n%s", seed, namespace, diff)
			}
		}
	}
}

// settle lets all that is under way arrive, in an unlucky order: what was asked first is answered last.
func (m *model) settle() {
	for len(m.expected) > 0 {
		m.create()
	}
	for _, namespace := range modelNamespaces {
		m.follow(namespace)
	}
	for !m.stream {
		m.relist()
	}
	for m.seen < len(m.history) {
		m.deliver()
	}
	for len(m.store.pending()) > 0 {
		waiting := len(m.store.pending())
		m.backfill()
		for len(m.lists) > 0 {
			m.receive()
		}
		if len(m.store.pending()) >= waiting {
			panic("a list of its own does not help a namespace")
		}
	}
}

// wants reports whether a namespace is registered.
func (s *store) wants(namespace string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.namespaces[namespace]
	return ok
}
