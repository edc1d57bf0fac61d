package workshop

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/conditions"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// scope is one reconcile of one Workshop: what the phases hand on to each other.
type scope struct {
	key      types.NamespacedName
	before   *v1beta1.Workshop // as it was read; the status patch is made against it
	workshop *v1beta1.Workshop // as it will be written
	now      time.Time         // one moment for all phases
	memory   *localState

	attendees        []*attendee // in the order of the roster
	removedAttendees []*attendee // who was taken out of the roster, and is not gone yet
	results          map[string]*v1beta1.LabResult

	exercises map[string]string // by the name of a lab: the exercise that it is of
	missing   string            // what the catalog lacks of what the labs need; empty where nothing is
	refused   *conditions.State // why nobody new gets anything: the roster can't be served; nil where it can
	change    change            // what an edit of the spec deletes
	skew      time.Duration     // how far the operator's clock is ahead of the API server's; 0 where that does not matter
	goodUntil time.Time         // when the first kubeconfig expires that does so before the close; zero for none
	retry     error             // what passes by itself
	lasting   string            // what to tell of that, once it has lasted
	failures  []failure         // what could not be made, in the order of the roster
	notes     []note            // what a facilitator wants to be told
	summary   summary           // the attendees, counted
	recheck   time.Duration     // the earliest time to look again, 0 for never
}

// attendee is one person of the roster, with what the caches hold of what was made for them.
type attendee struct {
	v1beta1.Attendee
	handle    string
	namespace string
	account   *corev1.ServiceAccount
	bindings  map[string]*rbacv1.RoleBinding
	labs      map[string]*v1beta1.Lab
	stage     stage
	closesAt  time.Time
	offRoster bool   // is not in the roster any more
	shares    bool   // has the handle of another attendee
	locked    bool   // has had no account for so long that no API server takes the token any more
	renewed   bool   // has been given another kubeconfig in this reconcile
	waitsFor  string // why the labs are not up, where something is in the way
}

// failure is what could not be made for an attendee.
type failure struct {
	attendee *attendee
	reason   string // of a condition
	message  string
}

func (r *Reconciler) newScope(workshop *v1beta1.Workshop) *scope {
	key := client.ObjectKeyFromObject(workshop)
	return &scope{
		key:      key,
		before:   workshop,
		workshop: workshop.DeepCopy(),
		now:      r.Clock.Now(),
		memory:   r.stateByWorkshop.get(key, workshop.UID),
	}
}

// newAttendee is somebody of whom nothing is known yet.
func (s *scope) newAttendee(one v1beta1.Attendee, handle string) *attendee {
	return &attendee{
		Attendee: one, handle: handle, namespace: roster.NamespaceName(s.key, handle),
		bindings: map[string]*rbacv1.RoleBinding{}, labs: map[string]*v1beta1.Lab{},
	}
}

// setStages says in which stage each attendee of the roster is now.
func (s *scope) setStages() {
	s.recheck = 0
	for _, a := range s.attendees {
		var next time.Time
		if a.stage, next = scheduleOf(s.workshop, a.Attendee).at(s.now); !next.IsZero() {
			s.at(next)
		}
	}
}

// again asks for another look after a time, unless an earlier one is due anyway.
func (s *scope) again(after time.Duration) {
	if after > 0 && (s.recheck == 0 || after < s.recheck) {
		s.recheck = after
	}
}

// at asks for another look at a time, if that is to come.
func (s *scope) at(moment time.Time) { s.again(moment.Sub(s.now)) }

// shownName is what people call an attendee.
func (a *attendee) shownName() string {
	if a.DisplayName != "" {
		return a.DisplayName
	}
	return a.Name
}
