package faults

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// objectCounts is how often the objects of a run were created and deleted, by names that are the
// same in every run.
type objectCounts map[string]objectCount

// objectCount is that of one object.
type objectCount struct {
	Created, Deleted int
}

// countObjects counts the entries of the audit log.
func (r *scenarioRun) countObjects(entries []entry) objectCounts {
	counts := objectCounts{}
	for _, e := range entries {
		name := normalizeNames(e.resource+" "+e.object.Name, r.lab)
		count := counts[name]
		switch e.change {
		case watch.Added:
			count.Created++
			if r.isReview(e) {
				// The garbage collector, which does not run here, deletes it with the Lab.
				count.Deleted++
			}
		case watch.Deleted:
			count.Deleted++
		}
		if count != (objectCount{}) {
			counts[name] = count
		}
	}
	return counts
}

// add returns the sum of two counts.
func (c objectCounts) add(extra objectCounts) objectCounts {
	sum := maps.Clone(c)
	for name, count := range extra {
		sum[name] = objectCount{sum[name].Created + count.Created, sum[name].Deleted + count.Deleted}
	}
	return sum
}

// leaked returns the objects that were created and not deleted, or the other way round.
func (c objectCounts) leaked() []string {
	var leaked []string
	for _, name := range slices.Sorted(maps.Keys(c)) {
		if count := c[name]; count.Created != count.Deleted {
			leaked = append(leaked, fmt.Sprintf("%s was created %d times and deleted %d times", name, count.Created, count.Deleted))
		}
	}
	return leaked
}

// unexpectedWrites returns changes of other objects than the Lab's status and finalizer, its LabReview,
// its namespace with its contents.
func (r *scenarioRun) unexpectedWrites(entries []entry) []string {
	var found []string
	for _, e := range entries {
		object := e.object
		switch {
		case r.env.ignores(object.Namespace, object.Name):
		case e.resource == "namespaces" && object.Name == r.namespace, object.Namespace == r.namespace:
		case e.resource == "labs" && object.Name == r.lab:
			finalizers := slices.DeleteFunc(slices.Clone(object.Finalizers), func(name string) bool { return name == v1beta1.LabFinalizer })
			if len(finalizers)+len(object.Labels)+len(object.OwnerReferences) > 0 {
				found = append(found, e.String()+" has more metadata than our finalizer")
			}
		case r.isReview(e):
		default:
			found = append(found, e.String())
		}
	}
	return found
}

// isReview reports whether an entry is about the LabReview that goes with the Lab.
func (r *scenarioRun) isReview(e entry) bool {
	owners := e.object.OwnerReferences
	return e.resource == "labreviews" && e.object.Name == r.lab && len(owners) == 1 && string(owners[0].UID) == r.uid
}

// isWithin reports whether counts are at least those of another run, and each at most so many times
// more.
func (c objectCounts) isWithin(least objectCounts, more int) bool {
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

// checkAudit compares the audit log of the whole run with the baseline.
func (r *scenarioRun) checkAudit() error {
	entries, err := r.env.auditLog.since(r.auditStart)
	if err != nil {
		return err
	}
	if found := r.unexpectedWrites(entries); len(found) > 0 {
		return fmt.Errorf("written outside of the lab: %s", strings.Join(found, ", "))
	}
	counts := r.countObjects(entries)
	if leaked := counts.leaked(); len(leaked) > 0 {
		return errors.New(strings.Join(leaked, ", "))
	}
	r.counts = counts
	if r.baseline == nil {
		return nil
	}
	want := r.baseline.counts.add(r.externalCounts)
	if unsure := int(r.uncountedDeletions.Load()); unsure > 0 && counts.isWithin(want, unsure) {
		return nil
	}
	if diff := cmp.Diff(want, counts); diff != "" {
		return fmt.Errorf("created and deleted: (-baseline +counted)\n%s", diff)
	}
	return nil
}
