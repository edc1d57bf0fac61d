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
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/test/testenv"
)

var (
	labResource       = v1beta1.GroupVersion.WithResource("labs")
	namespaceResource = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
)

// resources are those of the objects in a lab's namespace. The baseline client does not have to
// look them up.
var resources = map[string]string{
	"ResourceQuota": "resourcequotas", "LimitRange": "limitranges", "NetworkPolicy": "networkpolicies",
	"RoleBinding": "rolebindings", "ConfigMap": "configmaps", "Deployment": "deployments", "Service": "services",
}

// retryInterval is the pause after a refusal that passes by itself: a quota that is not counted
// yet, a right that is not known everywhere yet.
const retryInterval = 5 * time.Millisecond

// baselineClient creates for a Lab what the operator creates, by the same verbs and under the same
// accounts. It watches nothing and decides nothing.
type baselineClient struct {
	*connection
	operator, deployer dynamic.Interface
	// template is what the operator created for one Lab.
	template *labTemplate
	// creates has it create objects, where the operator applies them.
	creates bool
}

// labTemplate is a Lab that the operator has provisioned.
type labTemplate struct {
	status v1beta1.LabStatus
	setup  []*unstructured.Unstructured
}

func newBaselineClient(t *testing.T, cluster *rest.Config, template *labTemplate) *baselineClient {
	t.Helper()
	c := connect(t, cluster, testenv.OperatorAccount)
	clients := [2]dynamic.Interface{}
	for i, account := range []string{testenv.OperatorAccount, testenv.DeployerAccount} {
		client, err := dynamic.NewForConfig(testenv.Impersonate(c.config, account))
		if err != nil {
			t.Fatal(err)
		}
		clients[i] = client
	}
	return &baselineClient{connection: c, operator: clients[0], deployer: clients[1], template: template}
}

// provision does everything for one Lab, in the order of the operator.
func (b *baselineClient) provision(ctx context.Context, lab *v1beta1.Lab) error {
	identity := guardrail.Lab{Name: lab.Name, Namespace: lab.Namespace, UID: lab.UID}
	name := guardrail.NamespaceName(lab.Namespace, lab.Name)
	held, err := b.patch(ctx, lab, map[string]any{
		"metadata": map[string]any{"finalizers": []string{v1beta1.LabFinalizer}, "resourceVersion": lab.ResourceVersion},
	})
	if err != nil {
		return err
	}
	spec := exercise().Spec
	namespace, err := b.create(ctx, b.operator.Resource(namespaceResource), guardrail.Namespace(identity, name, &spec, nil))
	if err != nil {
		return err
	}
	settings := guardrail.Settings{OperatorNamespace: testenv.OperatorNamespace}
	for _, rail := range guardrail.Objects(settings, identity, name, &spec) {
		if err := b.apply(ctx, b.operator, name, rail); err != nil {
			return err
		}
	}
	for _, object := range b.template.setup {
		if err := b.apply(ctx, b.deployer, name, object); err != nil {
			return err
		}
	}
	status := b.template.status.DeepCopy()
	status.Namespace = name
	status.Environment.NamespaceUID = string(namespace.GetUID())
	_, err = b.patch(ctx, lab, map[string]any{
		"metadata": map[string]any{"resourceVersion": held.GetResourceVersion()}, "status": status,
	}, "status")
	return err
}

// apply applies an object in a namespace, or creates it, until it is no longer refused.
func (b *baselineClient) apply(ctx context.Context, client dynamic.Interface, namespace string, object *unstructured.Unstructured) error {
	gvk := object.GroupVersionKind()
	objects := client.Resource(gvk.GroupVersion().WithResource(resources[gvk.Kind])).Namespace(namespace)
	return wait.PollUntilContextTimeout(ctx, retryInterval, timeout, true, func(ctx context.Context) (bool, error) {
		var err error
		if b.creates {
			_, err = objects.Create(ctx, object, metav1.CreateOptions{FieldManager: "baseline"})
		} else {
			_, err = objects.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: "baseline", Force: true})
		}
		if apierrors.IsForbidden(err) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("apply %s %s: %w", gvk.Kind, object.GetName(), err)
		}
		return true, nil
	})
}

func (b *baselineClient) create(ctx context.Context, objects dynamic.ResourceInterface, object any) (*unstructured.Unstructured, error) {
	data, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("encode an object: %w", err)
	}
	content := &unstructured.Unstructured{}
	if err := json.Unmarshal(data, &content.Object); err != nil {
		return nil, fmt.Errorf("decode an object: %w", err)
	}
	made, err := objects.Create(ctx, content, metav1.CreateOptions{FieldManager: "baseline"})
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", content.GetKind(), err)
	}
	return made, nil
}

func (b *baselineClient) patch(ctx context.Context, lab *v1beta1.Lab, change map[string]any, subresources ...string) (*unstructured.Unstructured, error) {
	data, err := json.Marshal(change)
	if err != nil {
		return nil, fmt.Errorf("encode a patch: %w", err)
	}
	patched, err := b.operator.Resource(labResource).Namespace(lab.Namespace).
		Patch(ctx, lab.Name, types.MergePatchType, data, metav1.PatchOptions{FieldManager: "baseline"}, subresources...)
	if err != nil {
		return nil, fmt.Errorf("patch lab %s: %w", lab.Name, err)
	}
	return patched, nil
}
