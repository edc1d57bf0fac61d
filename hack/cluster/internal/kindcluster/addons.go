package kindcluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/progress"
	"github.com/lab-operator/lab-operator/hack/cluster/manifests"
)

const (
	fieldOwner = "lab-operator-cluster"
	pollEvery  = 500 * time.Millisecond
)

// addons is what a cluster needs beside what kind gives it.
type addons struct {
	client   kubernetes.Interface
	dynamic  dynamic.Interface
	mapper   meta.RESTMapper
	progress *progress.Reporter
	// agent has network policies enforced by an agent of the node's image.
	agent bool
}

func newAddons(kubeconfig []byte, progress *progress.Reporter, agent bool) (*addons, error) {
	config, err := clientcmd.RESTConfigFromKubeConfig(kubeconfig)
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	untyped, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	return &addons{client: client, dynamic: untyped, mapper: mapper, progress: progress, agent: agent}, nil
}

// ensure applies and waits. An error of the API server is waited out: it may be
// starting, and a broken cluster shows by the deadline.
func (a *addons) ensure(ctx context.Context) error {
	a.progress.Step("waiting for the API server")
	if err := a.until(ctx, "the API server to be ready", a.serverReady); err != nil {
		return err
	}
	if a.agent {
		if err := a.install(ctx, "the network agent", manifests.NetworkAgent); err != nil {
			return err
		}
	}
	a.progress.Step("waiting for the node and its service network")
	if err := a.until(ctx, "the node and its service network", a.nodesReady); err != nil {
		return err
	}
	if err := a.install(ctx, "metrics-server", manifests.Objects); err != nil {
		return err
	}
	for _, step := range []struct {
		what  string
		check func(context.Context) error
	}{
		{"CoreDNS, metrics-server and the volume provisioner", a.deploymentsAvailable},
		{"the metrics API", a.metricsServed},
	} {
		a.progress.Step("waiting for %s", step.what)
		if err := a.until(ctx, step.what, step.check); err != nil {
			return err
		}
	}
	a.progress.Step("the cluster is ready")
	return nil
}

// install applies the objects of an add-on as soon as the API server takes them.
func (a *addons) install(ctx context.Context, name string, read func() ([]*unstructured.Unstructured, error)) error {
	objects, err := read()
	if err != nil {
		return err
	}
	return a.until(ctx, "the API server to accept "+name, func(ctx context.Context) error { return a.apply(ctx, objects) })
}

// until repeats a check until it passes, and says at the deadline what it lacked.
func (a *addons) until(ctx context.Context, what string, check func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextCancel(ctx, pollEvery, true, func(ctx context.Context) (bool, error) {
		// Bounded, so that a port nobody answers on can't hold the whole wait.
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		err := check(ctx)
		if err != nil && ctx.Err() == nil {
			last = err
		}
		return err == nil, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for %s: %w", what, errors.Join(err, last))
	}
	return nil
}

func (a *addons) serverReady(ctx context.Context) error {
	return a.client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
}

func (a *addons) apply(ctx context.Context, objects []*unstructured.Unstructured) error {
	for _, object := range objects {
		kind := object.GroupVersionKind()
		mapping, err := a.mapper.RESTMapping(kind.GroupKind(), kind.Version)
		if err != nil {
			return err
		}
		var resource dynamic.ResourceInterface = a.dynamic.Resource(mapping.Resource)
		if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
			resource = a.dynamic.Resource(mapping.Resource).Namespace(object.GetNamespace())
		}
		if _, err := resource.Apply(ctx, object.GetName(), object,
			metav1.ApplyOptions{FieldManager: fieldOwner, Force: true}); err != nil {
			return fmt.Errorf("%s %s: %w", kind.Kind, object.GetName(), err)
		}
	}
	return nil
}

// nodesReady wants kube-proxy too: a pod that starts before it can't reach the API
// server, gives up, and is started again with a delay.
func (a *addons) nodesReady(ctx context.Context) error {
	nodes, err := a.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	if err := unreadyNode(nodes.Items); err != nil {
		return err
	}
	daemons, err := a.client.AppsV1().DaemonSets(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	return unreadyDaemonSet(daemons.Items)
}

// unreadyDaemonSet names the first that does not run on every node.
func unreadyDaemonSet(daemons []appsv1.DaemonSet) error {
	if len(daemons) == 0 {
		return fmt.Errorf("no daemon set there yet")
	}
	for _, daemon := range daemons {
		want, ready := daemon.Status.DesiredNumberScheduled, daemon.Status.NumberReady
		if want == 0 || ready < want {
			return fmt.Errorf("daemon set %s is ready on %d of %d nodes", daemon.Name, ready, want)
		}
	}
	return nil
}

// unreadyNode names the first node that is not ready, nil if all are.
func unreadyNode(nodes []corev1.Node) error {
	if len(nodes) == 0 {
		return fmt.Errorf("no node has registered")
	}
	for _, node := range nodes {
		ready := slices.ContainsFunc(node.Status.Conditions, func(condition corev1.NodeCondition) bool {
			return condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue
		})
		if !ready {
			return fmt.Errorf("node %s is not ready", node.Name)
		}
	}
	return nil
}

func (a *addons) deploymentsAvailable(ctx context.Context) error {
	for _, namespace := range []string{metav1.NamespaceSystem, "local-path-storage"} {
		deployments, err := a.client.AppsV1().Deployments(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		if err := unavailableDeployment(deployments.Items); err != nil {
			return err
		}
	}
	return nil
}

// unavailableDeployment names the first that is not what was asked for.
func unavailableDeployment(deployments []appsv1.Deployment) error {
	if len(deployments) == 0 {
		return fmt.Errorf("no deployment there yet")
	}
	for _, deployment := range deployments {
		want := *deployment.Spec.Replicas
		status := deployment.Status
		if status.ObservedGeneration < deployment.Generation || status.UpdatedReplicas < want || status.AvailableReplicas < want {
			return fmt.Errorf("deployment %s has %d of %d replicas available", deployment.Name, status.AvailableReplicas, want)
		}
	}
	return nil
}

// metricsServed wants a measurement of a node, which an autoscaler needs too: the
// API answers before there is one.
func (a *addons) metricsServed(ctx context.Context) error {
	content, err := a.client.Discovery().RESTClient().Get().AbsPath("/apis/metrics.k8s.io/v1beta1/nodes").DoRaw(ctx)
	if apierrors.IsNotFound(err) || apierrors.IsServiceUnavailable(err) {
		return fmt.Errorf("metrics-server is not registered yet: %w", err)
	}
	if err != nil {
		return err
	}
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(content, &list); err != nil {
		return err
	}
	if len(list.Items) == 0 {
		return fmt.Errorf("no node has been measured yet")
	}
	return nil
}
