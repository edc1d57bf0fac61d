package lint

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/config/rbac"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// evidenceLabel marks the roles that let the operator look at evidence.
const evidenceLabel = "learning.lab-operator.dev/aggregate-to-evidence"

// rights are what the operator and the deployer may do, as far as exercises ask for it.
type rights struct {
	evidence, setup []rbacv1.PolicyRule
}

// loadRights reads the rights from the manifests that the operator is installed by.
var loadRights = sync.OnceValues(func() (rights, error) {
	var all rights
	files, err := fs.Glob(rbac.Manifests, "*.yaml")
	if err != nil {
		return all, fmt.Errorf("list the roles: %w", err)
	}
	for _, file := range files {
		data, err := rbac.Manifests.ReadFile(file)
		if err != nil {
			return all, fmt.Errorf("read the roles: %w", err)
		}
		for _, document := range strings.Split(string(data), "\n---\n") {
			var role rbacv1.ClusterRole
			if err := yaml.Unmarshal([]byte(document), &role); err != nil || role.Kind != "ClusterRole" {
				continue
			}
			if role.Labels[evidenceLabel] == "true" {
				all.evidence = append(all.evidence, role.Rules...)
			}
			if role.Name == guardrail.DeployerRole {
				all.setup = append(all.setup, role.Rules...)
			}
		}
	}
	return all, nil
})

// allows tells whether rules allow a verb.
func allows(rules []rbacv1.PolicyRule, verb string, resource schema.GroupResource) bool {
	return slices.ContainsFunc(rules, func(r rbacv1.PolicyRule) bool {
		return len(r.ResourceNames) == 0 && slices.Contains(r.Verbs, verb) &&
			slices.Contains(r.APIGroups, resource.Group) && slices.Contains(r.Resources, resource.Resource)
	})
}
