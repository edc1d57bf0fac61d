package performance

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// latencyMarks are numbers, each larger than the one before. They are written to the ConfigMaps of
// labs, and observed at the end of a path.
type latencyMarks struct {
	mu        sync.Mutex
	next      int
	open      map[string][]mark // by lab: those that have not arrived yet
	latencies []time.Duration
}

type mark struct {
	number int
	at     time.Time
}

// send records that a mark is about to be written in a lab.
func (marks *latencyMarks) send(lab string) int {
	marks.mu.Lock()
	defer marks.mu.Unlock()
	marks.next++
	marks.open[lab] = append(marks.open[lab], mark{marks.next, time.Now()})
	return marks.next
}

// arrive records that a mark of a lab was observed, and with it all earlier ones.
func (marks *latencyMarks) arrive(lab string, number int) {
	marks.mu.Lock()
	defer marks.mu.Unlock()
	now := time.Now()
	marks.open[lab] = slices.DeleteFunc(marks.open[lab], func(sent mark) bool {
		if sent.number > number {
			return false
		}
		marks.latencies = append(marks.latencies, now.Sub(sent.at))
		return true
	})
}

// arrived returns how many marks have arrived.
func (marks *latencyMarks) arrived() int {
	marks.mu.Lock()
	defer marks.mu.Unlock()
	return len(marks.latencies)
}

// latencies are the times from before marks were written until they were observed.
type latencies []time.Duration

// percentile returns the time within which so many of a hundred arrived.
func (l latencies) percentile(p int) time.Duration {
	sorted := slices.Sorted(slices.Values(l))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

// path is how marks come back: in the status of Labs, or in the copies of the baseline watcher.
type path struct {
	fleet *fleet
	// list is of the kind that is watched for marks, in the namespace of the fleet.
	list client.ObjectList
	// read returns the mark, or nothing.
	read func(client.Object) string
}

// labPath is the path through the operator.
func labPath(f *fleet) path {
	return path{fleet: f, list: &v1beta1.LabList{}, read: func(object client.Object) string {
		lab, ok := object.(*v1beta1.Lab)
		if !ok || len(lab.Status.Tasks) == 0 {
			return ""
		}
		return strings.TrimPrefix(lab.Status.Tasks[0].Observed, markPrefix)
	}}
}

// baselinePath is the path through the baseline watcher.
func baselinePath(f *fleet) path {
	return path{fleet: f, list: &corev1.ConfigMapList{}, read: func(object client.Object) string {
		if copied, ok := object.(*corev1.ConfigMap); ok {
			return copied.Data[markKey]
		}
		return ""
	}}
}

// markKey is the key of the mark in a ConfigMap.
const markKey = "mark"

// receive records marks until the context ends.
func (p path) receive(ctx context.Context, marks *latencyMarks, from watched) error {
	return from.follow(ctx, func(_ watch.EventType, object client.Object) bool {
		if number, err := strconv.Atoi(p.read(object)); err == nil {
			marks.arrive(object.GetName(), number)
		}
		return false
	})
}

// writeMark writes a mark to the ConfigMap of a lab.
func (f *fleet) writeMark(ctx context.Context, i, number int) error {
	written := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: f.labNamespace(i), Name: note},
		Data:       map[string]string{markKey: strconv.Itoa(number)},
	}
	if err := f.admin.Update(ctx, written); err != nil {
		return fmt.Errorf("write a mark: %w", err)
	}
	return nil
}
