package testenv

import (
	"context"
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// AggregateRoles gives aggregated cluster roles their rules, as a controller-manager does.
func (e *Environment) AggregateRoles(ctx context.Context) error {
	roles := &rbacv1.ClusterRoleList{}
	if err := e.Client.List(ctx, roles); err != nil {
		return fmt.Errorf("list cluster roles: %w", err)
	}
	for i := range roles.Items {
		role := &roles.Items[i]
		if role.AggregationRule == nil || role.Labels["kubernetes.io/bootstrapping"] != "" {
			continue
		}
		role.Rules = nil
		for _, selector := range role.AggregationRule.ClusterRoleSelectors {
			parts := &rbacv1.ClusterRoleList{}
			if err := e.Client.List(ctx, parts, client.MatchingLabels(selector.MatchLabels)); err != nil {
				return fmt.Errorf("list the parts of cluster role %s: %w", role.Name, err)
			}
			for _, part := range parts.Items {
				role.Rules = append(role.Rules, part.Rules...)
			}
		}
		if err := e.Client.Update(ctx, role); err != nil {
			return fmt.Errorf("aggregate cluster role %s: %w", role.Name, err)
		}
	}
	return nil
}
