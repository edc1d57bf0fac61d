// Package testenv starts a real API server with the kinds, roles and policies of the operator, for
// tests. Its fake controller-manager does what a lab needs: it removes namespaces and counts
// quotas.
package testenv

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

// Environment is a running API server.
type Environment struct {
	// Config has the rights of an administrator.
	Config *rest.Config
	// Client reads and writes as an administrator, without a cache.
	Client client.WithWatch

	envtest *envtest.Environment
	stop    context.CancelFunc
	stopped chan error
}

// Root returns the top folder of the project.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// Start starts an API server with our kinds, roles and policies. The binaries come from
// KUBEBUILDER_ASSETS, which go run ./hack/cluster assets prints.
func Start(ctx context.Context) (*Environment, error) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		return nil, errors.New("KUBEBUILDER_ASSETS is not set: run the tests by make test, or set it to what go run ./hack/cluster assets prints")
	}
	e := &Environment{envtest: &envtest.Environment{}}
	var err error
	if e.Config, err = e.envtest.Start(); err != nil {
		return nil, fmt.Errorf("start the API server: %w", err)
	}
	e.Config.QPS = -1
	if err := e.install(ctx); err != nil {
		return nil, errors.Join(err, e.envtest.Stop())
	}
	controllerManager, err := newControllerManager(e.Config)
	if err != nil {
		return nil, errors.Join(err, e.envtest.Stop())
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e.stop, e.stopped = cancel, make(chan error, 1)
	go func() { e.stopped <- controllerManager.Start(running) }()
	return e, nil
}

// Stop stops the API server.
func (e *Environment) Stop() error {
	e.stop()
	return errors.Join(<-e.stopped, e.envtest.Stop())
}

func (e *Environment) install(ctx context.Context) error {
	scheme, err := operator.Scheme()
	if err != nil {
		return err
	}
	crds := envtest.CRDInstallOptions{Paths: []string{filepath.Join(Root(), "config", "crd", "bases")}, ErrorIfPathMissing: true, Scheme: scheme}
	if _, err := envtest.InstallCRDs(e.Config, crds); err != nil {
		return fmt.Errorf("install the CRDs: %w", err)
	}
	if e.Client, err = client.NewWithWatch(e.Config, client.Options{Scheme: scheme}); err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	for _, part := range []string{"namespace", "rbac", "policy"} {
		objects, err := Kustomize(filepath.Join("config", part))
		if err != nil {
			return err
		}
		for _, object := range objects {
			if err := e.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("test"), client.ForceOwnership); err != nil {
				return fmt.Errorf("apply %s %s: %w", object.GetKind(), object.GetName(), err)
			}
		}
	}
	return e.AggregateRoles(ctx)
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
