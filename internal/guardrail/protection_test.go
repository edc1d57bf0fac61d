package guardrail_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

const (
	protectedPods   = "learning.lab-operator.dev/protected-pods"
	protectedClaims = "learning.lab-operator.dev/protected-claims"
	openContainers  = "learning.lab-operator.dev/open-containers"
	openPorts       = "learning.lab-operator.dev/open-ports"
)

// setupObjects reads objects from YAML.
func setupObjects(t *testing.T, texts ...string) []*unstructured.Unstructured {
	t.Helper()
	var objects []*unstructured.Unstructured
	for _, text := range texts {
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(text), &object.Object); err != nil {
			t.Fatalf("%v in:\n%s", err, text)
		}
		objects = append(objects, object)
	}
	return objects
}

func TestNamespaceNamesWhatIsProtected(t *testing.T) {
	const mark = `labels: {learning.lab-operator.dev/protected: "true"}`
	tests := map[string]struct {
		setup []string
		want  map[string]string
	}{
		"nothing": {want: map[string]string{}},
		"what is the learner's": {
			setup: []string{
				`{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {metadata: {labels: {app: web}, annotations: {learning.lab-operator.dev/open-containers: web, learning.lab-operator.dev/open-ports: "true"}}, spec: {containers: [{name: web}]}}}}`,
				`{apiVersion: v1, kind: Pod, metadata: {name: bare}, spec: {volumes: [{name: a, persistentVolumeClaim: {claimName: mine}}]}}`,
				`{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: mine}}`,
				`{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: etcd}, spec: {template: {metadata: {}}, volumeClaimTemplates: [{metadata: {name: data}}]}}`,
				`{apiVersion: v1, kind: ConfigMap, metadata: {name: rules, ` + mark + `}}`,
			},
			want: map[string]string{},
		},
		"pods of every workload, in the order of the setup": {
			setup: []string{
				`{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: postgres, ` + mark + `}, spec: {template: {metadata: {` + mark + `}}}}`,
				`{apiVersion: apps/v1, kind: Deployment, metadata: {name: registry, ` + mark + `}, spec: {template: {metadata: {` + mark + `}}}}`,
				`{apiVersion: batch/v1, kind: CronJob, metadata: {name: night, ` + mark + `}, spec: {jobTemplate: {spec: {template: {metadata: {` + mark + `}}}}}}`,
				`{apiVersion: v1, kind: Pod, metadata: {name: bare, ` + mark + `}}`,
			},
			want: map[string]string{protectedPods: "postgres-,registry-,night-,bare"},
		},
		"pods of a workload that is protected by half": {
			setup: []string{
				`{apiVersion: apps/v1, kind: Deployment, metadata: {name: alone, ` + mark + `}, spec: {template: {metadata: {}}}}`,
				`{apiVersion: apps/v1, kind: Deployment, metadata: {name: pods}, spec: {template: {metadata: {` + mark + `}}}}`,
			},
			want: map[string]string{protectedPods: "alone-,pods-"},
		},
		"a label of another value protects nothing": {
			setup: []string{`{apiVersion: v1, kind: Pod, metadata: {name: bare, labels: {learning.lab-operator.dev/protected: "no"}}}`},
			want:  map[string]string{},
		},
		"workloads of one name are named once": {
			setup: []string{
				`{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: web, ` + mark + `}, spec: {template: {}}}`,
				`{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, ` + mark + `}, spec: {template: {}}}`,
			},
			want: map[string]string{protectedPods: "web-"},
		},
		"containers that are made for the learner": {
			setup: []string{
				`{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: postgres, ` + mark + `}, spec: {template: {metadata: {` + mark + `, annotations: {learning.lab-operator.dev/open-containers: "client, shell,"}}}}}`,
				`{apiVersion: v1, kind: Pod, metadata: {name: bare, ` + mark + `, annotations: {learning.lab-operator.dev/open-containers: client}}}`,
			},
			want: map[string]string{protectedPods: "postgres-,bare", openContainers: "postgres-/client,postgres-/shell,bare/client"},
		},
		"ports that learners forward": {
			setup: []string{
				`{apiVersion: apps/v1, kind: Deployment, metadata: {name: customers, ` + mark + `}, spec: {template: {metadata: {` + mark + `, annotations: {learning.lab-operator.dev/open-ports: "true"}}}}}`,
				`{apiVersion: apps/v1, kind: Deployment, metadata: {name: store, ` + mark + `}, spec: {template: {metadata: {` + mark + `, annotations: {learning.lab-operator.dev/open-ports: "yes"}}}}}`,
			},
			want: map[string]string{protectedPods: "customers-,store-", openPorts: "customers-"},
		},
		"claims, by name and by template": {
			setup: []string{
				`{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: ledger, ` + mark + `}}`,
				`{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: postgres, ` + mark + `}, spec: {template: {metadata: {` + mark + `}}, volumeClaimTemplates: [{metadata: {name: data}}, {metadata: {name: log}}]}}`,
				`{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: open}, spec: {template: {}, volumeClaimTemplates: [{metadata: {name: mine}}, {metadata: {name: theirs, ` + mark + `}}]}}`,
			},
			want: map[string]string{protectedPods: "postgres-", protectedClaims: "ledger,data-postgres-,log-postgres-,theirs-open-"},
		},
		"claims of volumes that go with a pod": {
			setup: []string{
				`{apiVersion: apps/v1, kind: Deployment, metadata: {name: registry, ` + mark + `}, spec: {template: {metadata: {` + mark + `}, spec: {volumes: [{name: data, ephemeral: {volumeClaimTemplate: {spec: {}}}}]}}}}`,
				`{apiVersion: v1, kind: Pod, metadata: {name: bare, ` + mark + `}, spec: {volumes: [{name: data, ephemeral: {volumeClaimTemplate: {spec: {}}}}, {name: tmp, emptyDir: {}}]}}`,
				`{apiVersion: apps/v1, kind: Deployment, metadata: {name: open}, spec: {template: {spec: {volumes: [{name: data, ephemeral: {volumeClaimTemplate: {spec: {}}}}]}}}}`,
			},
			want: map[string]string{protectedPods: "registry-,bare", protectedClaims: "registry-,bare-data"},
		},
		"what is malformed": {
			setup: []string{
				`{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, ` + mark + `}, spec: {template: text}}`,
				`{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: b, ` + mark + `}, spec: {template: {spec: {volumes: [text]}}, volumeClaimTemplates: text}}`,
			},
			want: map[string]string{protectedPods: "b-"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			namespace := guardrail.Namespace(hpaLab(), "lab-hpa", &v1beta1.ExerciseSpec{}, setupObjects(t, tc.setup...))
			if diff := cmp.Diff(tc.want, namespace.Annotations); diff != "" {
				t.Errorf("annotations (-want +got):\n%s", diff)
			}
		})
	}
}
