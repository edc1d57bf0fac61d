package workshop

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/conditions"
)

// findWaiting notes for what an attendee waits whose labs are being brought up. A lab that just takes its time is no
// trouble: it counts where the lab has a notice, or has kept the next attendees waiting for as long as it may.
func (s *scope) findWaiting(a *attendee) {
	if !coming(s, a) || len(a.labs) == 0 {
		return
	}
	began, known := s.memory.begun[a.handle]
	slow := known && s.now.Sub(began) >= maxWait
	for _, template := range s.workshop.Spec.LabTemplates {
		lab := a.labs[template.Name]
		switch {
		case lab == nil || workable(lab) || isTrue(lab, v1beta1.ConditionStalled):
			continue // A lab that is stalled is told of by name.
		case len(lab.Status.Notices) > 0:
			a.waitsFor = lab.Status.Notices[0]
		case slow:
			a.waitsFor = unready(lab)
		}
		if a.waitsFor != "" {
			return
		}
	}
}

// unready is what a Lab says about not being ready.
func unready(lab *v1beta1.Lab) string {
	for _, kind := range []string{v1beta1.ConditionProvisioned, v1beta1.ConditionReady} {
		condition := meta.FindStatusCondition(lab.Status.Conditions, kind)
		if condition != nil && condition.Status == metav1.ConditionFalse {
			return condition.Message
		}
	}
	return ""
}

// crowded says how many attendees wait, and for what.
func (s *scope) crowded() conditions.State {
	type wait struct {
		attendees int
		example   string
	}
	waits := map[string]*wait{}
	waiting := 0
	for _, a := range s.attendees {
		if a.waitsFor == "" {
			continue
		}
		waiting++
		kind := kindOf(a.waitsFor)
		if waits[kind] == nil {
			waits[kind] = &wait{example: fmt.Sprintf("%s: %s", a.shownName(), a.waitsFor)}
		}
		waits[kind].attendees++
	}
	if waiting == 0 {
		return conditions.False(v1beta1.ReasonNone, "No attendee waits for something that does not start")
	}
	order := slices.SortedFunc(maps.Keys(waits), func(a, b string) int {
		return cmp.Or(cmp.Compare(waits[b].attendees, waits[a].attendees), strings.Compare(a, b))
	})
	var told []string
	for _, kind := range order[:min(len(order), maxNamed)] {
		told = append(told, fmt.Sprintf("%d like %s", waits[kind].attendees, waits[kind].example))
	}
	if more := len(order) - maxNamed; more > 0 {
		told = append(told, fmt.Sprintf("and for %d other reasons", more))
	}
	return conditions.True(v1beta1.ReasonAttendeesWait,
		fmt.Sprintf("%d of %d attendees wait for their labs: %s", waiting, len(s.attendees), strings.Join(told, "; ")))
}

// names are parts of a notice that differ from one attendee to the next: quoted texts, and names that a controller made.
var names = regexp.MustCompile(`"[^"]*"|\b[a-z0-9]+(?:-[a-z0-9]+)+\b|\d+`)

// kindOf is a notice without what differs from one attendee to the next.
func kindOf(notice string) string { return names.ReplaceAllString(notice, "*") }
