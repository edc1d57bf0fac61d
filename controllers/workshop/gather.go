package workshop

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/conditions"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// tokenCached is longer than an API server takes a token whose account is gone.
const tokenCached = 15 * time.Second

// gather collects what the caches hold of every attendee. What is listed there is shared: nobody changes it.
func (r *Reconciler) gather(ctx context.Context, s *scope) error {
	byHandle := map[string]*attendee{}
	for _, one := range s.workshop.Spec.Attendees {
		a := s.newAttendee(one, roster.Handle(one.Name))
		a.closesAt = scheduleOf(s.workshop, one).closes
		if other := byHandle[a.handle]; other != nil {
			a.shares, other.shares = true, true
		} else {
			byHandle[a.handle] = a
		}
		s.attendees = append(s.attendees, a)
	}
	s.setStages()
	s.refused = refusedRoster(s.workshop.Spec.Attendees, r.MaxAttendees, roster.Handle)
	// of is nil for what stands elsewhere than in the namespace of an attendee of this workshop: anybody can write labels.
	of := func(object client.Object) *attendee {
		handle := object.GetLabels()[v1beta1.AttendeeLabel]
		if handle == "" || object.GetNamespace() != roster.NamespaceName(s.key, handle) {
			return nil
		}
		known := byHandle[handle]
		if known == nil {
			known = s.newAttendee(v1beta1.Attendee{Name: handle}, handle)
			known.stage, known.offRoster = removed, true
			byHandle[handle] = known
			s.removedAttendees = append(s.removedAttendees, known)
		}
		return known
	}
	ours := client.MatchingLabels{v1beta1.WorkshopLabel: s.key.Name, v1beta1.WorkshopNamespaceLabel: s.key.Namespace}
	labs, accounts, bindings := &v1beta1.LabList{}, &corev1.ServiceAccountList{}, &rbacv1.RoleBindingList{}
	for _, list := range []client.ObjectList{labs, accounts, bindings} {
		if err := r.Client.List(ctx, list, ours, client.UnsafeDisableDeepCopy); err != nil {
			return fmt.Errorf("list what was made for attendees: %w", err)
		}
	}
	for i := range labs.Items {
		if a := of(&labs.Items[i]); a != nil {
			a.labs[labs.Items[i].Name] = &labs.Items[i]
		}
	}
	for i := range accounts.Items {
		if a := of(&accounts.Items[i]); a != nil && accounts.Items[i].DeletionTimestamp.IsZero() {
			a.account = &accounts.Items[i]
			a.recognize(&accounts.Items[i])
		}
	}
	for i := range bindings.Items {
		if a := of(&bindings.Items[i]); a != nil && bound(&bindings.Items[i], r.subjects(a)) {
			a.bindings[bindings.Items[i].Name] = &bindings.Items[i]
			a.recognize(&bindings.Items[i])
		}
	}
	// The cache lists in no order, and a message must not change by itself.
	slices.SortFunc(s.removedAttendees, func(a, b *attendee) int { return strings.Compare(a.handle, b.handle) })
	s.findLockedOut()
	return r.gatherResults(ctx, s)
}

// findLockedOut finds attendees whose tokens are worthless by now. An API server takes a token for some seconds after its
// account is gone: what was opened in that time has to be cut as well.
func (s *scope) findLockedOut() {
	for _, a := range s.attendees {
		if a.stage != closed || a.account != nil {
			delete(s.memory.locked, a.handle)
			continue
		}
		since, known := s.memory.locked[a.handle]
		if !known {
			since = s.now
			s.memory.locked[a.handle] = since
		}
		a.locked = s.now.Sub(since) >= tokenCached
		if !a.locked && len(a.labs) > 0 && s.workshop.Spec.OnClose.Environments == v1beta1.EnvironmentPresent {
			s.at(since.Add(tokenCached))
		}
	}
}

// refusedRoster says why a roster can't be served; it is nil where it can.
func refusedRoster(attendees []v1beta1.Attendee, most int, handle func(name string) string) *conditions.State {
	if one, other, shared := roster.Shared(attendees, handle); shared {
		return ptr.To(conditions.True(v1beta1.ReasonSharedHandle, fmt.Sprintf(
			"Attendees %q and %q have the same handle %s, and would be one identity. Nobody new is given labs. Rename one of them in spec.attendees",
			one, other, handle(one))))
	}
	if most > 0 && len(attendees) > most {
		return ptr.To(conditions.True(v1beta1.ReasonTooManyAttendees, fmt.Sprintf(
			"The roster has %d attendees, and the operator allows %d. Nobody new is given labs. "+
				"Shorten the roster, or have an administrator raise the operator's flag --max-attendees", len(attendees), most)))
	}
	return nil
}

// recognize takes the name of somebody who is not in the roster from what no attendee can write.
func (a *attendee) recognize(object client.Object) {
	if name := object.GetAnnotations()[v1beta1.AttendeeAnnotation]; a.offRoster && roster.Handle(name) == a.handle {
		a.Name = name
	}
}

// gatherResults finds what was recorded of the workshop, whose Labs may be gone.
func (r *Reconciler) gatherResults(ctx context.Context, s *scope) error {
	results := &v1beta1.LabResultList{}
	err := r.Client.List(ctx, results, client.InNamespace(s.key.Namespace), client.MatchingLabels{v1beta1.WorkshopLabel: s.key.Name}, client.UnsafeDisableDeepCopy)
	if err != nil {
		return fmt.Errorf("list results: %w", err)
	}
	s.results = map[string]*v1beta1.LabResult{}
	for i := range results.Items {
		s.results[results.Items[i].Name] = &results.Items[i]
	}
	return nil
}

// resolveLabs tells whether the catalog has what the labs need. Without it, no attendee is brought up: they would find labs
// that nobody can start.
func (r *Reconciler) resolveLabs(ctx context.Context, s *scope) error {
	var missing []string
	s.exercises = map[string]string{}
	for _, template := range s.workshop.Spec.LabTemplates {
		lab, spec := template.Name, template.Spec
		topic := &v1beta1.Topic{}
		if err := r.Client.Get(ctx, client.ObjectKey{Name: spec.Topic}, topic); err != nil {
			if client.IgnoreNotFound(err) != nil {
				return fmt.Errorf("read topic: %w", err)
			}
			missing = append(missing, fmt.Sprintf("lab %s: there is no topic %s", lab, spec.Topic))
			continue
		}
		name := catalog.ExerciseName(spec, topic)
		s.exercises[lab] = name
		exercise := &v1beta1.Exercise{}
		err := r.Client.Get(ctx, client.ObjectKey{Name: name}, exercise)
		switch {
		case client.IgnoreNotFound(err) != nil:
			return fmt.Errorf("read exercise: %w", err)
		case err != nil:
			missing = append(missing, fmt.Sprintf("lab %s: there is no exercise %s", lab, name))
		case !slices.Contains(topic.Spec.Exercises, name):
			missing = append(missing, fmt.Sprintf("lab %s: topic %s does not have the exercise %s; it has %s",
				lab, spec.Topic, name, strings.Join(topic.Spec.Exercises, ", ")))
		}
	}
	s.missing = strings.Join(missing, "; ")
	return nil
}

// prune deletes the namespaces of those who are not in the roster any more and of whom the caches hold nothing: an operator
// that died early in making one, or late in removing it, left it. It is looked for once for each roster.
func (r *Reconciler) prune(ctx context.Context, s *scope) error {
	if s.memory.swept == s.workshop.Generation || len(s.removedAttendees) > 0 {
		return nil
	}
	namespaces, err := r.attendeeNamespaces(ctx, s)
	if err != nil {
		return err
	}
	stays := map[string]bool{}
	for _, a := range s.attendees {
		// Of whom something is known is taken leave of in order, the Labs first.
		stays[a.namespace] = a.stage != removed || len(a.labs) > 0 || len(a.bindings) > 0
	}
	occupied, err := r.occupied(ctx)
	if err != nil {
		return err
	}
	namespaces = slices.DeleteFunc(namespaces, func(namespace metav1.PartialObjectMetadata) bool {
		return stays[namespace.Name] || occupied[namespace.Name]
	})
	if len(namespaces) == 0 {
		s.memory.swept = s.workshop.Generation
		return nil
	}
	s.again(goneRecheck)
	for i := range namespaces {
		if err := r.deleteNamespace(ctx, &namespaces[i]); err != nil {
			return err
		}
	}
	return nil
}

// occupied are the namespaces with Labs. One that holds a Lab which is nobody's, as an operator with other names for namespaces
// left it, is not swept: it goes with the Workshop.
func (r *Reconciler) occupied(ctx context.Context) (map[string]bool, error) {
	labs := &v1beta1.LabList{}
	if err := r.Client.List(ctx, labs, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list labs: %w", err)
	}
	occupied := map[string]bool{}
	for i := range labs.Items {
		occupied[labs.Items[i].Namespace] = true
	}
	return occupied, nil
}
