package lint

import (
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestScopesWithoutACluster(t *testing.T) {
	tests := map[string]struct {
		apiVersion, kind string
		namespaced       bool
		unknown          string
	}{
		"a pod":                       {apiVersion: "v1", kind: "Pod", namespaced: true},
		"a deployment":                {apiVersion: "apps/v1", kind: "Deployment", namespaced: true},
		"an ingress":                  {apiVersion: "networking.k8s.io/v1", kind: "Ingress", namespaced: true},
		"a node":                      {apiVersion: "v1", kind: "Node"},
		"a volume":                    {apiVersion: "v1", kind: "PersistentVolume"},
		"a class of ingresses":        {apiVersion: "networking.k8s.io/v1", kind: "IngressClass"},
		"a priority class":            {apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass"},
		"a webhook":                   {apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration"},
		"another's kind":              {apiVersion: "example.com/v1", kind: "Widget", namespaced: true},
		"a slip":                      {apiVersion: "apps/v1", kind: "Deploment", unknown: "apps/v1 has no kind Deploment; did you mean Deployment?"},
		"a kind of another group":     {apiVersion: "apps/v1", kind: "Ingress", unknown: "apps/v1 has no kind Ingress: it is in networking.k8s.io/v1"},
		"a version that is gone":      {apiVersion: "autoscaling/v2beta2", kind: "HorizontalPodAutoscaler", unknown: "Kubernetes 1.37 does not serve HorizontalPodAutoscaler as autoscaling/v2beta2: write autoscaling/v1 or autoscaling/v2"},
		"a version that never was":    {apiVersion: "apps/v3", kind: "Deployment", unknown: "Kubernetes 1.37 does not serve Deployment as apps/v3: write apps/v1"},
		"a list is no kind of object": {apiVersion: "v1", kind: "PodList", unknown: "v1 has no kind PodList"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			gvk := schema.FromAPIVersionAndKind(tc.apiVersion, tc.kind)
			namespaced, err := offlineScoper{}.IsNamespaced(gvk.GroupKind(), gvk.Version)
			if tc.unknown == "" {
				if err != nil || namespaced != tc.namespaced {
					t.Errorf("namespaced: %v, %v", namespaced, err)
				}
				return
			}
			if !meta.IsNoMatchError(err) {
				t.Errorf("known: %v", err)
			}
			if got := unknownKind(gvk); got != tc.unknown && got[:len(tc.unknown)] != tc.unknown {
				t.Errorf("%q, want %q", got, tc.unknown)
			}
		})
	}
	if got := builtins()[schema.GroupVersionKind{Group: "networking.k8s.io", Version: "v1", Kind: "NetworkPolicy"}].resource; got != "networkpolicies" {
		t.Errorf("the resource of NetworkPolicy: %s", got)
	}
}
