package lab

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func replicaSet(name, condition, status, message string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"kind":     "ReplicaSet",
		"metadata": map[string]any{"name": name},
		"status":   map[string]any{"conditions": []any{map[string]any{"type": condition, "status": status, "message": message}}},
	}}
}

func pod(name, field, reason, message string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"metadata": map[string]any{"name": name},
		"status": map[string]any{field: []any{map[string]any{
			"name": "main", "state": map[string]any{"waiting": map[string]any{"reason": reason, "message": message}},
		}}},
	}}
}

func TestTroubles(t *testing.T) {
	const refusal = `pods "load-1" is forbidden: violates PodSecurity "restricted:v1.37": runAsNonRoot != true`
	tests := map[string]struct {
		sets, pods []*unstructured.Unstructured
		want       []string
	}{
		"nothing is wrong": {
			sets: []*unstructured.Unstructured{replicaSet("web-1", "ReplicaFailure", "False", "")},
			pods: []*unstructured.Unstructured{pod("web-1-a", "containerStatuses", "ContainerCreating", "")},
		},
		"pods that pod security refuses": {
			sets: []*unstructured.Unstructured{replicaSet("load-1", "ReplicaFailure", "True", refusal)},
			want: []string{"pods of ReplicaSet load-1 are refused: " + refusal},
		},
		"an image that cannot be pulled": {
			pods: []*unstructured.Unstructured{pod("web-1-a", "containerStatuses", "ErrImagePull", "not\n found")},
			want: []string{"container main of pod web-1-a does not run: ErrImagePull: not found"},
		},
		"a container before the others": {
			pods: []*unstructured.Unstructured{pod("web-1-a", "initContainerStatuses", "InvalidImageName", "bad name")},
			want: []string{"container main of pod web-1-a does not run: InvalidImageName: bad name"},
		},
		"a container that ends again and again, in words that do not change": {
			pods: []*unstructured.Unstructured{pod("web-1-a", "containerStatuses", "CrashLoopBackOff", "back-off 40s restarting failed container")},
			want: []string{"container main of pod web-1-a does not run: CrashLoopBackOff: it ends soon after every start; kubectl logs shows why"},
		},
		"many troubles, each told once and five in all": {
			sets: []*unstructured.Unstructured{replicaSet("a", "ReplicaFailure", "True", "no"), replicaSet("a", "ReplicaFailure", "True", "no")},
			pods: []*unstructured.Unstructured{
				pod("f", "containerStatuses", "ErrImagePull", "no"), pod("e", "containerStatuses", "ErrImagePull", "no"),
				pod("d", "containerStatuses", "ErrImagePull", "no"), pod("c", "containerStatuses", "ErrImagePull", "no"),
				pod("b", "containerStatuses", "ErrImagePull", "no"),
			},
			want: []string{
				"container main of pod b does not run: ErrImagePull: no", "container main of pod c does not run: ErrImagePull: no",
				"container main of pod d does not run: ErrImagePull: no", "container main of pod e does not run: ErrImagePull: no",
				"container main of pod f does not run: ErrImagePull: no",
			},
		},
		"a status of another shape": {
			pods: []*unstructured.Unstructured{{Object: map[string]any{"status": map[string]any{"containerStatuses": "none"}}}},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := troubles(workloads{replicaSets: tc.sets, pods: tc.pods}, nil, nil)
			if diff := cmp.Diff(tc.want, got); len(got)+len(tc.want) > 0 && diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoticesAreBounded(t *testing.T) {
	got := troubles(workloads{replicaSets: []*unstructured.Unstructured{replicaSet("a", "ReplicaFailure", "True", strings.Repeat("ü", 1000))}}, nil, nil)
	if painted := bounded("a\x1b[2J\u202eb\ac"); painted != "a[2Jbc" {
		t.Errorf("a terminal would obey %q", painted)
	}
	if len(got) != 1 || len(got[0]) > noticeLength || !strings.HasSuffix(got[0], "ü…") {
		t.Errorf("got %q", got)
	}
}

func TestStrayAnswers(t *testing.T) {
	questions := []v1beta1.Question{{ID: "k8s-04"}, {ID: "k8s-07"}}
	tests := map[string]struct {
		questions []v1beta1.Question
		given     []string
		want      string
	}{
		"no answers":            {questions, nil, ""},
		"answers to questions":  {questions, []string{"k8s-07", "k8s-04"}, ""},
		"an answer to none":     {questions, []string{"k8s-99", "k8s-04"}, "answer k8s-99: this lab has no such question; it has k8s-04, k8s-07"},
		"several, in order":     {questions, []string{"z-1", "a-1"}, "answers a-1, z-1: this lab has no such questions; it has k8s-04, k8s-07"},
		"a lab without any":     {nil, []string{"k8s-99"}, "answer k8s-99: this lab has no such question; it has none"},
		"no answer to no lab's": {nil, nil, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			answers := map[string]intstr.IntOrString{}
			for _, id := range tc.given {
				answers[id] = intstr.FromString("b")
			}
			if diff := cmp.Diff(tc.want, strayAnswers(answers, tc.questions)); diff != "" {
				t.Errorf("notice (-want +got):\n%s", diff)
			}
		})
	}
}
