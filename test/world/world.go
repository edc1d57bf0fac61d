// Package world starts a real API server with everything of ours installed, for tests. It stands in for the
// few controllers of a cluster without which a lab cannot live: those that remove namespaces and count quotas.
package world

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/lab-operator/lab-operator/internal/operator"
)

// OperatorNamespace is where config/default puts the operator.
const OperatorNamespace = "lab-operator-system"

// World is a running API server.
type World struct {
	// Config has the rights of an administrator.
	Config *rest.Config
	// Client reads and writes as an administrator, without a cache.
	Client client.WithWatch

	environment *envtest.Environment
	stop        context.CancelFunc
	stopped     chan error
}

// Root is the top folder of the project.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// Start brings an API server up with our kinds, rights and policies. The binaries come from KUBEBUILDER_ASSETS,
// which go run ./hack/cluster assets prints.
func Start(ctx context.Context) (*World, error) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		return nil, errors.New("KUBEBUILDER_ASSETS is not set: run the tests by make test, or set it to what go run ./hack/cluster assets prints")
	}
	w := &World{environment: &envtest.Environment{}}
	var err error
	if w.Config, err = w.environment.Start(); err != nil {
		return nil, fmt.Errorf("start the API server: %w", err)
	}
	w.Config.QPS = -1
	if err := w.install(ctx); err != nil {
		return nil, errors.Join(err, w.environment.Stop())
	}
	stand, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w.stop, w.stopped = cancel, make(chan error, 1)
	go func() { w.stopped <- w.standIn(stand) }()
	return w, nil
}

// Stop ends the API server.
func (w *World) Stop() error {
	w.stop()
	return errors.Join(<-w.stopped, w.environment.Stop())
}

func (w *World) install(ctx context.Context) error {
	scheme, err := operator.Scheme()
	if err != nil {
		return err
	}
	crds := envtest.CRDInstallOptions{Paths: []string{filepath.Join(Root(), "config", "crd", "bases")}, ErrorIfPathMissing: true, Scheme: scheme}
	if _, err := envtest.InstallCRDs(w.Config, crds); err != nil {
		return fmt.Errorf("install the CRDs: %w", err)
	}
	if w.Client, err = client.NewWithWatch(w.Config, client.Options{Scheme: scheme}); err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	for _, part := range []string{"namespace", "rbac", "policy"} {
		objects, err := Kustomize(filepath.Join("config", part))
		if err != nil {
			return err
		}
		for _, object := range objects {
			if err := w.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("test"), client.ForceOwnership); err != nil {
				return fmt.Errorf("apply %s %s: %w", object.GetKind(), object.GetName(), err)
			}
		}
	}
	return w.aggregate(ctx)
}

// Kustomize builds a folder of the project.
func Kustomize(folder string) ([]*unstructured.Unstructured, error) {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(Root(), folder))
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", folder, err)
	}
	var objects []*unstructured.Unstructured
	for _, resource := range built.Resources() {
		content, err := resource.Map()
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", folder, err)
		}
		objects = append(objects, &unstructured.Unstructured{Object: content})
	}
	return objects, nil
}

// standIn counts quotas and removes namespaces, as the controller manager of a cluster does.
func (w *World) standIn(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := w.standInOnce(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// standInOnce works until the context ends or the API server ends a watch, as it does when we are slow. Another watch begins
// with all that is there.
func (w *World) standInOnce(ctx context.Context) error {
	quotas, err := w.Client.Watch(ctx, &corev1.ResourceQuotaList{})
	if err != nil {
		return fmt.Errorf("watch quotas: %w", err)
	}
	defer quotas.Stop()
	namespaces, err := w.Client.Watch(ctx, &corev1.NamespaceList{})
	if err != nil {
		return fmt.Errorf("watch namespaces: %w", err)
	}
	defer namespaces.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, more := <-quotas.ResultChan():
			if !more {
				return nil
			}
			if quota, ok := event.Object.(*corev1.ResourceQuota); ok && event.Type != "DELETED" {
				err = w.count(ctx, quota)
			}
		case event, more := <-namespaces.ResultChan():
			if !more {
				return nil
			}
			if namespace, ok := event.Object.(*corev1.Namespace); ok && event.Type != "DELETED" && namespace.DeletionTimestamp != nil {
				err = w.remove(ctx, namespace)
			}
		}
		if err != nil && ctx.Err() == nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			return err
		}
	}
}

// count gives a quota the status without which it refuses everything.
func (w *World) count(ctx context.Context, quota *corev1.ResourceQuota) error {
	if len(quota.Status.Hard) > 0 {
		return nil
	}
	quota.Status.Hard = quota.Spec.Hard
	quota.Status.Used = corev1.ResourceList{}
	for name, hard := range quota.Spec.Hard {
		none := hard.DeepCopy()
		none.Set(0)
		quota.Status.Used[name] = none
	}
	return w.Client.Status().Update(ctx, quota)
}

// remove empties a namespace of what the tests put there, and lets it go.
func (w *World) remove(ctx context.Context, namespace *corev1.Namespace) error {
	objects := []client.Object{&corev1.ConfigMap{}, &corev1.Secret{}, &corev1.Service{}, &corev1.Pod{}, &corev1.ServiceAccount{}, &corev1.ResourceQuota{}, &corev1.LimitRange{}}
	for _, kind := range append(objects, moreKinds()...) {
		if err := w.Client.DeleteAllOf(ctx, kind, client.InNamespace(namespace.Name), client.GracePeriodSeconds(0)); err != nil {
			return fmt.Errorf("empty namespace %s: %w", namespace.Name, err)
		}
	}
	namespace.Spec.Finalizers = nil
	return w.Client.SubResource("finalize").Update(ctx, namespace, &client.SubResourceUpdateOptions{UpdateOptions: client.UpdateOptions{Raw: &metav1.UpdateOptions{}}})
}
