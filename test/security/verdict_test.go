//go:build cluster

package security

import (
	"strings"
	"sync/atomic"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// wordCount makes words that were not said before.
var wordCount atomic.Int64

// say puts a word where the task say looks.
func (s *stage) say(t *testing.T, p *person, word string) {
	t.Helper()
	must(t, p.write(t, "note", map[string]string{"word": word}))
}

// write gives a ConfigMap of a learner's its data.
func (p *person) write(t *testing.T, name string, data map[string]string) error {
	t.Helper()
	note := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: p.environment, Name: name}, Data: data}
	// Update first: the quota counts a create that is refused because the object exists, until it looks again.
	err := p.client.Update(t.Context(), note)
	if apierrors.IsNotFound(err) {
		err = p.client.Create(t.Context(), note)
	}
	return err
}

// task is the state of a task as its learner reads it.
func (p *person) task(t *testing.T, name string) v1beta1.TaskStatus {
	t.Helper()
	lab := &v1beta1.Lab{}
	must(t, p.client.Get(t.Context(), p.lab, lab))
	return taskOf(lab, name)
}

func taskOf(lab *v1beta1.Lab, name string) v1beta1.TaskStatus {
	for _, task := range lab.Status.Tasks {
		if task.Name == name {
			return task
		}
	}
	return v1beta1.TaskStatus{}
}

func (s *stage) untilSeen(t *testing.T, p *person, task, words string) {
	t.Helper()
	var last v1beta1.TaskStatus
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("task %s is %s: %q", task, last.State, last.Observed)
		}
	})
	eventually(t, "task "+task+" shows: "+words, func() bool {
		last = p.task(t, task)
		if last.State == v1beta1.TaskPassed {
			t.Fatalf("task %s is passed", task)
		}
		return strings.Contains(last.Observed, words)
	})
}

// pending shows that a task is open, through nobody's fault but the learner's.
func (s *stage) pending(t *testing.T, p *person, task string) {
	t.Helper()
	if now := p.task(t, task); now.State != v1beta1.TaskPending {
		t.Errorf("task %s is %s, want it Pending: %q", task, now.State, now.Observed)
	}
	s.neverOurFault(t, p)
}

// neverOurFault shows that nothing which a learner did counts as a fault of the author or the platform.
func (s *stage) neverOurFault(t *testing.T, p *person) {
	t.Helper()
	lab := s.lab(t, p.lab)
	if stalled := meta.FindStatusCondition(lab.Status.Conditions, v1beta1.ConditionStalled); stalled != nil {
		t.Errorf("the lab is stalled by its learner: %v", stalled)
	}
	for _, task := range lab.Status.Tasks {
		if task.State == v1beta1.TaskError {
			t.Errorf("task %s is in error through its learner: %s", task.Name, task.Observed)
		}
	}
}

// gone removes an object of the learner's, at once.
func (p *person) gone(t *testing.T, o client.Object) {
	t.Helper()
	must(t, client.IgnoreNotFound(p.client.Delete(t.Context(), copyOf(o), client.PropagationPolicy(metav1.DeletePropagationBackground))))
}
