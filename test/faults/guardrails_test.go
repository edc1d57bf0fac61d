package faults

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
	"github.com/lab-operator/lab-operator/test/testenv"
)

// tampering is what an administrator does to a guardrail.
type tampering string

const (
	loosened  tampering = "loosened"
	unlabeled tampering = "without its labels"
	deleted   tampering = "deleted"
)

// TestGuardrailsRestored changes and deletes every guardrail at the end of each step. The operator
// must restore it.
func TestGuardrailsRestored(t *testing.T) {
	t.Parallel()
	p := usePool(t)
	tamperings := []tampering{loosened, unlabeled, deleted}
	summaries := make([]string, len(tamperings))
	t.Run("by", func(t *testing.T) {
		for i, tampering := range tamperings {
			t.Run(string(tampering), func(t *testing.T) {
				t.Parallel()
				done := map[string]int{}
				_, err := p.runScenario(t, "tampered", faultPlan{external: func(ctx context.Context, r *scenarioRun) (objectCounts, error) {
					return r.tamperWithAll(ctx, tampering, done)
				}})
				if err != nil {
					t.Fatal(err)
				}
				sum := 0
				for _, name := range guardrailNames() {
					// There is no namespace in the step after which the environment is absent.
					if want := len(steps()) - 1; done[name] != want {
						t.Errorf("%s was %s %d times, want %d", name, tampering, done[name], want)
					}
					sum += done[name]
				}
				summaries[i] = fmt.Sprintf("%s %d times", tampering, sum)
			})
		}
	})
	report(t, "guardrails, %d objects, %s", len(guardrailNames()), strings.Join(summaries, ", "))
}

// guardrailNames returns the guardrails of a lab, by resource and name.
func guardrailNames() []string {
	var names []string
	lab := guardrail.Lab{Name: "any", Namespace: metav1.NamespaceDefault}
	for _, rail := range guardrail.Objects(guardrail.Settings{OperatorNamespace: testenv.OperatorNamespace}, lab, "any", &exercise().Spec) {
		resource, _ := meta.UnsafeGuessKindToResource(rail.GroupVersionKind())
		names = append(names, resource.Resource+" "+rail.GetName())
	}
	return names
}

// tamperWithAll tampers with one guardrail after the other, and waits until each is restored.
func (r *scenarioRun) tamperWithAll(ctx context.Context, tampering tampering, done map[string]int) (objectCounts, error) {
	if uid, err := r.namespaceUID(ctx); err != nil || uid == "" {
		return nil, err
	}
	objects, err := r.objects(ctx)
	if err != nil {
		return nil, err
	}
	extra := objectCounts{}
	for _, name := range guardrailNames() {
		object := objects[name]
		if object == nil {
			return nil, fmt.Errorf("there is no %s", name)
		}
		if err := r.tamperWith(ctx, tampering, object); err != nil {
			return nil, fmt.Errorf("%s %s: %w", name, tampering, err)
		}
		done[name]++
		if tampering == deleted {
			extra[name] = objectCount{1, 1}
		}
	}
	return extra, nil
}

// tamperWith changes a guardrail, and waits until it is as before.
func (r *scenarioRun) tamperWith(ctx context.Context, tampering tampering, object client.Object) error {
	whole, err := canonical(object)
	if err != nil {
		return err
	}
	changed := object.DeepCopyObject().(client.Object)
	switch tampering {
	case deleted:
		err = r.admin.Delete(ctx, changed)
	case unlabeled:
		changed.SetLabels(nil)
		err = r.admin.Patch(ctx, changed, client.MergeFrom(object))
	case loosened:
		loosen(changed)
		err = r.admin.Patch(ctx, changed, client.MergeFrom(object))
	}
	if err != nil {
		return fmt.Errorf("tamper with it: %w", err)
	}
	if is, err := canonical(changed); tampering != deleted && (err != nil || cmp.Equal(whole, is)) {
		return fmt.Errorf("the guardrail did not change: %w", err)
	}
	now := ""
	err = wait.PollUntilContextTimeout(ctx, pollInterval, stepTimeout, true, func(ctx context.Context) (bool, error) {
		live := object.DeepCopyObject().(client.Object)
		if err := r.admin.Get(ctx, client.ObjectKeyFromObject(object), live); err != nil {
			now = err.Error()
			return false, client.IgnoreNotFound(err)
		}
		var err error
		now, err = canonical(live)
		return now == whole && (tampering != deleted || live.GetUID() != object.GetUID()), err
	})
	if err != nil {
		return fmt.Errorf("%w: (-before +now)\n%s", err, cmp.Diff(whole, now))
	}
	return nil
}

// loosen has a guardrail allow what it must forbid.
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

// canonical returns the part of a guardrail that must not change.
func canonical(object client.Object) (string, error) {
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
