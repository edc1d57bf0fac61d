package chaos

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// step is something that a learner or a facilitator does, and what comes of it.
type step struct {
	name  string
	place place
	act   func(ctx context.Context, l *life) error
	// came tells whether a status shows what the step is for.
	came func(status *v1alpha1.LabStatus) bool
}

// place is what a step is about.
type place int

const (
	onLab     place = iota // the spec of the Lab
	inside                 // the contents of the namespace: lost with it
	elsewhere              // the namespace itself: what was done inside is lost
)

// steps are a lab's life up to its deletion.
func steps() []step {
	return []step{
		{"create", elsewhere, create, working("0/4", "0/4")},
		{"progress", inside, set(settings, `{"level":"high"}`), working("1/4", "0/4")},
		{"answer wrong", onLab, answer(func(l *life) string {
			return fmt.Sprintf(`{"choice":%q,"number":41,"later":6}`, letter(l.lab, "one"))
		}), func(status *v1alpha1.LabStatus) bool {
			return len(tried(status, "choice")) == 1 && len(tried(status, "number")) == 1
		}},
		{"answer right", onLab, answer(func(l *life) string {
			return fmt.Sprintf(`{"choice":%q,"number":42,"live":"high"}`, letter(l.lab, "two"))
		}), working("1/4", "3/4")},
		{"absent", elsewhere, environment(v1alpha1.EnvironmentAbsent), func(status *v1alpha1.LabStatus) bool {
			return reason(status, v1alpha1.ConditionProvisioned) == v1alpha1.ReasonEnvironmentAbsent
		}},
		{"fresh", elsewhere, environment(v1alpha1.EnvironmentPresent), working("1/4", "3/4")},
		{"namespace removed", elsewhere, removeNamespace, working("1/4", "3/4")},
		{"hold", inside, set(greeting, `{"text":"hi there"}`), func(status *v1alpha1.LabStatus) bool {
			return status.Summary.Tasks == "2/4" && len(tried(status, "later")) == 1
		}},
		{"complete", inside, complete, func(status *v1alpha1.LabStatus) bool { return status.Phase == v1alpha1.LabCompleted }},
		{"answer last", onLab, answer(func(*life) string { return `{"later":7}` }), func(status *v1alpha1.LabStatus) bool {
			return status.Summary.Questions == "4/4"
		}},
	}
}

// working is a lab that can be worked on, and how far it is.
func working(tasks, questions string) func(*v1alpha1.LabStatus) bool {
	return func(status *v1alpha1.LabStatus) bool {
		return status.Phase == v1alpha1.LabInProgress && reason(status, v1alpha1.ConditionReady) == v1alpha1.ReasonReady &&
			status.Summary.Tasks == tasks && status.Summary.Questions == questions
	}
}

func tried(status *v1alpha1.LabStatus, id string) []string {
	for _, question := range status.Questions {
		if question.ID == id {
			return question.Tried
		}
	}
	return nil
}

func reason(status *v1alpha1.LabStatus, kind string) string {
	for _, condition := range status.Conditions {
		if condition.Type == kind {
			return condition.Reason
		}
	}
	return ""
}

func create(ctx context.Context, l *life) error {
	lab := &v1alpha1.Lab{
		ObjectMeta: metav1.ObjectMeta{Name: l.lab, Namespace: metav1.NamespaceDefault},
		Spec:       v1alpha1.LabSpec{Topic: subject},
	}
	if err := l.admin.Create(ctx, lab); err != nil {
		return err
	}
	l.uid = string(lab.UID)
	return nil
}

// set changes the data of an object of the exercise.
func set(name, data string) func(context.Context, *life) error {
	return func(ctx context.Context, l *life) error {
		object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: l.namespace}}
		return l.admin.Patch(ctx, object, client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"data":%s}`, data)))
	}
}

func answer(given func(*life) string) func(context.Context, *life) error {
	return func(ctx context.Context, l *life) error {
		return l.patch(ctx, fmt.Sprintf(`{"spec":{"answers":%s}}`, given(l)))
	}
}

func environment(wanted v1alpha1.Environment) func(context.Context, *life) error {
	return func(ctx context.Context, l *life) error {
		return l.patch(ctx, fmt.Sprintf(`{"spec":{"environment":%q}}`, wanted))
	}
}

func removeNamespace(ctx context.Context, l *life) error {
	return l.admin.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: l.namespace}})
}

// complete meets what must hold at the end, and then the last task.
func complete(ctx context.Context, l *life) error {
	if err := set(greeting, `{"language":"en"}`)(ctx, l); err != nil {
		return err
	}
	return l.admin.Create(ctx, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: diary, Namespace: l.namespace, Labels: map[string]string{"kind": diary}},
		Data:       map[string]string{"text": "hi there"},
	})
}

func (l *life) patch(ctx context.Context, patch string) error {
	lab := &v1alpha1.Lab{ObjectMeta: metav1.ObjectMeta{Name: l.lab, Namespace: metav1.NamespaceDefault}}
	return l.admin.Patch(ctx, lab, client.RawPatch(types.MergePatchType, []byte(patch)))
}
