package performance

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// BenchmarkStatusPatch measures the API server's processor time for a patch of a Lab's status that changes one text, and for
// a patch of a ConfigMap that changes one value, in turns. It reports milliseconds for each and their ratio.
func BenchmarkStatusPatch(b *testing.B) {
	env, err := testenv.Start(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := env.Stop(); err != nil {
			b.Errorf("stop the API server: %v", err)
		}
	}()
	for name, instructions := range map[string]int{"3KiB": 100, "5KiB": 2100} {
		b.Run(name, func(b *testing.B) { patchInTurns(b, env, strings.ToLower(name), instructions) })
	}
}

// patchInTurns patches a Lab whose current task has instructions of a length, and a ConfigMap.
func patchInTurns(b *testing.B, env *testenv.Environment, name string, instructions int) {
	lab := &v1beta1.Lab{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "patched-" + name}, Spec: v1beta1.LabSpec{Topic: "kubernetes"},
	}
	plain := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "patched-" + name}, Data: map[string]string{"observed": "0"}}
	for _, object := range []client.Object{lab, plain} {
		if err := env.Client.Create(b.Context(), object); err != nil {
			b.Fatal(err)
		}
	}
	before := client.MergeFrom(lab.DeepCopy())
	lab.Status = statusAtWork(instructions)
	if err := env.Client.Status().Patch(b.Context(), lab, before); err != nil {
		b.Fatal(err)
	}
	written, err := json.Marshal(lab.Status)
	if err != nil {
		b.Fatal(err)
	}
	const batch = 100
	var forStatus, forPlain time.Duration
	rounds := 0
	for b.Loop() {
		rounds++
		began := serverTime(b, env.Config)
		for i := range batch {
			before := client.MergeFromWithOptions(lab.DeepCopy(), client.MergeFromWithOptimisticLock{})
			lab.Status.Current.Task.Checks[0].Observed = fmt.Sprintf("%d of the pods are ready", i)
			lab.Status.Tasks[1].Observed = lab.Status.Current.Task.Checks[0].Observed
			if err := env.Client.Status().Patch(b.Context(), lab, before, client.FieldOwner("lab-operator")); err != nil {
				b.Fatal(err)
			}
		}
		middle := serverTime(b, env.Config)
		for i := range batch {
			before := client.MergeFromWithOptions(plain.DeepCopy(), client.MergeFromWithOptimisticLock{})
			plain.Data["observed"] = fmt.Sprintf("%d of the pods are ready", i)
			if err := env.Client.Patch(b.Context(), plain, before, client.FieldOwner("lab-operator")); err != nil {
				b.Fatal(err)
			}
		}
		ended := serverTime(b, env.Config)
		forStatus, forPlain = forStatus+middle-began, forPlain+ended-middle
	}
	each := func(total time.Duration) float64 { return float64(total.Milliseconds()) / float64(rounds*batch) }
	b.ReportMetric(float64(len(written)), "status-bytes")
	b.ReportMetric(each(forStatus), "ms/status-patch")
	b.ReportMetric(each(forPlain), "ms/configmap-patch")
	b.ReportMetric(float64(forStatus)/float64(max(forPlain, 1)), "ratio")
}

// statusAtWork is the status of a lab with one task passed.
func statusAtWork(instructions int) v1beta1.LabStatus {
	now := metav1.NewTime(time.Unix(1767225600, 0))
	words := func(n int) string { return strings.Repeat("ten words. ", n/11+1)[:n] }
	status := v1beta1.LabStatus{
		Exercise: "hpa-scaling", Namespace: "lab-hpa", Phase: v1beta1.LabInProgress, Revision: "hpa-scaling-164d7f7608",
		StartedAt: &now, ObservedGeneration: 1, Next: words(160), TasksTotal: 4, QuestionsTotal: 4,
		Environment: &v1beta1.LabEnvironment{NamespaceUID: "b3e8baa5-86a0-4b9f-b68d-1e914ca8f9e3", SetupHash: "164d7f7608", StartedAt: &now},
		Summary:     v1beta1.LabSummary{Tasks: "1/4", Questions: "0/4", Score: "16%"},
		Current: v1beta1.LabCurrent{
			Task: &v1beta1.CurrentTask{Name: "autoscaler", Title: words(40), Instructions: words(instructions)},
			TaskQuestion: &v1beta1.CurrentQuestion{
				ID: "k8s-01", InterviewQuestion: words(60), Prompt: words(150), AttemptsLeft: 3, AnswerWith: words(90),
				Options: []string{words(60), words(61), words(62), words(63)},
			},
		},
	}
	for i, name := range []string{"requests", "autoscaler", "scaleOut", "scaleIn"} {
		task := v1beta1.TaskStatus{Name: name, State: v1beta1.TaskLocked}
		switch i {
		case 0:
			task.State, task.OpenedAt, task.PassedAt = v1beta1.TaskPassed, &now, &now
		case 1:
			task.State, task.OpenedAt, task.Expected = v1beta1.TaskPending, &now, words(80)
		}
		status.Tasks = append(status.Tasks, task)
	}
	for range 3 {
		status.Current.Task.Checks = append(status.Current.Task.Checks, v1beta1.CheckResult{Expected: words(80), Observed: words(60), State: v1beta1.CheckPending})
	}
	for _, kind := range []string{v1beta1.ConditionProvisioned, v1beta1.ConditionReady, v1beta1.ConditionCompleted} {
		status.Conditions = append(status.Conditions, metav1.Condition{
			Type: kind, Status: metav1.ConditionTrue, Reason: kind, Message: words(90), LastTransitionTime: now, ObservedGeneration: 1,
		})
	}
	return status
}
