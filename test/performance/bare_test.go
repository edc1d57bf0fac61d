package performance

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/test/world"
)

var (
	labResource       = v1alpha1.GroupVersion.WithResource("labs")
	namespaceResource = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	revisionResource  = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "controllerrevisions"}
)

// resources are those of what stands in a lab's namespace. The bare client does not have to look them up.
var resources = map[string]string{
	"ResourceQuota": "resourcequotas", "LimitRange": "limitranges", "NetworkPolicy": "networkpolicies",
	"RoleBinding": "rolebindings", "ConfigMap": "configmaps", "Deployment": "deployments", "Service": "services",
}

// tryAgain is the pause after a refusal that passes by itself: a quota that is not counted yet, a right that has not
// spread.
const tryAgain = 5 * time.Millisecond

// bare makes for a Lab what the operator makes, by the same verbs and under the same accounts. It watches nothing and
// decides nothing.
type bare struct {
	*connection
	operator, deployer dynamic.Interface
	// model is what the operator made of one Lab.
	model *model
	// plain has it create objects, where the operator applies them.
	plain bool
}

// model is a Lab that the operator has provisioned, and the revision that it keeps for it.
type model struct {
	status   v1alpha1.LabStatus
	revision runtime.RawExtension
	setup    []*unstructured.Unstructured
}

func newBare(t *testing.T, cluster *rest.Config, m *model) *bare {
	t.Helper()
	c := connect(t, cluster, world.OperatorAccount)
	clients := [2]dynamic.Interface{}
	for i, account := range []string{world.OperatorAccount, world.DeployerAccount} {
		client, err := dynamic.NewForConfig(world.As(c.config, account))
		if err != nil {
			t.Fatal(err)
		}
		clients[i] = client
	}
	return &bare{connection: c, operator: clients[0], deployer: clients[1], model: m}
}

// provision does all for one Lab, in the operator's order.
func (b *bare) provision(ctx context.Context, lab *v1alpha1.Lab) error {
	identity := guardrail.Lab{Name: lab.Name, Namespace: lab.Namespace, UID: lab.UID}
	name := guardrail.NamespaceName(lab.Namespace, lab.Name)
	held, err := b.patch(ctx, lab, map[string]any{
		"metadata": map[string]any{"finalizers": []string{v1alpha1.LabFinalizer}, "resourceVersion": lab.ResourceVersion},
	})
	if err != nil {
		return err
	}
	revision := map[string]any{
		"apiVersion": "apps/v1", "kind": "ControllerRevision", "revision": 1, "data": b.model.revision,
		"metadata": map[string]any{"name": string(lab.UID) + "-" + b.model.status.Revision, "labels": guardrail.Labels(identity)},
	}
	if _, err := b.create(ctx, b.operator.Resource(revisionResource).Namespace(world.OperatorNamespace), revision); err != nil {
		return err
	}
	spec := exercise().Spec
	namespace, err := b.create(ctx, b.operator.Resource(namespaceResource), guardrail.Namespace(identity, name, &spec, nil))
	if err != nil {
		return err
	}
	settings := guardrail.Settings{OperatorNamespace: world.OperatorNamespace}
	for _, rail := range guardrail.Objects(settings, identity, name, &spec) {
		if err := b.put(ctx, b.operator, name, rail); err != nil {
			return err
		}
	}
	for _, object := range b.model.setup {
		if err := b.put(ctx, b.deployer, name, object); err != nil {
			return err
		}
	}
	status := b.model.status.DeepCopy()
	status.Namespace = name
	status.Environment.NamespaceUID = string(namespace.GetUID())
	_, err = b.patch(ctx, lab, map[string]any{
		"metadata": map[string]any{"resourceVersion": held.GetResourceVersion()}, "status": status,
	}, "status")
	return err
}

// put applies an object in a namespace, or creates it, until it is not refused any more.
func (b *bare) put(ctx context.Context, client dynamic.Interface, namespace string, object *unstructured.Unstructured) error {
	gvk := object.GroupVersionKind()
	objects := client.Resource(gvk.GroupVersion().WithResource(resources[gvk.Kind])).Namespace(namespace)
	return wait.PollUntilContextTimeout(ctx, tryAgain, patience, true, func(ctx context.Context) (bool, error) {
		var err error
		if b.plain {
			_, err = objects.Create(ctx, object, metav1.CreateOptions{FieldManager: "bare"})
		} else {
			_, err = objects.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: "bare", Force: true})
		}
		if apierrors.IsForbidden(err) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("put %s %s: %w", gvk.Kind, object.GetName(), err)
		}
		return true, nil
	})
}

func (b *bare) create(ctx context.Context, objects dynamic.ResourceInterface, object any) (*unstructured.Unstructured, error) {
	data, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("write down what is created: %w", err)
	}
	content := &unstructured.Unstructured{}
	if err := json.Unmarshal(data, &content.Object); err != nil {
		return nil, fmt.Errorf("read what is created: %w", err)
	}
	made, err := objects.Create(ctx, content, metav1.CreateOptions{FieldManager: "bare"})
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", content.GetKind(), err)
	}
	return made, nil
}

func (b *bare) patch(ctx context.Context, lab *v1alpha1.Lab, change map[string]any, subresources ...string) (*unstructured.Unstructured, error) {
	data, err := json.Marshal(change)
	if err != nil {
		return nil, fmt.Errorf("write down a patch: %w", err)
	}
	patched, err := b.operator.Resource(labResource).Namespace(lab.Namespace).
		Patch(ctx, lab.Name, types.MergePatchType, data, metav1.PatchOptions{FieldManager: "bare"}, subresources...)
	if err != nil {
		return nil, fmt.Errorf("patch lab %s: %w", lab.Name, err)
	}
	return patched, nil
}
