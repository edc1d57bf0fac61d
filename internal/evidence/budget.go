package evidence

import "sync"

// maxLabCost is how much memory the objects of one lab may take, of all kinds, in bytes as Cost estimates them. The operator
// has the memory for some dozens of labs that use it up, and ordinary ones take a fiftieth.
const maxLabCost = 8 << 20

// budget counts the memory that the objects of each namespace take, over the stores of all kinds. Its lock is taken after that
// of a store.
type budget struct {
	mu   sync.Mutex
	used map[string]int
	// waiting are the stores with objects that a namespace had no room for, by how to wake them.
	waiting map[string]map[*store]struct{}
}

func newBudget() *budget {
	return &budget{used: map[string]int{}, waiting: map[string]map[*store]struct{}{}}
}

// allocate counts more memory for a namespace, unless it has no room for it. What is outside of namespaces is the cluster's.
func (r *budget) allocate(namespace string, more int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if namespace != "" && more > 0 && r.used[namespace]+more > maxLabCost {
		return false
	}
	r.count(namespace, more)
	return true
}

// charge counts memory that is taken in any case: of what identifies an object.
func (r *budget) charge(namespace string, more int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count(namespace, more)
}

// count adds, and wakes those who wait once there is room for any object. The caller holds the lock.
func (r *budget) count(namespace string, more int) {
	r.used[namespace] += more
	if r.used[namespace] <= 0 {
		delete(r.used, namespace)
	}
	if more < 0 && r.fits(namespace) {
		for s := range r.waiting[namespace] {
			s.wakeUp()
		}
		delete(r.waiting, namespace)
	}
}

// wait has a store woken when the namespace has room again.
func (r *budget) wait(namespace string, s *store) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting[namespace] == nil {
		r.waiting[namespace] = map[*store]struct{}{}
	}
	r.waiting[namespace][s] = struct{}{}
}

// leave ends wait.
func (r *budget) leave(namespace string, s *store) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.waiting[namespace], s)
	if len(r.waiting[namespace]) == 0 {
		delete(r.waiting, namespace)
	}
}

// hasRoom reports whether a namespace has room for one more object, whatever its size.
func (r *budget) hasRoom(namespace string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fits(namespace)
}

func (r *budget) fits(namespace string) bool { return r.used[namespace]+maxObjectCost <= maxLabCost }

// keep puts an object into a namespaceStore, or what identifies it where the lab has no room. The caller holds the lock of the store.
func (s *store) keep(ns *namespaceStore, o object) {
	name := o.GetName()
	prior := ns.objects[name].cost
	if !s.budget.allocate(ns.namespace, o.cost-prior) {
		stub := identity(o.Unstructured)
		o = object{Unstructured: stub, crowded: true, cost: Cost(stub.Object, maxObjectCost)}
		s.budget.charge(ns.namespace, o.cost-prior)
	}
	if o.crowded {
		ns.crowded = true
		s.budget.wait(ns.namespace, s)
	}
	ns.objects[name] = o
	ns.cost += o.cost - prior
}

// remove takes an object out of a namespaceStore. The caller holds the lock of the store.
func (s *store) remove(ns *namespaceStore, name string) {
	cost := ns.objects[name].cost
	delete(ns.objects, name)
	ns.cost -= cost
	s.budget.charge(ns.namespace, -cost)
}

// empty takes all objects out of a namespaceStore. The caller holds the lock of the store.
func (s *store) empty(ns *namespaceStore) {
	if ns.crowded {
		s.budget.leave(ns.namespace, s)
	}
	s.budget.charge(ns.namespace, -ns.cost)
	ns.objects, ns.cost, ns.crowded = map[string]object{}, 0, false
}

// reread has the namespaces listed again in which objects were left out, and for which there is room now. The caller holds the
// lock of the store.
func (s *store) reread() {
	for _, ns := range s.namespaces {
		if ns.crowded && ns.synced && s.budget.hasRoom(ns.namespace) {
			s.reset(ns)
		}
	}
}
