package lab

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/internal/check"
)

func parsed(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &object.Object); err != nil {
		t.Fatal(err)
	}
	return object
}

func TestDrift(t *testing.T) {
	const (
		web     = `{kind: Deployment, metadata: {name: web, namespace: lab-a}, spec: {replicas: 2}}`
		still   = `{kind: Deployment, metadata: {name: web, namespace: lab-a}, spec: {replicas: 0}}`
		plain   = `{kind: StatefulSet, metadata: {name: web, namespace: lab-a}, spec: {}}`
		halted  = `{kind: StatefulSet, metadata: {name: web, namespace: lab-a}, spec: {replicas: 0}}`
		service = `{kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}}`
		astray  = `{kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80, targetPort: 9}]}}`
		same    = `{kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 8080}]}}`
		nobody  = `{kind: Service, metadata: {name: web}, spec: {ports: [{port: 80, targetPort: 9}]}}`
		secret  = `{kind: Secret, metadata: {name: web}}`
		pod     = `{metadata: {name: web-1, labels: {app: web}}, spec: {containers: [{ports: [{name: http, containerPort: 8080}]}]}}`
		other   = `{metadata: {name: db-1, labels: {app: db}}, spec: {containers: [{ports: [{name: sql, containerPort: 9}]}]}}`
		ours    = `{kind: Deployment, metadata: {name: web, namespace: lab-a, labels: {learning.lab-operator.dev/protected: "true"}}, spec: {replicas: 2}}`
		mute    = `{metadata: {name: web-1, labels: {app: web}}, spec: {containers: [{}]}}`
	)
	tests := map[string]struct {
		setup, live string // live is empty where the object is missing
		pods        []string
		want        []string
	}{
		"as the exercise made it": {setup: web, live: web},
		"deleted": {setup: web, want: []string{
			"Deployment web, which the exercise started with, is missing. If you did not replace it, do X"}},
		"protected and missing: it is made again": {setup: ours},
		"protected and scaled to zero": {setup: ours, live: still, want: []string{
			"Deployment web is scaled to 0 replicas; the exercise started with 2. It belongs to the lab itself: do X"}},
		"a Secret, which nobody may look at":     {setup: secret},
		"scaled to zero":                         {setup: web, live: still, want: []string{"Deployment web is scaled to 0 replicas; the exercise started with 2. To start it again: kubectl -n lab-a scale deployment/web --replicas 2"}},
		"scaled to zero from what the API gives": {setup: plain, live: halted, want: []string{"StatefulSet web is scaled to 0 replicas; the exercise started with 1. To start it again: kubectl -n lab-a scale statefulset/web --replicas 1"}},
		"never started by the exercise":          {setup: still, live: still},
		"a Service that leads to a named port":   {setup: service, live: service, pods: []string{pod, other}},
		"a Service that leads to its own number": {setup: service, live: same, pods: []string{pod}},
		"a Service that leads to a port of nobody": {setup: service, live: astray, pods: []string{other, pod}, want: []string{
			"Service web sends port 80 to port 9 of its pods, and no container there declares that one; they declare 8080, http"}},
		"a Service without pods":               {setup: service, live: astray, pods: []string{other}},
		"a Service whose pods declare no port": {setup: service, live: astray, pods: []string{mute}},
		"a Service without a selector":         {setup: service, live: nobody, pods: []string{pod}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			setup := parsed(t, tc.setup)
			seen := check.Snapshot{}
			if driftKinds[setup.GetKind()] {
				seen[setupSource+nameOf(setup)] = check.Observation{State: check.Missing}
			}
			if tc.live != "" {
				seen[setupSource+nameOf(setup)] = check.Observation{State: check.Seen, Value: parsed(t, tc.live).Object}
			}
			var pods []*unstructured.Unstructured
			for _, text := range tc.pods {
				pods = append(pods, parsed(t, text))
			}
			got := drift([]*unstructured.Unstructured{setup}, seen, pods, "do X")
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("what is told (-want +got):\n%s", diff)
			}
		})
	}
}
