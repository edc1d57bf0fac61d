package export_test

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/roster"
)

var kubecon = types.NamespacedName{Namespace: "workshops", Name: "kubecon"}

// at is a time of the workshop's day, so many minutes after its opening.
func at(minutes int) *metav1.Time {
	return &metav1.Time{Time: time.Date(2027, 3, 1, 9, minutes, 0, 0, time.UTC)}
}

// workshop has two labs, and the second one's exercise is the topic's first.
func workshop(attendees ...v1beta1.Attendee) *v1beta1.Workshop {
	return &v1beta1.Workshop{
		ObjectMeta: metav1.ObjectMeta{Namespace: kubecon.Namespace, Name: kubecon.Name},
		Spec: v1beta1.WorkshopSpec{
			Attendees: attendees, OpensAt: at(0), ClosesAt: *at(180),
			LabTemplates: []v1beta1.LabTemplate{
				{Name: "scale", Spec: v1beta1.LabSpec{Topic: "kubernetes", Exercise: "hpa-scaling"}},
				{Name: "events", Spec: v1beta1.LabSpec{Topic: "kafka"}},
			},
		},
	}
}

func attendee(name, display string) v1beta1.Attendee {
	return v1beta1.Attendee{Name: name, DisplayName: display}
}

// lab is one of an attendee's, as the operator makes it, with three tasks and two questions.
func lab(who, name, topic, exercise string, passed, right int, change ...func(*v1beta1.Lab)) v1beta1.Lab {
	handle := roster.Handle(who)
	lab := v1beta1.Lab{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: roster.NamespaceName(kubecon, handle), Name: name,
			Labels: map[string]string{
				v1beta1.WorkshopNamespaceLabel: kubecon.Namespace, v1beta1.WorkshopLabel: kubecon.Name, v1beta1.AttendeeLabel: handle,
			},
			Annotations: map[string]string{v1beta1.AttendeeAnnotation: who},
		},
		Spec: v1beta1.LabSpec{Topic: topic},
		Status: v1beta1.LabStatus{
			Exercise: exercise, Phase: v1beta1.LabInProgress, StartedAt: at(-10), ScorePercent: int32(20 * (passed + right)),
			TasksPassed: int32(passed), TasksTotal: 3, QuestionsRight: int32(right), QuestionsTotal: 2,
		},
	}
	for _, change := range change {
		change(&lab)
	}
	return lab
}

// completed is a lab whose tasks were all passed at a time.
func completed(when *metav1.Time) func(*v1beta1.Lab) {
	return func(lab *v1beta1.Lab) {
		lab.Status.CompletedAt, lab.Status.Phase = when, v1beta1.LabCompleted
	}
}

// result is the record of such a lab.
func result(who, name, topic, exercise string, passed, right int, change ...func(*v1beta1.LabResultSpec)) v1beta1.LabResult {
	result := v1beta1.LabResult{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: kubecon.Namespace, Name: roster.ResultName(kubecon.Name, roster.Handle(who), name, exercise),
			Labels: map[string]string{v1beta1.WorkshopLabel: kubecon.Name},
		},
		Spec: v1beta1.LabResultSpec{
			Workshop: kubecon.Name, Attendee: who, Lab: name, Topic: topic, Exercise: exercise,
			StartedAt: at(-10), ScorePercent: int32(20 * (passed + right)),
			TasksPassed: int32(passed), TasksTotal: 3, QuestionsRight: int32(right), QuestionsTotal: 2,
		},
	}
	for _, change := range change {
		change(&result.Spec)
	}
	return result
}
