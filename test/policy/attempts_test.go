package policy

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// attempt is one request, tried without changing anything.
type attempt struct {
	who string
	do  func(context.Context, client.Client) error
	// policy and message are those of the refusal. Without a policy it must be allowed.
	policy  string
	message string
	// forReal sends a request that cannot be tried without doing it.
	forReal bool
}

// may is an attempt that must succeed.
func may(who string, do func(context.Context, client.Client) error) attempt {
	return attempt{who: who, do: do}
}

// mayNot is an attempt that a policy must refuse.
func mayNot(who string, do func(context.Context, client.Client) error, policy, message string) attempt {
	return attempt{who: who, do: do, policy: policy, message: message}
}

// check tells what is wrong about the outcome of an attempt, and nothing if it is as wanted.
func (c *cluster) check(ctx context.Context, a attempt) string {
	as := c.clients[a.who]
	if !a.forReal {
		as = client.NewDryRunClient(as)
	}
	err := a.do(ctx, as)
	switch {
	case a.policy == "" && err != nil:
		return fmt.Sprintf("%s is refused: %v", a.who, err)
	case a.policy != "" && !denied(err, a.policy, a.message):
		return fmt.Sprintf("%s gets %v, want it refused by %s with: %s", a.who, err, a.policy, a.message)
	}
	return ""
}

// denied tells whether an error is the refusal of a policy, with a message.
func denied(err error, policy, message string) bool {
	return apierrors.IsForbidden(err) &&
		strings.Contains(err.Error(), "ValidatingAdmissionPolicy '"+policy+"' with binding '"+policy+"' denied request: "+message)
}

// tryPolicies tries everything. By now RBAC forbids nothing to the operator and the deployer: the fence alone stands.
func (c *cluster) tryPolicies(t *testing.T) {
	c.bindInCluster(t, "cluster-admin",
		rbacv1.Subject{Kind: "ServiceAccount", Namespace: operatorNamespace, Name: "lab-operator"},
		rbacv1.Subject{Kind: "ServiceAccount", Namespace: operatorNamespace, Name: "lab-deployer"},
	)
	c.eventually(t, func() bool { return c.allowed(t, deployer, "kube-system", "create configmaps") })
	c.addLaterField(t)
	for name, a := range attempts() {
		t.Run(name, func(t *testing.T) {
			if wrong := c.check(t.Context(), a); wrong != "" {
				t.Error(wrong)
			}
		})
	}
}

// leaveOutParts takes one validation or condition after the other out of the policies and expects that some attempt
// then ends otherwise than it should: a part that nothing misses is not tested.
func (c *cluster) leaveOutParts(t *testing.T) {
	policies := &admissionregistrationv1.ValidatingAdmissionPolicyList{}
	c.must(t, c.admin.List(t.Context(), policies))
	if want := len(ofKind[admissionregistrationv1.ValidatingAdmissionPolicy](t, c.render(t, configDir+"/default"), "ValidatingAdmissionPolicy")); len(policies.Items) != want {
		t.Fatalf("there are %d policies, want %d", len(policies.Items), want)
	}
	for _, policy := range policies.Items {
		refused := attempts()
		maps.DeleteFunc(refused, func(_ string, a attempt) bool { return a.policy != policy.Name })
		for i := range policy.Spec.Validations {
			t.Run(fmt.Sprintf("%s, validation %d", policy.Name, i), func(t *testing.T) {
				lacking := policy.Spec.DeepCopy()
				// A policy has at least one.
				lacking.Validations[i] = admissionregistrationv1.Validation{Expression: "true"}
				c.isMissed(t, policy, lacking, refused)
			})
		}
		for i, condition := range policy.Spec.MatchConditions {
			t.Run(policy.Name+", condition "+condition.Name, func(t *testing.T) {
				lacking := policy.Spec.DeepCopy()
				lacking.MatchConditions = slices.Delete(lacking.MatchConditions, i, i+1)
				c.isMissed(t, policy, lacking, attempts())
			})
		}
	}
}

// isMissed changes a policy until one of some attempts goes wrong, and changes it back until none does.
func (c *cluster) isMissed(
	t *testing.T,
	policy admissionregistrationv1.ValidatingAdmissionPolicy,
	lacking *admissionregistrationv1.ValidatingAdmissionPolicySpec,
	some map[string]attempt,
) {
	t.Helper()
	set := func(spec *admissionregistrationv1.ValidatingAdmissionPolicySpec) {
		now := &admissionregistrationv1.ValidatingAdmissionPolicy{}
		c.must(t, c.admin.Get(t.Context(), client.ObjectKeyFromObject(&policy), now))
		now.Spec = *spec
		c.must(t, c.admin.Update(t.Context(), now))
	}
	asWanted := func() bool {
		for _, a := range some {
			if c.check(t.Context(), a) != "" {
				return false
			}
		}
		return true
	}
	set(lacking)
	c.eventually(t, func() bool { return !asWanted() })
	set(&policy.Spec)
	c.eventually(t, asWanted)
}

// addLaterField gives Labs a field that learners have no right to, as a later version may.
func (c *cluster) addLaterField(t *testing.T) {
	t.Helper()
	definition := &unstructured.Unstructured{}
	definition.SetAPIVersion("apiextensions.k8s.io/v1")
	definition.SetKind("CustomResourceDefinition")
	definition.SetName("labs." + v1beta1.GroupVersion.Group)
	c.must(t, c.admin.Patch(t.Context(), definition, client.RawPatch(types.JSONPatchType, []byte(
		`[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/later","value":{"type":"string"}}]`))))
	labWithLaterField := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": v1beta1.GroupVersion.String(), "kind": "Lab",
		"metadata": map[string]any{"namespace": "default", "name": "later"},
		"spec":     map[string]any{"topic": "kubernetes", "later": "old"},
	}}
	c.eventually(t, func() bool {
		made := labWithLaterField.DeepCopy()
		c.must(t, client.NewDryRunClient(c.admin).Create(t.Context(), made))
		_, known, _ := unstructured.NestedString(made.Object, "spec", "later")
		return known
	})
	c.install(t, labWithLaterField)
}

// object is one with no content.
func object(apiVersion, kind, namespace, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(apiVersion)
	o.SetKind(kind)
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

func configMap(namespace, name string) *unstructured.Unstructured {
	return object("v1", "ConfigMap", namespace, name)
}

func deployment(name string) *unstructured.Unstructured {
	return object("apps/v1", "Deployment", labNamespace, name)
}

func lab(name string) *unstructured.Unstructured {
	return object(v1beta1.GroupVersion.String(), "Lab", "default", name)
}

// protected is an object with the label that protects it in a lab.
func protected(o *unstructured.Unstructured) *unstructured.Unstructured {
	o.SetLabels(map[string]string{v1beta1.ProtectedLabel: "true"})
	return o
}

func create(o client.Object) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		return c.Create(ctx, o.DeepCopyObject().(client.Object))
	}
}

// merge patches an object with JSON.
func merge(o client.Object, patch string) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		return c.Patch(ctx, o.DeepCopyObject().(client.Object), client.RawPatch(types.MergePatchType, []byte(patch)))
	}
}

// strategic patches an object with JSON whose lists are merged.
func strategic(o client.Object, patch string) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		return c.Patch(ctx, o.DeepCopyObject().(client.Object), client.RawPatch(types.StrategicMergePatchType, []byte(patch)))
	}
}

// mergeSub patches a subresource of an object with JSON.
func mergeSub(o client.Object, subresource, patch string) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		return c.SubResource(subresource).Patch(ctx, o.DeepCopyObject().(client.Object), client.RawPatch(types.MergePatchType, []byte(patch)))
	}
}

// strategicSub patches a subresource of an object with JSON whose lists are merged.
func strategicSub(o client.Object, subresource, patch string) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		return c.SubResource(subresource).Patch(ctx, o.DeepCopyObject().(client.Object), client.RawPatch(types.StrategicMergePatchType, []byte(patch)))
	}
}

// enterBystander opens a connection into a pod outside of labs.
func enterBystander(ctx context.Context, c client.Client) error {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "bystander"}}
	return c.SubResource("portforward").Create(ctx, pod, &corev1.Pod{})
}

// finalize sends the lab's namespace as the namespace controller does, with its labels changed.
func finalize(change func(labels map[string]string)) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		now := &corev1.Namespace{}
		if err := c.Get(ctx, client.ObjectKey{Name: labNamespace}, now); err != nil {
			return err
		}
		change(now.Labels)
		return c.SubResource("finalize").Update(ctx, now)
	}
}

// token requests one for a ServiceAccount. Trying it changes nothing.
func token(namespace, account string) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		return c.SubResource("token").Create(ctx, serviceAccount(namespace, account), &authenticationv1.TokenRequest{})
	}
}

func serviceAccount(namespace, name string) *corev1.ServiceAccount {
	return &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
}

// secret is a new one of a type.
func secret(namespace string, kind corev1.SecretType) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "new"}, Type: kind}
}

func remove(o client.Object) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		return c.Delete(ctx, o.DeepCopyObject().(client.Object))
	}
}

// removeAll deletes all objects of a kind in the lab's namespace with one request.
func removeAll(o client.Object) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		return c.DeleteAllOf(ctx, o.DeepCopyObject().(client.Object), client.InNamespace(labNamespace))
	}
}

// metadata is a merge patch of one field of an object's metadata.
func metadata(field string, value any) string {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{field: value}})
	if err != nil {
		panic(err) // Only literals of this package come here.
	}
	return string(patch)
}

// namespace is one with labels.
func namespace(name string, labels map[string]string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
}

// roleBinding gives someone a role.
func roleBinding(namespace, kind, role string) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "new"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: role},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: operatorNamespace, Name: "lab-deployer"}},
	}
}
