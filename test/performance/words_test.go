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

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// words are numbers, each larger than the one before. They are written in the notes of labs, and looked for elsewhere.
type words struct {
	mu   sync.Mutex
	next int
	open map[string][]word // by lab: those that have not arrived yet
	took []time.Duration
}

type word struct {
	number int
	at     time.Time
}

// send notes that a word is about to be written in a lab.
func (w *words) send(lab string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next++
	w.open[lab] = append(w.open[lab], word{w.next, time.Now()})
	return w.next
}

// arrive notes that a word of a lab was seen: with it arrive those that it has overtaken.
func (w *words) arrive(lab string, number int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	w.open[lab] = slices.DeleteFunc(w.open[lab], func(sent word) bool {
		if sent.number > number {
			return false
		}
		w.took = append(w.took, now.Sub(sent.at))
		return true
	})
}

// arrived is how many words have arrived.
func (w *words) arrived() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.took)
}

// latencies are how long words took from before they were written until they were seen.
type latencies []time.Duration

// percentile is the time within which that many of a hundred arrived.
func (l latencies) percentile(p int) time.Duration {
	sorted := slices.Sorted(slices.Values(l))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

// echo is a way on which words come back: by the status of Labs, or by the copies of a bare watcher.
type echo struct {
	room *room
	// list is of what is watched for words, in the namespace of the room.
	list client.ObjectList
	// read finds the word, and nothing where there is none.
	read func(client.Object) string
}

// fromLabs is the way by the operator.
func fromLabs(r *room) echo {
	return echo{room: r, list: &v1alpha1.LabList{}, read: func(object client.Object) string {
		lab, ok := object.(*v1alpha1.Lab)
		if !ok || len(lab.Status.Tasks) == 0 {
			return ""
		}
		return strings.TrimPrefix(lab.Status.Tasks[0].Seen, announced)
	}}
}

// fromCopies is the way by the bare copier.
func fromCopies(r *room) echo {
	return echo{room: r, list: &corev1.ConfigMapList{}, read: func(object client.Object) string {
		if copied, ok := object.(*corev1.ConfigMap); ok {
			return copied.Data[wordKey]
		}
		return ""
	}}
}

// wordKey is the key of a ConfigMap under which the word stands.
const wordKey = "word"

// listen has words arrive until the context ends.
func (e echo) listen(ctx context.Context, w *words, from watched) error {
	return from.follow(ctx, func(_ watch.EventType, object client.Object) bool {
		if number, err := strconv.Atoi(e.read(object)); err == nil {
			w.arrive(object.GetName(), number)
		}
		return false
	})
}

// write puts a word into the note of a lab.
func (r *room) write(ctx context.Context, i, number int) error {
	written := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: r.place(i), Name: note},
		Data:       map[string]string{wordKey: strconv.Itoa(number)},
	}
	if err := r.admin.Update(ctx, written); err != nil {
		return fmt.Errorf("write a word: %w", err)
	}
	return nil
}
