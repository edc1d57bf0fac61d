// Package kindcluster connects tests to the kind cluster that make cluster creates. It refuses every other cluster, because
// the tests that use it create, break and delete objects, and some attack the cluster.
package kindcluster

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// Connect returns an administrator's access to the kind cluster, in which make deploy has installed the operator.
func Connect(ctx context.Context) (*rest.Config, client.WithWatch, error) {
	kubeconfig, err := clientcmd.NewDefaultClientConfigLoadingRules().Load()
	if err != nil {
		return nil, nil, fmt.Errorf("load the kubeconfig: %w", err)
	}
	if err := Verify(kubeconfig, Name()); err != nil {
		return nil, nil, err
	}
	config, err := clientcmd.NewDefaultClientConfig(*kubeconfig, nil).ClientConfig()
	if err != nil {
		return nil, nil, fmt.Errorf("configure a client: %w", err)
	}
	config.QPS = -1
	scheme, err := operator.Scheme()
	if err != nil {
		return nil, nil, err
	}
	admin, err := client.NewWithWatch(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, nil, fmt.Errorf("create a client: %w", err)
	}
	deployment := &appsv1.Deployment{}
	if err := admin.Get(ctx, client.ObjectKey{Namespace: testenv.OperatorNamespace, Name: "lab-operator"}, deployment); err != nil {
		return nil, nil, fmt.Errorf("find the operator, run make deploy first: %w", err)
	}
	return config, admin, nil
}
