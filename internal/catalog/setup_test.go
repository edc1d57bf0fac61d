package catalog

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

const configMap = `"apiVersion":"v1","kind":"ConfigMap"`

func TestSetup(t *testing.T) {
	tests := map[string]struct {
		setup []string
		want  []check.Problem
	}{
		"objects of the lab's namespace": {setup: []string{
			`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","creationTimestamp":null,"labels":{"app":"web","learning.lab-operator.dev/protected":"true"}}}`,
			`{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"}}`,
			`{"apiVersion":"v1","kind":"Secret","type":"Opaque","metadata":{"name":"web"}}`,
		}},
		"a cluster-scoped object": {
			setup: []string{`{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"pv"}}`},
			want:  []check.Problem{{Field: "spec.setup[0]", Message: "PersistentVolume pv would be an object of the whole cluster: a setup has objects of the lab's namespace only"}},
		},
		"an unknown kind": {
			setup: []string{`{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"}}`},
			want: []check.Problem{{Field: "spec.setup[0]",
				Message: "the cluster does not have the kind Widget of example.com/v1: correct apiVersion and kind, or name the API under spec.requires"}},
		},
		"another namespace": {
			setup: []string{`{` + configMap + `,"metadata":{"name":"c","namespace":"kube-system"}}`},
			want:  []check.Problem{{Field: "spec.setup[0].metadata.namespace", Message: "name no namespace: the object goes into the lab's"}},
		},
		"owner references and finalizers": {
			setup: []string{`{` + configMap + `,"metadata":{"name":"c","finalizers":["x/y"],"ownerReferences":[{"uid":"1"}]}}`},
			want: []check.Problem{
				{Field: "spec.setup[0].metadata.finalizers", Message: "leave finalizers out: they would keep the lab from being deleted"},
				{Field: "spec.setup[0].metadata.ownerReferences", Message: "leave ownerReferences out: the lab owns its objects"},
			},
		},
		"what the cluster writes": {
			setup: []string{`{` + configMap + `,"metadata":{"name":"c","uid":"1","resourceVersion":"2","managedFields":[],"deletionTimestamp":"x","deletionGracePeriodSeconds":1},"status":{}}`},
			want: []check.Problem{
				{Field: "spec.setup[0].metadata.deletionGracePeriodSeconds", Message: "leave deletionGracePeriodSeconds out: the cluster writes it"},
				{Field: "spec.setup[0].metadata.deletionTimestamp", Message: "leave deletionTimestamp out: the cluster writes it"},
				{Field: "spec.setup[0].metadata.managedFields", Message: "leave managedFields out: the cluster writes them"},
				{Field: "spec.setup[0].metadata.resourceVersion", Message: "leave resourceVersion out: the cluster writes it"},
				{Field: "spec.setup[0].metadata.uid", Message: "leave uid out: the cluster writes it"},
				{Field: "spec.setup[0].status", Message: "leave status out: the cluster writes it"},
			},
		},
		"no name": {
			setup: []string{`{` + configMap + `}`, `{` + configMap + `,"metadata":{"generateName":"c-"}}`, `{` + configMap + `,"metadata":{"name":7}}`},
			want: []check.Problem{
				{Field: "spec.setup[0]", Message: "has no metadata.name: give it one, and no generateName"},
				{Field: "spec.setup[1]", Message: "has no metadata.name: give it one, and no generateName"},
				{Field: "spec.setup[2]", Message: "has no metadata.name: give it one, and no generateName"},
			},
		},
		"a name and a generateName": {
			setup: []string{`{` + configMap + `,"metadata":{"name":"c","generateName":"c-"}}`},
			want:  []check.Problem{{Field: "spec.setup[0].metadata.generateName", Message: "give the object a name instead of generateName: it is applied again and again"}},
		},
		"a name that is a path": {
			setup: []string{`{` + configMap + `,"metadata":{"name":"../namespaces/default"}}`},
			want:  []check.Problem{{Field: "spec.setup[0]", Message: `"../namespaces/default" is no name of an object`}},
		},
		"no kind": {
			setup: []string{`{"metadata":{"name":"c"}}`, `{"apiVersion":"v1","metadata":{"name":"c"}}`},
			want: []check.Problem{
				{Field: "spec.setup[0]", Message: "has no apiVersion or no kind: write both, as in apps/v1 and Deployment"},
				{Field: "spec.setup[1]", Message: "has no apiVersion or no kind: write both, as in apps/v1 and Deployment"},
			},
		},
		"a list": {
			setup: []string{`{"apiVersion":"v1","kind":"List","items":[{"kind":"ClusterRoleBinding"}]}`},
			want:  []check.Problem{{Field: "spec.setup[0]", Message: "is a List: list its items one by one"}},
		},
		"rights": {
			setup: []string{
				`{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"r"}}`,
				`{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"r"}}`,
			},
			want: []check.Problem{
				{Field: "spec.setup[0]", Message: "RoleBinding is not accepted in a setup: the operator gives learners their rights"},
				{Field: "spec.setup[1]", Message: "ClusterRole is not accepted in a setup: the operator gives learners their rights"},
			},
		},
		"guardrails": {
			setup: []string{
				`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n"}}`,
				`{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"n"}}`,
				`{"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"n"}}`,
			},
			want: []check.Problem{
				{Field: "spec.setup[0]", Message: "Namespace is not accepted in a setup: it is the operator's guardrail; size it by spec.quota"},
				{Field: "spec.setup[1]", Message: "ResourceQuota is not accepted in a setup: it is the operator's guardrail; size it by spec.quota"},
				{Field: "spec.setup[2]", Message: "LimitRange is not accepted in a setup: it is the operator's guardrail; size it by spec.quota"},
			},
		},
		"admission and labs": {
			setup: []string{
				`{"apiVersion":"admissionregistration.k8s.io/v1","kind":"MutatingWebhookConfiguration","metadata":{"name":"n"}}`,
				`{"apiVersion":"learning.lab-operator.dev/v1beta1","kind":"Lab","metadata":{"name":"n"}}`,
			},
			want: []check.Problem{
				{Field: "spec.setup[0]", Message: "MutatingWebhookConfiguration is not accepted in a setup: admission concerns the whole cluster"},
				{Field: "spec.setup[1]", Message: "Lab is not accepted in a setup: a lab cannot start another"},
			},
		},
		"a token": {
			setup: []string{`{"apiVersion":"v1","kind":"Secret","type":"kubernetes.io/service-account-token","metadata":{"name":"n"}}`},
			want: []check.Problem{{Field: "spec.setup[0].type",
				Message: "a Secret of the type kubernetes.io/service-account-token hands out a token that never expires: leave it out"}},
		},
		"labels and annotations of the operator": {
			setup: []string{`{` + configMap + `,"metadata":{"name":"c","labels":{"learning.lab-operator.dev/lab-uid":"1","learning.lab-operator.dev/protected":"yes"},` +
				`"annotations":{"learning.lab-operator.dev/protected":"true"}}}`},
			want: []check.Problem{
				{Field: "spec.setup[0].metadata.annotations", Message: "the annotation learning.lab-operator.dev/protected is the operator's: leave it out"},
				{Field: "spec.setup[0].metadata.labels", Message: "the label learning.lab-operator.dev/lab-uid is the operator's: only learning.lab-operator.dev/protected=true can be set"},
				{Field: "spec.setup[0].metadata.labels", Message: "the label learning.lab-operator.dev/protected is the operator's: only learning.lab-operator.dev/protected=true can be set"},
			},
		},
		"annotations that open a Pod to learners": {
			setup: []string{
				`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","annotations":{"learning.lab-operator.dev/open-containers":"client","learning.lab-operator.dev/open-ports":"true"}}}`,
				`{` + configMap + `,"metadata":{"name":"c","annotations":{"learning.lab-operator.dev/open-ports":"true"}}}`,
			},
			want: []check.Problem{{Field: "spec.setup[1].metadata.annotations", Message: "the annotation learning.lab-operator.dev/open-ports is the operator's: leave it out"}},
		},
		"labels that hide by their type": {
			setup: []string{`{` + configMap + `,"metadata":{"name":"c","labels":{"learning.lab-operator.dev/lab-uid":"1","n":1}}}`},
			want:  []check.Problem{{Field: "spec.setup[0]", Message: "has labels or annotations that are not texts: quote their values"}},
		},
		"the same object twice, in two versions": {
			setup: []string{
				`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"}}`,
				`{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"}}`,
				`{"apiVersion":"apps/v1beta1","kind":"Deployment","metadata":{"name":"web"}}`,
			},
			want: []check.Problem{{Field: "spec.setup[2]", Message: "Deployment web stands at spec.setup[0] already: an object can be there once"}},
		},
		"no object": {
			setup: []string{`[]`, `null`, `"x"`},
			want: []check.Problem{
				{Field: "spec.setup[0]", Message: "is no object: json: cannot unmarshal array into Go value of type map[string]interface {}"},
				{Field: "spec.setup[1]", Message: "is no object: it is empty"},
				{Field: "spec.setup[2]", Message: "is no object: json: cannot unmarshal string into Go value of type map[string]interface {}"},
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			spec := &v1beta1.ExerciseSpec{}
			for _, object := range tc.setup {
				spec.Setup = append(spec.Setup, raw(object))
			}
			got, err := SetupProblems(spec, cluster{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnOutageIsNobodysMistake(t *testing.T) {
	problems, err := SetupProblems(&anExercise("e").Spec, cluster{down: true})
	if !errors.Is(err, errDiscovery) || problems != nil {
		t.Errorf("error %v, problems %v", err, problems)
	}
}

// TestCompiledSetupIsSafeInShape: who compiles a bundle without asking a cluster still gets nothing that is never allowed.
func TestCompiledSetupIsSafeInShape(t *testing.T) {
	b := aBundle()
	b.Exercise.Setup = []runtime.RawExtension{
		raw(`{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"r"}}`),
		raw(`{` + configMap + `,"metadata":{"name":"c"}}`),
		raw(`{` + configMap + `,"metadata":{"name":"c"}}`),
	}
	compiled, got := Compile(pinOf(b))
	want := []check.Problem{
		{Field: "spec.setup[0]", Message: "RoleBinding is not accepted in a setup: the operator gives learners their rights"},
		{Field: "spec.setup[2]", Message: "ConfigMap c stands at spec.setup[1] already: an object can be there once"},
	}
	if diff := cmp.Diff(want, got); diff != "" || compiled != nil {
		t.Errorf("compiled %v, problems (-want +got):\n%s", compiled, diff)
	}
}
