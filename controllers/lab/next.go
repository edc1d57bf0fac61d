package lab

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/text"
)

// next is one sentence on what to do now, with the command to look with.
func (s *scope) next() string {
	switch {
	case s.lab.Status.CompletedAt != nil:
		return bounded1k(s.afterCompletion())
	case s.pinned == nil:
		return bounded1k(s.unstarted())
	case s.provisioned.Status != metav1.ConditionTrue:
		return bounded1k(s.provisioned.Message + ".")
	case s.ready.Status != metav1.ConditionTrue:
		return bounded1k(fmt.Sprintf("%s. Inspect with: kubectl -n %s get pods", s.ready.Message, s.namespace))
	}
	for _, task := range s.lab.Status.Tasks {
		if isOpen(task.State) {
			return bounded1k(fmt.Sprintf("Task %s: %s. Inspect with: %s", task.Name, s.title(task.Name), s.inspectCommand()))
		}
	}
	// Evaluation opens tasks in the same pass, but an operator that has just started keeps tasks of whose evidence it has
	// not seen all.
	for _, task := range s.lab.Status.Tasks {
		if task.State == v1beta1.TaskLocked {
			return bounded1k(fmt.Sprintf("Task %s comes next: %s. It opens in a moment.", task.Name, s.title(task.Name)))
		}
	}
	return "Nothing is left to do."
}

// unstarted says what keeps a lab without anything to be judged by.
func (s *scope) unstarted() string {
	stalled := meta.FindStatusCondition(s.lab.Status.Conditions, v1beta1.ConditionStalled)
	if stalled != nil && stalled.Status == metav1.ConditionTrue {
		return text.Sentence(stalled.Message)
	}
	return "The lab is about to be started."
}

// afterCompletion says how long it took, what is next, and last, since it is the longest, what it was good for.
func (s *scope) afterCompletion() string {
	var b strings.Builder
	b.WriteString("Completed")
	if started := s.lab.Status.StartedAt; started != nil {
		// No time at all where the clock was set back in between.
		fmt.Fprintf(&b, " in %s", max(s.lab.Status.CompletedAt.Sub(started.Time), 0).Round(time.Second))
	}
	id, exercise := s.openQuestion(), s.nextExercise()
	switch {
	case id != "":
		fmt.Fprintf(&b, ". Question %s is open; answer with: %s", id, s.answerCommand(id))
	case exercise != "":
		fmt.Fprintf(&b, ". Next in topic %s: a Lab with exercise %s.", s.lab.Spec.Topic, exercise)
	default:
		b.WriteString(". It was the last exercise of its topic; kubectl get topics lists the others.")
	}
	if s.pinned != nil && s.pinned.Bundle.Exercise.Incident != "" {
		fmt.Fprintf(&b, " This prepares you for: %s", text.Sentence(s.pinned.Bundle.Exercise.Incident))
	}
	return b.String()
}

// title is that of a task, for this learner.
func (s *scope) title(task string) string {
	for i := range s.pinned.Bundle.Exercise.Tasks {
		if spec := &s.pinned.Bundle.Exercise.Tasks[i]; spec.Name == task {
			return s.text(spec.Title)
		}
	}
	return ""
}

// nextExercise is the one behind this lab's in the order of the topic, empty behind the last.
func (s *scope) nextExercise() string {
	if s.topic == nil {
		return ""
	}
	at := slices.Index(s.topic.Spec.Exercises, s.lab.Status.Exercise)
	if at < 0 || at+1 >= len(s.topic.Spec.Exercises) {
		return ""
	}
	return s.topic.Spec.Exercises[at+1]
}

func (s *scope) openQuestion() string {
	if question := s.lab.Status.Current.TaskQuestion; question != nil {
		return question.ID
	}
	return ""
}

// inspectCommand gets the kinds that the exercise is about. What is behind a service are pods.
func (s *scope) inspectCommand() string {
	var kinds []string
	add := func(kind string) {
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	for _, kind := range s.pinned.Kinds {
		add(strings.ToLower(kind.Kind))
	}
	var release string
	for _, e := range s.pinned.Bundle.Exercise.Evidence {
		switch {
		case e.Probe == nil:
		case e.Probe.Helm != nil:
			release = e.Probe.Helm.Release
		default:
			add("service")
			add("pod")
		}
	}
	if len(kinds) == 0 {
		return fmt.Sprintf("helm -n %s history %s", s.namespace, release)
	}
	return fmt.Sprintf("kubectl -n %s get %s", s.namespace, strings.Join(kinds, ","))
}

// namespaceFlag is what kubectl needs to find the Lab, empty where it looks anyway.
func (s *scope) namespaceFlag() string {
	if s.lab.Namespace == metav1.NamespaceDefault {
		return ""
	}
	return " -n " + s.lab.Namespace
}

// bounded1k keeps next within its bound in the API.
func bounded1k(next string) string { return text.Truncate(next, 1024) }
