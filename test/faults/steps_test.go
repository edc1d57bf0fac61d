package faults

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// step is what a learner or a facilitator does, and what comes of it.
type step struct {
	name   string
	target target
	act    func(ctx context.Context, r *scenarioRun) error
	// reached reports whether a status shows the goal of the step.
	reached func(status *v1beta1.LabStatus) bool
}

// target is what a step changes.
type target int

const (
	onLab       target = iota // the spec of the Lab
	onContents                // the contents of the namespace: lost with it
	onNamespace               // the namespace itself: what was done inside is lost
)

// steps returns the scenario up to the deletion of the Lab.
func steps() []step {
	return []step{
		{"create", onNamespace, createLab, inProgress("0/4", "0/4")},
		{"progress", onContents, patchConfigMap(settings, `{"level":"high"}`), inProgress("1/4", "0/4")},
		{"answer wrong", onLab, giveAnswers(func(r *scenarioRun) string {
			return fmt.Sprintf(`{"choice":%q,"number":41,"later":6}`, optionLetter(r.lab, "one"))
		}), func(status *v1beta1.LabStatus) bool {
			return len(attemptsAt(status, "choice")) == 1 && len(attemptsAt(status, "number")) == 1
		}},
		{"answer right", onLab, giveAnswers(func(r *scenarioRun) string {
			return fmt.Sprintf(`{"choice":%q,"number":42,"live":"high"}`, optionLetter(r.lab, "two"))
		}), inProgress("1/4", "3/4")},
		{"absent", onNamespace, setEnvironment(v1beta1.EnvironmentAbsent), func(status *v1beta1.LabStatus) bool {
			return conditionReason(status, v1beta1.ConditionProvisioned) == v1beta1.ReasonEnvironmentAbsent
		}},
		{"fresh", onNamespace, setEnvironment(v1beta1.EnvironmentPresent), inProgress("1/4", "3/4")},
		{"namespace removed", onNamespace, deleteNamespace, inProgress("1/4", "3/4")},
		{"hold", onContents, patchConfigMap(greeting, `{"text":"hi there"}`), func(status *v1beta1.LabStatus) bool {
			return status.Summary.Tasks == "2/4" && len(attemptsAt(status, "later")) == 1
		}},
		{"complete", onContents, completeTasks, func(status *v1beta1.LabStatus) bool { return status.Phase == v1beta1.LabCompleted }},
		{"answer last", onLab, giveAnswers(func(*scenarioRun) string { return `{"later":7}` }), func(status *v1beta1.LabStatus) bool {
			return status.Summary.Questions == "4/4"
		}},
	}
}

// inProgress matches a lab that is ready, by its progress.
func inProgress(tasks, questions string) func(*v1beta1.LabStatus) bool {
	return func(status *v1beta1.LabStatus) bool {
		return status.Phase == v1beta1.LabInProgress && conditionReason(status, v1beta1.ConditionReady) == v1beta1.ReasonReady &&
			status.Summary.Tasks == tasks && status.Summary.Questions == questions
	}
}

func attemptsAt(status *v1beta1.LabStatus, id string) []string {
	for _, question := range status.Questions {
		if question.ID == id {
			return question.Attempts
		}
	}
	return nil
}

func conditionReason(status *v1beta1.LabStatus, kind string) string {
	for _, condition := range status.Conditions {
		if condition.Type == kind {
			return condition.Reason
		}
	}
	return ""
}

func createLab(ctx context.Context, r *scenarioRun) error {
	lab := &v1beta1.Lab{
		ObjectMeta: metav1.ObjectMeta{Name: r.lab, Namespace: metav1.NamespaceDefault},
		Spec:       v1beta1.LabSpec{Topic: catalogName},
	}
	if err := r.admin.Create(ctx, lab); err != nil {
		return err
	}
	r.uid = string(lab.UID)
	return nil
}

// patchConfigMap changes the data of an object of the exercise.
func patchConfigMap(name, data string) func(context.Context, *scenarioRun) error {
	return func(ctx context.Context, r *scenarioRun) error {
		object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: r.namespace}}
		return r.admin.Patch(ctx, object, client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"data":%s}`, data)))
	}
}

func giveAnswers(given func(*scenarioRun) string) func(context.Context, *scenarioRun) error {
	return func(ctx context.Context, r *scenarioRun) error {
		return r.patchLab(ctx, fmt.Sprintf(`{"spec":{"answers":%s}}`, given(r)))
	}
}

func setEnvironment(wanted v1beta1.Environment) func(context.Context, *scenarioRun) error {
	return func(ctx context.Context, r *scenarioRun) error {
		return r.patchLab(ctx, fmt.Sprintf(`{"spec":{"environment":%q}}`, wanted))
	}
}

func deleteNamespace(ctx context.Context, r *scenarioRun) error {
	return r.admin.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: r.namespace}})
}

// completeTasks meets the continuous task, and then the last one.
func completeTasks(ctx context.Context, r *scenarioRun) error {
	if err := patchConfigMap(greeting, `{"language":"en"}`)(ctx, r); err != nil {
		return err
	}
	return r.admin.Create(ctx, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: diary, Namespace: r.namespace, Labels: map[string]string{"kind": diary}},
		Data:       map[string]string{"text": "hi there"},
	})
}

func (r *scenarioRun) patchLab(ctx context.Context, patch string) error {
	lab := &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Name: r.lab, Namespace: metav1.NamespaceDefault}}
	return r.admin.Patch(ctx, lab, client.RawPatch(types.MergePatchType, []byte(patch)))
}
