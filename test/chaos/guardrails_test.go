package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/test/world"
)

// harm is what somebody who may do anything does to a guardrail.
type harm string

const (
	loosened  harm = "loosened"
	unlabeled harm = "without its labels"
	gone      harm = "deleted"
)

// TestGuardrailsAreHarmed has every guardrail changed and deleted where a step has come to its end. It is put back.
func TestGuardrailsAreHarmed(t *testing.T) {
	t.Parallel()
	h := enter(t)
	harms := []harm{loosened, unlabeled, gone}
	told := make([]string, len(harms))
	t.Run("by being", func(t *testing.T) {
		for i, harm := range harms {
			t.Run(string(harm), func(t *testing.T) {
				t.Parallel()
				done := map[string]int{}
				_, err := h.play(t, "harmed", fate{meddle: func(ctx context.Context, l *life) (census, error) {
					return l.harmAll(ctx, harm, done)
				}})
				if err != nil {
					t.Fatal(err)
				}
				sum := 0
				for _, name := range rails() {
					// There is no namespace in the step in which the learner wants none.
					if want := len(steps()) - 1; done[name] != want {
						t.Errorf("%s was %s %d times, want %d", name, harm, done[name], want)
					}
					sum += done[name]
				}
				told[i] = fmt.Sprintf("%s %d times", harm, sum)
			})
		}
	})
	count(t, "guardrails, %d objects, %s", len(rails()), strings.Join(told, ", "))
}

// rails are the guardrails of a lab, by resource and name.
func rails() []string {
	var names []string
	lab := guardrail.Lab{Name: "any", Namespace: metav1.NamespaceDefault}
	for _, rail := range guardrail.Objects(guardrail.Settings{OperatorNamespace: world.OperatorNamespace}, lab, "any", &exercise().Spec) {
		resource, _ := meta.UnsafeGuessKindToResource(rail.GroupVersionKind())
		names = append(names, resource.Resource+" "+rail.GetName())
	}
	return names
}

// harmAll harms every guardrail in its turn, and waits until it is put back.
func (l *life) harmAll(ctx context.Context, harm harm, done map[string]int) (census, error) {
	if uid, err := l.uidOfNamespace(ctx); err != nil || uid == "" {
		return nil, err
	}
	objects, err := l.objects(ctx)
	if err != nil {
		return nil, err
	}
	extra := census{}
	for _, name := range rails() {
		object := objects[name]
		if object == nil {
			return nil, fmt.Errorf("there is no %s", name)
		}
		if err := l.harmOne(ctx, harm, object); err != nil {
			return nil, fmt.Errorf("%s %s: %w", name, harm, err)
		}
		done[name]++
		if harm == gone {
			extra[name] = made{1, 1}
		}
	}
	return extra, nil
}

// harmOne harms a guardrail, and waits until it is as it was.
func (l *life) harmOne(ctx context.Context, harm harm, object client.Object) error {
	whole, err := essence(object)
	if err != nil {
		return err
	}
	harmed := object.DeepCopyObject().(client.Object)
	switch harm {
	case gone:
		err = l.admin.Delete(ctx, harmed)
	case unlabeled:
		harmed.SetLabels(nil)
		err = l.admin.Patch(ctx, harmed, client.MergeFrom(object))
	case loosened:
		loosen(harmed)
		err = l.admin.Patch(ctx, harmed, client.MergeFrom(object))
	}
	if err != nil {
		return fmt.Errorf("harm it: %w", err)
	}
	if is, err := essence(harmed); harm != gone && (err != nil || cmp.Equal(whole, is)) {
		return fmt.Errorf("no harm is done: %w", err)
	}
	now := ""
	err = wait.PollUntilContextTimeout(ctx, glance, patience, true, func(ctx context.Context) (bool, error) {
		live := object.DeepCopyObject().(client.Object)
		if err := l.admin.Get(ctx, client.ObjectKeyFromObject(object), live); err != nil {
			now = err.Error()
			return false, client.IgnoreNotFound(err)
		}
		var err error
		now, err = essence(live)
		return now == whole && (harm != gone || live.GetUID() != object.GetUID()), err
	})
	if err != nil {
		return fmt.Errorf("%w: (-before +now)\n%s", err, cmp.Diff(whole, now))
	}
	return nil
}

// loosen has a guardrail allow what it is to forbid.
func loosen(object client.Object) {
	switch rail := object.(type) {
	case *corev1.ResourceQuota:
		rail.Spec.Hard[corev1.ResourcePods] = resource.MustParse("1000")
	case *corev1.LimitRange:
		rail.Spec.Limits = nil
	case *networkingv1.NetworkPolicy:
		rail.Spec.Ingress = append(rail.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{})
	case *rbacv1.RoleBinding:
		rail.Subjects = append(rail.Subjects, rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: metav1.NamespaceDefault, Name: "other"})
	}
}

// essence is what of a guardrail must not change.
func essence(object client.Object) (string, error) {
	data, err := json.Marshal(object)
	if err != nil {
		return "", fmt.Errorf("read a guardrail: %w", err)
	}
	var content map[string]any
	if err := json.Unmarshal(data, &content); err != nil {
		return "", fmt.Errorf("read a guardrail: %w", err)
	}
	kept := map[string]any{"labels": object.GetLabels(), "spec": content["spec"], "subjects": content["subjects"], "roleRef": content["roleRef"]}
	data, err = json.MarshalIndent(kept, "", " ")
	return string(data), err
}
