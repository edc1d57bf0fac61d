package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/pager"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// perPage is how many objects are asked for at a time. A Lab can have 32 KiB.
const perPage = 250

// noHost is where the libraries look for a cluster without a kubeconfig.
const noHost = "http://localhost:8080"

// tool is what all commands share.
type tool struct {
	genericiooptions.IOStreams
	flags *genericclioptions.ConfigFlags
	clock clock.PassiveClock
	dial  dialer
}

// cluster is where the workshops are.
type cluster struct {
	client.Client
	// config is the facilitator's own access.
	config *rest.Config
	// namespace is that of the flags, or else of the kubeconfig.
	namespace string
}

// connect asks the cluster nothing yet: the few kinds are known, so no discovery has to be waited for.
func (t *tool) connect() (*cluster, error) {
	namespace, _, err := t.flags.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	config, err := t.flags.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	if err := t.checkKubeconfig(config); err != nil {
		return nil, err
	}
	config.UserAgent = "kubectl-lab"
	config.WarningHandler = rest.NewWarningWriter(t.ErrOut, rest.WarningWriterOptions{Deduplicate: true})
	scheme := runtime.NewScheme()
	if err := errors.Join(v1beta1.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		return nil, fmt.Errorf("build the scheme: %w", err)
	}
	mapper := meta.NewDefaultRESTMapper(nil)
	for _, kind := range []string{"Workshop", "Lab", "LabResult"} {
		mapper.Add(v1beta1.GroupVersion.WithKind(kind), meta.RESTScopeNamespace)
	}
	for _, kind := range []string{"Secret", "ServiceAccount"} {
		mapper.Add(corev1.SchemeGroupVersion.WithKind(kind), meta.RESTScopeNamespace)
	}
	c, err := client.New(config, client.Options{Scheme: scheme, Mapper: mapper})
	if err != nil {
		return nil, fmt.Errorf("make a client: %w", err)
	}
	return &cluster{Client: c, config: config, namespace: namespace}, nil
}

// checkKubeconfig looks for a kubeconfig that leads nowhere: without one, the libraries try an address that nobody chose.
func (t *tool) checkKubeconfig(config *rest.Config) error {
	if config.Host != noHost {
		return nil
	}
	raw, err := t.flags.ToRawKubeConfigLoader().RawConfig()
	switch {
	case err != nil:
		return fmt.Errorf("read the kubeconfig: %w", err)
	case len(raw.Clusters) == 0:
		return errors.New("no kubeconfig was found: give its path by --kubeconfig or in the environment variable KUBECONFIG")
	case raw.CurrentContext == "" && len(raw.Contexts) > 0:
		return fmt.Errorf("the kubeconfig has no current context: choose one by --context, or by kubectl config use-context; it has %s",
			strings.Join(slices.Sorted(maps.Keys(raw.Contexts)), ", "))
	default:
		return nil
	}
}

// workshop reads one.
func (c *cluster) workshop(ctx context.Context, name string) (*v1beta1.Workshop, error) {
	workshop := &v1beta1.Workshop{}
	err := c.Get(ctx, client.ObjectKey{Namespace: c.namespace, Name: name}, workshop)
	switch {
	case err == nil:
		return workshop, nil
	case unserved(err):
		return nil, errors.New("this cluster knows no workshops: lab-operator is not installed in it")
	case apierrors.IsNotFound(err):
		return nil, fmt.Errorf("there is no workshop %s in namespace %s: kubectl get workshops -A lists all", name, c.namespace)
	default:
		return nil, fmt.Errorf("read workshop %s: %w", name, err)
	}
}

// unserved tells a kind that is not there from an object that is not there.
func unserved(err error) bool {
	_, found := apierrors.StatusCause(err, metav1.CauseTypeUnexpectedServerResponse)
	return found && apierrors.IsNotFound(err)
}

// labs are those of a workshop, wherever they are. Labels can lie: whose they are is for the reader to find out.
func (c *cluster) labs(ctx context.Context, workshop *v1beta1.Workshop) ([]v1beta1.Lab, error) {
	var labs []v1beta1.Lab
	list := func() client.ObjectList { return &v1beta1.LabList{} }
	err := c.each(ctx, list, func(object runtime.Object) {
		if lab, ok := object.(*v1beta1.Lab); ok {
			labs = append(labs, *lab)
		}
	}, client.MatchingLabels{v1beta1.WorkshopLabel: workshop.Name, v1beta1.WorkshopNamespaceLabel: workshop.Namespace})
	if err != nil {
		return nil, fmt.Errorf("list the labs of workshop %s: %w", workshop.Name, err)
	}
	return labs, nil
}

func (c *cluster) results(ctx context.Context, workshop *v1beta1.Workshop) ([]v1beta1.LabResult, error) {
	var results []v1beta1.LabResult
	list := func() client.ObjectList { return &v1beta1.LabResultList{} }
	err := c.each(ctx, list, func(object runtime.Object) {
		if result, ok := object.(*v1beta1.LabResult); ok {
			results = append(results, *result)
		}
	}, client.InNamespace(workshop.Namespace), client.MatchingLabels{v1beta1.WorkshopLabel: workshop.Name})
	if err != nil {
		return nil, fmt.Errorf("list the results of workshop %s: %w", workshop.Name, err)
	}
	return results, nil
}

// kubeconfigs are the Secrets with the kubeconfigs of a namespace's workshops, by name.
func (c *cluster) kubeconfigs(ctx context.Context) (map[string]*corev1.Secret, error) {
	secrets := map[string]*corev1.Secret{}
	list := func() client.ObjectList { return &corev1.SecretList{} }
	err := c.each(ctx, list, func(object runtime.Object) {
		if secret, ok := object.(*corev1.Secret); ok {
			secrets[secret.Name] = secret
		}
	}, client.InNamespace(c.namespace), client.MatchingFields{"type": v1beta1.KubeconfigSecretType})
	if err != nil {
		return nil, fmt.Errorf("list the Secrets with kubeconfigs: %w", err)
	}
	return secrets, nil
}

// each lists page by page.
func (c *cluster) each(ctx context.Context, list func() client.ObjectList, visit func(runtime.Object), options ...client.ListOption) error {
	pages := pager.New(func(ctx context.Context, page metav1.ListOptions) (runtime.Object, error) {
		objects := list()
		return objects, c.List(ctx, objects, append(options, client.Limit(page.Limit), client.Continue(page.Continue))...)
	})
	pages.PageSize = perPage
	return pages.EachListItem(ctx, metav1.ListOptions{}, func(object runtime.Object) error {
		visit(object)
		return nil
	})
}
