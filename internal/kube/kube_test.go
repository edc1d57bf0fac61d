package kube_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/internal/kube"
)

func TestSharedKinds(t *testing.T) {
	tests := map[string]struct {
		kind schema.GroupKind
		want bool
	}{
		"nodes":                       {kind: schema.GroupKind{Kind: "Node"}, want: true},
		"storage classes":             {kind: schema.GroupKind{Group: "storage.k8s.io", Kind: "StorageClass"}, want: true},
		"API services":                {kind: schema.GroupKind{Group: "apiregistration.k8s.io", Kind: "APIService"}, want: true},
		"a node of another group":     {kind: schema.GroupKind{Group: "example.com", Kind: "Node"}},
		"namespaces":                  {kind: schema.GroupKind{Kind: "Namespace"}},
		"volumes":                     {kind: schema.GroupKind{Kind: "PersistentVolume"}},
		"cluster roles":               {kind: schema.GroupKind{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"}},
		"the kinds of a lab":          {kind: schema.GroupKind{Group: "apps", Kind: "Deployment"}},
		"a source without any object": {},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := kube.IsSharedKind(tc.kind); got != tc.want {
				t.Errorf("%v, want %v", got, tc.want)
			}
		})
	}
}
