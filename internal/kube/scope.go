package kube

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// IsSharedKind tells whether a kind is one of the few cluster-scoped kinds that labs may read as evidence. Their objects
// are the same for all labs, and no learner can write them. Every kind that is added here is shown to all learners.
func IsSharedKind(kind schema.GroupKind) bool {
	return slices.Contains([]schema.GroupKind{
		{Kind: "Node"},
		{Group: "storage.k8s.io", Kind: "StorageClass"},
		// APIServices tell what the cluster serves.
		{Group: "apiregistration.k8s.io", Kind: "APIService"},
	}, kind)
}
