package workshop

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// verb is something that is done for an attendee.
type verb string

const (
	makeHome   verb = "make the namespace"
	bind       verb = "bind the rights"
	makeLab    verb = "make the lab"
	resizeLab  verb = "resize the lab"
	closeLab   verb = "close the lab"
	reopenLab  verb = "reopen the lab"
	removeLab  verb = "remove the lab"
	admit      verb = "give access"
	revoke     verb = "take the access away"
	removeHome verb = "remove the namespace"
)

// step is one thing to do, in order.
type step struct {
	do  verb
	lab string // the name of the Lab that it is about
}

// due lists what is to be done for an attendee now, in the order in which to do it: nothing where all is as it should be.
func due(spec *v1alpha1.WorkshopSpec, a *attendee, now time.Time) []step {
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
		steps = append(steps, step{do: makeHome})
	}
	if len(a.bindings) < len(rolesOfHome) {
		steps = append(steps, step{do: bind})
	}
	for _, lab := range spec.Labs {
		is := a.labs[lab.Name]
		switch {
		case is == nil:
			steps = append(steps, step{makeLab, lab.Name})
		case is.Spec.Topic != lab.Topic || is.Spec.Exercise != lab.Exercise:
			steps = append(steps, step{removeLab, lab.Name})
		case is.Labels[v1alpha1.ClosedLabel] != "":
			steps = append(steps, step{reopenLab, lab.Name})
		case cmp.Or(is.Spec.Size, v1alpha1.SizeSmall) != cmp.Or(spec.Size, v1alpha1.SizeSmall):
			steps = append(steps, step{resizeLab, lab.Name})
		}
	}
	steps = append(steps, unasked(spec, a)...)
	if a.stage == open && needsKubeconfig(a, now) {
		steps = append(steps, step{do: admit})
	}
	return steps
}

// closing takes the access away before anything else, and keeps the Labs with their results.
func closing(spec *v1alpha1.WorkshopSpec, a *attendee) []step {
	var steps []step
	if a.account != nil {
		steps = append(steps, step{do: revoke})
	}
	for _, name := range slices.Sorted(maps.Keys(a.labs)) {
		if spec.OnClose.Environments != v1alpha1.EnvironmentPresent && a.labs[name].Spec.Environment != v1alpha1.EnvironmentAbsent {
			steps = append(steps, step{closeLab, name})
		}
	}
	return append(steps, unasked(spec, a)...)
}

// leaving removes all but the results: the namespace goes when the Labs in it have gone.
func leaving(a *attendee) []step {
	var steps []step
	if a.account != nil {
		steps = append(steps, step{do: revoke})
	}
	for _, name := range slices.Sorted(maps.Keys(a.labs)) {
		steps = append(steps, step{removeLab, name})
	}
	if len(a.labs) == 0 && len(a.bindings) > 0 {
		steps = append(steps, step{do: removeHome})
	}
	return steps
}

// unasked are Labs that the spec does not name any more.
func unasked(spec *v1alpha1.WorkshopSpec, a *attendee) []step {
	var steps []step
	for _, name := range slices.Sorted(maps.Keys(a.labs)) {
		if !slices.ContainsFunc(spec.Labs, func(lab v1alpha1.WorkshopLab) bool { return lab.Name == name }) {
			steps = append(steps, step{removeLab, name})
		}
	}
	return steps
}

// needsKubeconfig tells whether an attendee has no kubeconfig, or one that is to be renewed.
func needsKubeconfig(a *attendee, now time.Time) bool {
	if a.account == nil {
		return true
	}
	expires, renews := timeIn(a, v1alpha1.KubeconfigExpiresAnnotation), timeIn(a, v1alpha1.KubeconfigRenewsAnnotation)
	return expires.IsZero() || (expires.Before(a.closesAt.Truncate(time.Second)) && !now.Before(renews))
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
func up(spec *v1alpha1.WorkshopSpec, a *attendee) bool {
	return !slices.ContainsFunc(spec.Labs, func(lab v1alpha1.WorkshopLab) bool { return !workable(a.labs[lab.Name]) })
}

func workable(lab *v1alpha1.Lab) bool {
	return lab != nil && (lab.Status.CompletedAt != nil || holds(lab, v1alpha1.ConditionReady) || lab.Status.Phase == v1alpha1.LabAbsent)
}

// holds tells whether a condition of a Lab is true.
func holds(lab *v1alpha1.Lab, kind string) bool {
	condition := meta.FindStatusCondition(lab.Status.Conditions, kind)
	return condition != nil && condition.Status == metav1.ConditionTrue
}
