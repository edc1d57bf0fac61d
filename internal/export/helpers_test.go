package export_test

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/roster"
)

var kubecon = types.NamespacedName{Namespace: "workshops", Name: "kubecon"}

// at is a time of the workshop's day, so many minutes after its opening.
func at(minutes int) *metav1.Time {
	return &metav1.Time{Time: time.Date(2027, 3, 1, 9, minutes, 0, 0, time.UTC)}
}

// workshop has two labs, and the second one's exercise is the topic's first.
func workshop(attendees ...v1alpha1.Attendee) *v1alpha1.Workshop {
	return &v1alpha1.Workshop{
		ObjectMeta: metav1.ObjectMeta{Namespace: kubecon.Namespace, Name: kubecon.Name},
		Spec: v1alpha1.WorkshopSpec{
			Attendees: attendees, OpensAt: at(0), ClosesAt: *at(180),
			Labs: []v1alpha1.WorkshopLab{
				{Name: "scale", Topic: "kubernetes", Exercise: "hpa-scaling"},
				{Name: "events", Topic: "kafka"},
			},
		},
	}
}

func attendee(name, display string) v1alpha1.Attendee {
	return v1alpha1.Attendee{Name: name, DisplayName: display}
}

// lab is one of an attendee's, as the operator makes it, with three tasks and two questions.
func lab(who, name, topic, exercise string, passed, right int, change ...func(*v1alpha1.Lab)) v1alpha1.Lab {
	handle := roster.Handle(who)
	lab := v1alpha1.Lab{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: roster.NamespaceName(kubecon, handle), Name: name,
			Labels: map[string]string{
				v1alpha1.WorkshopNamespaceLabel: kubecon.Namespace, v1alpha1.WorkshopLabel: kubecon.Name, v1alpha1.AttendeeLabel: handle,
			},
			Annotations: map[string]string{v1alpha1.AttendeeAnnotation: who},
		},
		Spec: v1alpha1.LabSpec{Topic: topic},
		Status: v1alpha1.LabStatus{
			Exercise: exercise, Phase: v1alpha1.LabInProgress, StartedAt: at(-10), ScorePercent: int32(20 * (passed + right)),
		},
	}
	for i := range 3 {
		state := v1alpha1.StatePending
		if i < passed {
			state = v1alpha1.StatePassed
		}
		lab.Status.Tasks = append(lab.Status.Tasks, v1alpha1.TaskStatus{Name: fmt.Sprint("task-", i), State: state})
	}
	for i := range 2 {
		state := v1alpha1.StateOpen
		if i < right {
			state = v1alpha1.StateRight
		}
		lab.Status.Questions = append(lab.Status.Questions, v1alpha1.QuestionStatus{ID: fmt.Sprint("q-", i), State: state})
	}
	for _, change := range change {
		change(&lab)
	}
	return lab
}

// completed is a lab whose tasks were all passed at a time.
func completed(when *metav1.Time) func(*v1alpha1.Lab) {
	return func(lab *v1alpha1.Lab) {
		lab.Status.CompletedAt, lab.Status.Phase = when, v1alpha1.LabCompleted
	}
}

// result is the record of such a lab.
func result(who, name, topic, exercise string, passed, right int, change ...func(*v1alpha1.ResultSpec)) v1alpha1.Result {
	result := v1alpha1.Result{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: kubecon.Namespace, Name: roster.ResultName(kubecon.Name, roster.Handle(who), name, exercise),
			Labels: map[string]string{v1alpha1.WorkshopLabel: kubecon.Name},
		},
		Spec: v1alpha1.ResultSpec{
			Workshop: kubecon.Name, Attendee: who, Lab: name, Topic: topic, Exercise: exercise,
			StartedAt: at(-10), ScorePercent: int32(20 * (passed + right)),
			Summary: v1alpha1.LabSummary{Tasks: fmt.Sprintf("%d/3", passed), Questions: fmt.Sprintf("%d/2", right)},
		},
	}
	for i := range passed {
		result.Spec.Passed = append(result.Spec.Passed, v1alpha1.PassedTask{Name: fmt.Sprint("task-", i), At: *at(i)})
	}
	for i := range right {
		result.Spec.Questions = append(result.Spec.Questions, v1alpha1.GradedQuestion{ID: fmt.Sprint("q-", i), State: v1alpha1.StateRight})
	}
	for _, change := range change {
		change(&result.Spec)
	}
	return result
}
