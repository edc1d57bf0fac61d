package evidence

import (
	"maps"
	"slices"
)

// A namespace that comes into being after it was registered needs no list: all that is in it comes later still, so its
// events tell everything. What remains are events of an earlier namespace of that name, which a watch that lags behind may
// yet deliver. They are older than the version at which the namespace was created. Versions of two resources compare
// where the API server keeps both in one store, which it does unless told otherwise, so an event that is older than its
// namespace is not simply dropped: it is reason for doubt, and a list of the namespace decides.

// born takes a namespace that was registered as unborn to be empty as of the version at which it was created, but for the
// events since.
func (v *view) born(namespace, version string) {
	v.mu.Lock()
	s, ok := v.spaces[namespace]
	if !ok || !s.unborn {
		v.mu.Unlock()
		return
	}
	if s.recalls(version) {
		v.doubt(s)
		v.mu.Unlock()
		return
	}
	v.fill(s, s.objects, version, v.clock.Now())
	s.born = true
	labs := slices.Collect(maps.Keys(s.labs))
	v.mu.Unlock()
	v.tell(labs)
}

// stillborn tells that a namespace which was registered as unborn may have been there before.
func (v *view) stillborn(namespace string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s, ok := v.spaces[namespace]; ok && s.unborn {
		v.doubt(s)
	}
}

// doubt has a namespace wait for a list as others do: its own, or the cluster-wide one that is under way.
func (v *view) doubt(s *space) {
	s.unborn = false
	if !v.listing {
		v.wakeUp()
	}
}

// recalls tells whether some event since the registration is not after a version.
func (s *space) recalls(version string) bool {
	for _, o := range s.objects {
		if !newer(o.GetResourceVersion(), version) {
			return true
		}
	}
	for _, at := range s.gone {
		if !newer(at, version) {
			return true
		}
	}
	return false
}
