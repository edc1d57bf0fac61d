package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// maxClose is how many names an error suggests.
const maxClose = 5

// find looks an attendee up by the name in the roster, or else by the handle that labels and files have.
func find(workshop *v1beta1.Workshop, who string) (v1beta1.Attendee, error) {
	for _, matches := range []func(v1beta1.Attendee) bool{
		func(a v1beta1.Attendee) bool { return a.Name == who },
		func(a v1beta1.Attendee) bool { return roster.Handle(a.Name) == who },
	} {
		if at := slices.IndexFunc(workshop.Spec.Attendees, matches); at >= 0 {
			return workshop.Spec.Attendees[at], nil
		}
	}
	near := closeTo(workshop.Spec.Attendees, who)
	switch {
	case len(workshop.Spec.Attendees) == 0:
		return v1beta1.Attendee{}, fmt.Errorf("workshop %s has no attendees", workshop.Name)
	case len(near) == 0:
		return v1beta1.Attendee{}, fmt.Errorf("workshop %s has no attendee %q: kubectl lab results %[1]s lists all", workshop.Name, who)
	default:
		return v1beta1.Attendee{}, fmt.Errorf("workshop %s has no attendee %q: did you mean %s?", workshop.Name, who, strings.Join(near, " or "))
	}
}

// closeTo are the names, in quotes, of whom somebody may have meant who wrote a name: the closest first.
func closeTo(attendees []v1beta1.Attendee, who string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var near []candidate
	wanted := strings.ToLower(who)
	for _, attendee := range attendees {
		best := candidate{name: attendee.Name, distance: -1}
		for _, text := range []string{attendee.Name, roster.Handle(attendee.Name), attendee.DisplayName} {
			if text = strings.ToLower(text); text == "" {
				continue
			}
			away := distance(wanted, text)
			likely := away <= max(1, len([]rune(wanted))/3) || len(wanted) > 1 && strings.Contains(text, wanted)
			if likely && (best.distance < 0 || away < best.distance) {
				best.distance = away
			}
		}
		if best.distance >= 0 {
			near = append(near, best)
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	quoted := make([]string, 0, maxClose)
	for _, candidate := range near[:min(len(near), maxClose)] {
		quoted = append(quoted, fmt.Sprintf("%q", candidate.name))
	}
	return quoted
}

// distance is how many letters are to be put in, taken out or replaced to make one word of another.
func distance(from, to string) int {
	target := []rune(to)
	row := make([]int, len(target)+1)
	for j := range row {
		row[j] = j
	}
	for i, letter := range []rune(from) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range target {
			replaced := diagonal
			if letter != target[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(target)]
}
