//go:build cluster

package security

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// action is one request to the API server.
type action struct {
	do func(context.Context, client.Client) error
	// about are the objects that must be as they were after a refusal: missing, where it would make them.
	about []client.Object
	// part is a field that must be as it was too, below the status, which is passed over otherwise.
	part []string
}

// refusal is how the API server turns a request down.
type refusal struct {
	code  int32
	words string
}

// noRight is the refusal of the authorizer, as in noRight("patch", "labs/status").
func noRight(verb, resource string) refusal {
	return refusal{http.StatusForbidden, fmt.Sprintf("User %q cannot %s resource %q", mallory, verb, resource)}
}

// byPolicy is the refusal of one of our admission policies.
func byPolicy(name, message string) refusal {
	return refusal{http.StatusForbidden, fmt.Sprintf("ValidatingAdmissionPolicy '%s' with binding '%s' denied request: %s", name, name, message)}
}

// belongs is how the guardrails turn down what is about an object of the lab itself.
func belongs(name string) refusal {
	return byPolicy("lab-operator-guardrails", name+" belongs to the lab itself: it cannot be changed or deleted")
}

// overQuota is the refusal of the lab's quota.
func overQuota(words string) refusal {
	return refusal{http.StatusForbidden, "exceeded quota: lab, requested: " + words}
}

// insecure is the refusal of pod security.
func insecure(words string) refusal {
	return refusal{http.StatusForbidden, `violates PodSecurity "restricted:v1.37": ` + words}
}

// invalid is the refusal of an object that is not as its kind demands.
func invalid(words string) refusal { return refusal{http.StatusUnprocessableEntity, words} }

// check tells whether an error is the refusal.
func (r refusal) check(err error) error {
	var status apierrors.APIStatus
	switch {
	case err == nil:
		return errors.New("it was not refused")
	case !errors.As(err, &status):
		return fmt.Errorf("the API server did not refuse it, something else went wrong: %w", err)
	case status.Status().Code != r.code || !strings.Contains(err.Error(), r.words):
		return fmt.Errorf("it was refused with %d: %w; want %d and: %s", status.Status().Code, err, r.code, r.words)
	}
	return nil
}

// refused is an attack of one request by mallory. The administrator's same request, which has no effect, shows that it
// is well-formed.
func (s *stage) refused(gain string, a action, want refusal) attack {
	return s.refusedLike(gain, a, want, func(ctx context.Context) error { return a.do(ctx, client.NewDryRunClient(s.admin)) })
}

// refusedLike is one whose form something else shows: a request that is allowed.
func (s *stage) refusedLike(gain string, a action, want refusal, allowed func(context.Context) error) attack {
	return attack{gain: gain, try: func(t *testing.T) {
		before := s.look(t, a)
		if err := want.check(a.do(t.Context(), s.mallory.client)); err != nil {
			t.Error(err)
		}
		if after := s.look(t, a); after != before {
			t.Errorf("it changed something nevertheless:\n%s\nwas\n%s", after, before)
		}
		if err := allowed(t.Context()); err != nil {
			t.Errorf("it is not well-formed: where it is allowed, it fails with: %v", err)
		}
	}}
}

// elsewhere makes a request about the plain namespace that mallory's Labs are in, where no policy of a lab holds.
func (s *stage) elsewhere(a action) func(context.Context) error {
	return func(ctx context.Context) error { return a.do(ctx, client.NewDryRunClient(s.admin)) }
}

// look prints what an action is about.
func (s *stage) look(t *testing.T, a action) string {
	t.Helper()
	var all []string
	for _, object := range a.about {
		found := &unstructured.Unstructured{}
		kind, err := s.admin.GroupVersionKindFor(object)
		must(t, err)
		found.SetGroupVersionKind(kind)
		switch err := s.admin.Get(t.Context(), client.ObjectKeyFromObject(object), found); {
		case apierrors.IsNotFound(err):
			all = append(all, kind.Kind+" "+object.GetName()+" is not there")
			continue
		case err != nil:
			t.Fatal(err)
		}
		part, _, _ := unstructured.NestedFieldNoCopy(found.Object, a.part...)
		delete(found.Object, "status")
		found.SetResourceVersion("")
		found.SetManagedFields(nil)
		printed, err := json.Marshal([]any{found.Object, part})
		must(t, err)
		all = append(all, string(printed))
	}
	return strings.Join(all, "\n")
}

// object is one of any kind, written in YAML.
func object(namespace, text string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
		panic(fmt.Sprintf("%v in:\n%s", err, text)) // only literals of this package come here
	}
	o.SetNamespace(namespace)
	return o
}

// named is an object of which only the name matters.
func named(apiVersion, kind, namespace, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(apiVersion)
	o.SetKind(kind)
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

func copyOf(o client.Object) client.Object { return o.DeepCopyObject().(client.Object) }

func create(o client.Object) action {
	return action{about: []client.Object{o}, do: func(ctx context.Context, c client.Client) error { return c.Create(ctx, copyOf(o)) }}
}

func remove(o client.Object, options ...client.DeleteOption) action {
	return action{about: []client.Object{o}, do: func(ctx context.Context, c client.Client) error { return c.Delete(ctx, copyOf(o), options...) }}
}

// removeAll deletes all objects of a kind in a namespace with one request; those that are named must stay.
func removeAll(kind client.Object, namespace string, stay ...client.Object) action {
	return action{about: stay, do: func(ctx context.Context, c client.Client) error {
		return c.DeleteAllOf(ctx, copyOf(kind), client.InNamespace(namespace))
	}}
}

// patch merges JSON into an object.
func patch(o client.Object, body string) action {
	return action{about: []client.Object{o}, do: func(ctx context.Context, c client.Client) error {
		return c.Patch(ctx, copyOf(o), client.RawPatch(types.MergePatchType, []byte(body)))
	}}
}

// patchSub merges JSON into a subresource of an object, lists by their keys where strategic.
func patchSub(o client.Object, subresource string, kind types.PatchType, body string) action {
	return action{about: []client.Object{o}, do: func(ctx context.Context, c client.Client) error {
		return c.SubResource(subresource).Patch(ctx, copyOf(o), client.RawPatch(kind, []byte(body)))
	}}
}

// createSub posts to a subresource of an object.
func createSub(o client.Object, subresource string, body client.Object) action {
	return action{about: []client.Object{o}, do: func(ctx context.Context, c client.Client) error {
		return c.SubResource(subresource).Create(ctx, copyOf(o), copyOf(body))
	}}
}

// applyAs applies an object by force in the name of a field manager.
func applyAs(o *unstructured.Unstructured, manager string) action {
	return action{about: []client.Object{o}, do: func(ctx context.Context, c client.Client) error {
		return c.Apply(ctx, client.ApplyConfigurationFromUnstructured(o.DeepCopy()), client.FieldOwner(manager), client.ForceOwnership)
	}}
}

// post creates what is an answer and not kept.
func post(o client.Object) action { return action{do: create(o).do} }

// read gets an object.
func read(o client.Object) action {
	return action{do: func(ctx context.Context, c client.Client) error {
		return c.Get(ctx, client.ObjectKeyFromObject(o), copyOf(o))
	}}
}

// list gets all objects of a kind, in a namespace or, where that is empty, everywhere.
func list(apiVersion, kind, namespace string) action {
	return action{do: func(ctx context.Context, c client.Client) error {
		found := &metav1.PartialObjectMetadataList{}
		found.SetGroupVersionKind(named(apiVersion, kind+"List", "", "").GroupVersionKind())
		return c.List(ctx, found, client.InNamespace(namespace))
	}}
}
