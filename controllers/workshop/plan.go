package workshop

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// action is something that is done for an attendee.
type action string

const (
	createNamespace action = "make the namespace"
	bind            action = "bind the rights"
	makeLab         action = "make the lab"
	resizeLab       action = "resize the lab"
	closeLab        action = "close the lab"
	cutLab          action = "cut the connections to the lab"
	reopenLab       action = "reopen the lab"
	removeLab       action = "remove the lab"
	grantAccess     action = "give access"
	revokeAccess    action = "take the access away"
	removeNamespace action = "remove the namespace"
)

// step is one thing to do, in order.
type step struct {
	do  action
	lab string // the name of the Lab that it is about
}

// destroys tells whether a step deletes work that nothing brings back: what runs in a lab, and what a Lab holds.
func (s step) destroys() bool { return s.do == removeLab || s.closes() }

// closes tells whether a step ends what runs in a lab, and keeps the Lab.
func (s step) closes() bool { return s.do == closeLab || s.do == cutLab }

// due lists what is to be done for an attendee now, in the order in which to do it: nothing where all is as it should be.
func due(s *scope, a *attendee) []step {
	spec := &s.workshop.Spec
	if a.shares && (a.stage == ahead || a.stage == open) {
		return nil // What is there may be of either, and is left as it is.
	}
	switch a.stage {
	case early:
		return nil
	case removed:
		return leaving(a)
	case closed:
		return closing(spec, a)
	}
	var steps []step
	if len(a.labs) == 0 && a.account == nil && len(a.bindings) == 0 {
		steps = append(steps, step{do: createNamespace})
	}
	if len(a.bindings) < len(attendeeRoles) {
		steps = append(steps, step{do: bind})
	}
	for _, template := range spec.LabTemplates {
		lab := a.labs[template.Name]
		switch {
		case lab == nil:
			steps = append(steps, step{makeLab, template.Name})
		case !isOf(lab, template, s.exercises[template.Name]):
			steps = append(steps, step{removeLab, template.Name})
		case lab.Labels[v1beta1.ClosedLabel] != "":
			steps = append(steps, step{reopenLab, template.Name})
		case cmp.Or(lab.Spec.Size, v1beta1.SizeSmall) != cmp.Or(template.Spec.Size, v1beta1.SizeSmall):
			steps = append(steps, step{resizeLab, template.Name})
		}
	}
	steps = append(steps, unasked(spec, a)...)
	if a.stage == open && needsKubeconfig(s, a) {
		steps = append(steps, step{do: grantAccess})
	}
	return steps
}

// isOf tells whether a Lab is of its template. Its answers and its environment are not: they are the attendee's. An exercise that is left out is the topic's first: to write it out, or
// to leave it out again, changes nothing. What can't be told is left as it is: the topic may be missing for a moment.
func isOf(lab *v1beta1.Lab, template v1beta1.LabTemplate, exercise string) bool {
	if lab.Spec.Topic != template.Spec.Topic {
		return false
	}
	if lab.Spec.Exercise == template.Spec.Exercise {
		return true
	}
	has, wants := cmp.Or(lab.Spec.Exercise, lab.Status.Exercise), cmp.Or(template.Spec.Exercise, exercise)
	return has == wants || has == "" || wants == ""
}

// closing takes the access away before anything else, and keeps the Labs with their results. An environment that stays loses
// its pods once: a connection into a pod outlives the account that made it.
func closing(spec *v1beta1.WorkshopSpec, a *attendee) []step {
	var steps []step
	if a.account != nil {
		steps = append(steps, step{do: revokeAccess})
	}
	for _, name := range sortedLabs(a) {
		lab := a.labs[name]
		switch {
		case lab.Spec.Environment == v1beta1.EnvironmentAbsent:
		case spec.OnClose.Environments != v1beta1.EnvironmentPresent:
			steps = append(steps, step{closeLab, name})
		case lab.Labels[v1beta1.ClosedLabel] == "" && a.locked:
			steps = append(steps, step{cutLab, name})
		}
	}
	return append(steps, unasked(spec, a)...)
}

// leaving removes all but the results: the namespace goes when the Labs in it have gone.
func leaving(a *attendee) []step {
	var steps []step
	if a.account != nil {
		steps = append(steps, step{do: revokeAccess})
	}
	for _, name := range sortedLabs(a) {
		steps = append(steps, step{removeLab, name})
	}
	if len(a.labs) == 0 && len(a.bindings) > 0 {
		steps = append(steps, step{do: removeNamespace})
	}
	return steps
}

// sortedLabs are the names of an attendee's Labs.
func sortedLabs(a *attendee) []string { return slices.Sorted(maps.Keys(a.labs)) }

// unasked are Labs that the spec does not name any more.
func unasked(spec *v1beta1.WorkshopSpec, a *attendee) []step {
	var steps []step
	for _, name := range sortedLabs(a) {
		if !slices.ContainsFunc(spec.LabTemplates, func(template v1beta1.LabTemplate) bool { return template.Name == name }) {
			steps = append(steps, step{removeLab, name})
		}
	}
	return steps
}

// needsKubeconfig tells whether an attendee has no kubeconfig, or one that is to be renewed. One that was made for a Workshop
// of the same name with another UID went with that Workshop.
func needsKubeconfig(s *scope, a *attendee) bool {
	if a.account == nil || a.account.Labels[v1beta1.WorkshopUIDLabel] != string(s.workshop.UID) {
		return true
	}
	expires, renews := timeIn(a, v1beta1.KubeconfigExpiresAnnotation), timeIn(a, v1beta1.KubeconfigRenewsAnnotation)
	return expires.IsZero() || (expires.Before(a.closesAt.Truncate(time.Second)) && !s.now.Before(renews))
}

// timeIn reads an annotation of an attendee's account; zero where there is none.
func timeIn(a *attendee, annotation string) time.Time {
	if a.account == nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, a.account.Annotations[annotation])
	if err != nil {
		return time.Time{}
	}
	return t
}

// up tells whether all labs of an attendee can be worked on, or have been.
func up(spec *v1beta1.WorkshopSpec, a *attendee) bool {
	return !slices.ContainsFunc(spec.LabTemplates, func(template v1beta1.LabTemplate) bool { return !workable(a.labs[template.Name]) })
}

func workable(lab *v1beta1.Lab) bool {
	return lab != nil && (lab.Status.CompletedAt != nil || isTrue(lab, v1beta1.ConditionReady) || lab.Status.Phase == v1beta1.LabAbsent)
}

// isTrue tells whether a condition of a Lab is true.
func isTrue(lab *v1beta1.Lab, kind string) bool {
	condition := meta.FindStatusCondition(lab.Status.Conditions, kind)
	return condition != nil && condition.Status == metav1.ConditionTrue
}
