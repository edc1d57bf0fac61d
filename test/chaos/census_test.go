package chaos

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/test/world"
)

// census counts how often the objects of a life were made and deleted, by the names that they have in every life.
type census map[string]made

// made counts one object.
type made struct {
	Created, Deleted int
}

// tally makes a census of the entries of a ledger.
func (l *life) tally(entries []entry) census {
	counts := census{}
	for _, e := range entries {
		name := neutral(e.resource+" "+e.object.Name, l.lab)
		count := counts[name]
		switch e.change {
		case watch.Added:
			count.Created++
		case watch.Deleted:
			count.Deleted++
		}
		if count != (made{}) {
			counts[name] = count
		}
	}
	return counts
}

// plus is a census with some more of everything that was made and went.
func (c census) plus(extra census) census {
	sum := maps.Clone(c)
	for name, count := range extra {
		sum[name] = made{sum[name].Created + count.Created, sum[name].Deleted + count.Deleted}
	}
	return sum
}

// orphans are objects that were made and not deleted, or the other way round.
func (c census) orphans() []string {
	var orphans []string
	for _, name := range slices.Sorted(maps.Keys(c)) {
		if count := c[name]; count.Created != count.Deleted {
			orphans = append(orphans, fmt.Sprintf("%s was made %d times and deleted %d times", name, count.Created, count.Deleted))
		}
	}
	return orphans
}

// trespasses are the changes of objects that are none of this life's business: the Lab's status and finalizer, its
// namespace and its revisions.
func (l *life) trespasses(entries []entry) []string {
	var found []string
	for _, e := range entries {
		object := e.object
		switch {
		case l.stage.forgives(object.Namespace, object.Name):
		case e.resource == "namespaces" && object.Name == l.namespace, object.Namespace == l.namespace:
		case e.resource == "controllerrevisions" && object.Namespace == world.OperatorNamespace && strings.HasPrefix(object.Name, l.uid):
			if object.Labels[v1alpha1.LabUIDLabel] != l.uid {
				found = append(found, e.String()+" does not say whose it is")
			}
		case e.resource == "labs" && object.Name == l.lab:
			finalizers := slices.DeleteFunc(slices.Clone(object.Finalizers), func(name string) bool { return name == v1alpha1.LabFinalizer })
			if len(finalizers)+len(object.Labels)+len(object.OwnerReferences) > 0 {
				found = append(found, e.String()+" has more than our finalizer")
			}
		default:
			found = append(found, e.String())
		}
	}
	return found
}

// within tells whether a census has at least what another has, and everything at most so many times more.
func (c census) within(least census, more int) bool {
	for name, count := range c {
		if count.Created > least[name].Created+more {
			return false
		}
	}
	for name, count := range least {
		if c[name].Created < count.Created {
			return false
		}
	}
	return true
}

// audit holds the whole life against what the ledger says of it.
func (l *life) audit() error {
	entries, err := l.stage.ledger.since(l.mark)
	if err != nil {
		return err
	}
	if found := l.trespasses(entries); len(found) > 0 {
		return fmt.Errorf("written outside of the lab: %s", strings.Join(found, ", "))
	}
	counts := l.tally(entries)
	if orphans := counts.orphans(); len(orphans) > 0 {
		return errors.New(strings.Join(orphans, ", "))
	}
	l.counted = counts
	if l.script == nil {
		return nil
	}
	want := l.script.census.plus(l.extra)
	if unsure := int(l.unsure.Load()); unsure > 0 && counts.within(want, unsure) {
		return nil
	}
	if diff := cmp.Diff(want, counts); diff != "" {
		return fmt.Errorf("made and deleted: (-undisturbed +counted)\n%s", diff)
	}
	return nil
}
