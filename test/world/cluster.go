package world

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/internal/operator"
)

// Connect reaches the cluster of the kubeconfig, in which make deploy has put the operator.
func Connect(ctx context.Context) (*rest.Config, client.WithWatch, error) {
	config, err := ctrl.GetConfig()
	if err != nil {
		return nil, nil, fmt.Errorf("find the cluster: run make test-e2e: %w", err)
	}
	config.QPS = -1
	scheme, err := operator.Scheme()
	if err != nil {
		return nil, nil, err
	}
	admin, err := client.NewWithWatch(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, nil, fmt.Errorf("make a client: %w", err)
	}
	deployment := &appsv1.Deployment{}
	if err := admin.Get(ctx, client.ObjectKey{Namespace: OperatorNamespace, Name: "lab-operator"}, deployment); err != nil {
		return nil, nil, fmt.Errorf("find the operator: run make deploy: %w", err)
	}
	return config, admin, nil
}
