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
	standIn, err := newStandIn(w.Config)
	if err != nil {
		return nil, errors.Join(err, w.environment.Stop())
	}
	standing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w.stop, w.stopped = cancel, make(chan error, 1)
	go func() { w.stopped <- standIn.Start(standing) }()
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
	return w.Aggregate(ctx)
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
