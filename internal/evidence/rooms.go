package evidence

import "sync"

// maxLabCost is how much memory the objects of one lab may take, of all kinds, in bytes as Cost estimates them. The operator
// has the memory for some dozens of labs that use it up, and ordinary ones take a fiftieth.
const maxLabCost = 8 << 20

// rooms counts the memory that the objects of each namespace take, over the views of all kinds. Its lock is taken after that
// of a view.
type rooms struct {
	mu   sync.Mutex
	used map[string]int
	// waiting are the views with objects that a namespace had no room for, by how to wake them.
	waiting map[string]map[*view]struct{}
}

func newRooms() *rooms {
	return &rooms{used: map[string]int{}, waiting: map[string]map[*view]struct{}{}}
}

// take counts more memory for a namespace, unless it has no room for it. What is outside of namespaces is the cluster's.
func (r *rooms) take(namespace string, more int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if namespace != "" && more > 0 && r.used[namespace]+more > maxLabCost {
		return false
	}
	r.count(namespace, more)
	return true
}

// force counts memory that is taken in any case: of what identifies an object.
func (r *rooms) force(namespace string, more int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count(namespace, more)
}

// count adds, and wakes those who wait once there is room for any object. The caller holds the lock.
func (r *rooms) count(namespace string, more int) {
	r.used[namespace] += more
	if r.used[namespace] <= 0 {
		delete(r.used, namespace)
	}
	if more < 0 && r.hasRoom(namespace) {
		for v := range r.waiting[namespace] {
			v.wakeUp()
		}
		delete(r.waiting, namespace)
	}
}

// wait has a view woken when the namespace has room again.
func (r *rooms) wait(namespace string, v *view) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting[namespace] == nil {
		r.waiting[namespace] = map[*view]struct{}{}
	}
	r.waiting[namespace][v] = struct{}{}
}

// leave ends wait.
func (r *rooms) leave(namespace string, v *view) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.waiting[namespace], v)
	if len(r.waiting[namespace]) == 0 {
		delete(r.waiting, namespace)
	}
}

// spare tells whether a namespace has room for one more object, whatever its size.
func (r *rooms) spare(namespace string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hasRoom(namespace)
}

func (r *rooms) hasRoom(namespace string) bool { return r.used[namespace]+maxObjectCost <= maxLabCost }

// keep puts an object into a space, or what identifies it where the lab has no room. The caller holds the lock of the view.
func (v *view) keep(s *space, o object) {
	name := o.GetName()
	prior := s.objects[name].cost
	if !v.rooms.take(s.namespace, o.cost-prior) {
		stub := identity(o.Unstructured)
		o = object{Unstructured: stub, crowded: true, cost: Cost(stub.Object, maxObjectCost)}
		v.rooms.force(s.namespace, o.cost-prior)
	}
	if o.crowded {
		s.crowded = true
		v.rooms.wait(s.namespace, v)
	}
	s.objects[name] = o
	s.cost += o.cost - prior
}

// lose takes an object out of a space. The caller holds the lock of the view.
func (v *view) lose(s *space, name string) {
	cost := s.objects[name].cost
	delete(s.objects, name)
	s.cost -= cost
	v.rooms.force(s.namespace, -cost)
}

// empty takes all objects out of a space. The caller holds the lock of the view.
func (v *view) empty(s *space) {
	if s.crowded {
		v.rooms.leave(s.namespace, v)
	}
	v.rooms.force(s.namespace, -s.cost)
	s.objects, s.cost, s.crowded = map[string]object{}, 0, false
}

// reread has the spaces listed again in which objects were left out, and for which there is room now. The caller holds the
// lock of the view.
func (v *view) reread() {
	for _, s := range v.spaces {
		if s.crowded && s.synced && v.rooms.spare(s.namespace) {
			v.reset(s)
		}
	}
}
