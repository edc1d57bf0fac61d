package lab

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/refusal"
)

// observedGuardrail is a guardrail as the cache held it in one version.
type observedGuardrail struct {
	kind          schema.GroupVersionKind
	name, version string
}

// guardrailState is what this process knows of the guardrails in one namespace.
type guardrailState struct {
	matched  []observedGuardrail  // all of them, when all were what they should be
	size     v1beta1.LabSize      // the size of the Lab at that time
	repaired map[string]string    // by guardrail: the resource version on which it was applied again
	applied  map[string]time.Time // by guardrail: when it was applied, until the cache shows it
}

// note keeps when a guardrail was applied.
func (g *guardrailState) note(wanted *unstructured.Unstructured, now time.Time) {
	if g.applied == nil {
		g.applied = map[string]time.Time{}
	}
	g.applied[nameOf(wanted)] = now
}

// guardrails are those of the lab, in the order in which they are applied. Access is the learner's binding, which is
// applied behind the setup.
func (r *Reconciler) guardrails(s *scope) (guardrails []*unstructured.Unstructured, access *unstructured.Unstructured) {
	for _, wanted := range guardrail.Objects(r.Settings, s.identity(), s.namespace, &s.pinned.Bundle.Exercise) {
		if wanted.GetKind() == "RoleBinding" && wanted.GetName() == guardrail.LearnerRole {
			wanted.SetAnnotations(map[string]string{setupAnnotation: s.pinned.Hash})
			access = wanted
			continue
		}
		guardrails = append(guardrails, wanted)
	}
	return guardrails, access
}

// repairGuardrails applies guardrails again that someone deleted or changed. It reads the cache: guardrails that nobody
// touched cost no request, and no second comparison.
func (r *Reconciler) repairGuardrails(ctx context.Context, s *scope) error {
	known := &s.memory.guardrails
	if untouched, err := r.areUntouched(ctx, s); untouched || err != nil {
		return err
	}
	known.matched = nil
	var matched []observedGuardrail
	guardrails, access := r.guardrails(s)
	guardrails = append(guardrails, access)
	for _, wanted := range guardrails {
		live, err := r.liveGuardrail(ctx, s, wanted.GroupVersionKind(), wanted.GetName())
		if err != nil {
			return err
		}
		name := nameOf(wanted)
		if live == nil {
			behind, err := r.isCacheBehind(ctx, s, wanted)
			if err != nil {
				return err
			}
			if behind {
				continue
			}
		} else {
			delete(known.applied, name)
			version := live.GetResourceVersion()
			if guardrail.Match(wanted, live) {
				matched = append(matched, observedGuardrail{wanted.GroupVersionKind(), wanted.GetName(), version})
				continue
			}
			// Once for each version that is seen: a server that stores it otherwise would be asked for ever.
			if known.repaired[name] == version {
				continue
			}
			if known.repaired == nil {
				known.repaired = map[string]string{}
			}
			known.repaired[name] = version
		}
		if err := r.applyGuardrail(ctx, s, wanted); err != nil {
			delete(known.repaired, name)
			return err
		}
	}
	if len(matched) == len(guardrails) {
		known.matched, known.size = matched, s.lab.Spec.Size
	}
	return nil
}

// isCacheBehind tells whether a guardrail that the cache does not hold was applied and is there: an event tells when the cache
// shows it. After a while only a live read can tell it from one that was deleted, or that lost the labels by which the cache
// selects, before the cache ever held it.
func (r *Reconciler) isCacheBehind(ctx context.Context, s *scope, wanted *unstructured.Unstructured) (bool, error) {
	applied := s.memory.guardrails.applied[nameOf(wanted)]
	if applied.IsZero() {
		return false, nil
	}
	if left := missingFor - age(&applied, s.now); left > 0 {
		s.again(left)
		return true, nil
	}
	live, err := r.readGuardrail(ctx, r.Direct, s, wanted.GroupVersionKind(), wanted.GetName())
	if live == nil || err != nil || !guardrail.Match(wanted, live) {
		return false, err
	}
	s.again(missingFor)
	return true, nil
}

// areUntouched tells whether all guardrails are what they were when all of them matched, for a lab of this size.
func (r *Reconciler) areUntouched(ctx context.Context, s *scope) (bool, error) {
	known := &s.memory.guardrails
	if known.size != s.lab.Spec.Size {
		return false, nil
	}
	for _, at := range known.matched {
		live, err := r.liveGuardrail(ctx, s, at.kind, at.name)
		if live == nil || live.GetResourceVersion() != at.version {
			return false, err
		}
	}
	return len(known.matched) > 0, nil
}

// liveGuardrail is a guardrail in the cache, which is shared: nobody changes it. It is nil where there is none.
func (r *Reconciler) liveGuardrail(ctx context.Context, s *scope, kind schema.GroupVersionKind, name string) (client.Object, error) {
	return r.readGuardrail(ctx, r.Client, s, kind, name)
}

func (r *Reconciler) readGuardrail(ctx context.Context, reader client.Reader, s *scope, kind schema.GroupVersionKind, name string) (client.Object, error) {
	empty, err := r.Client.Scheme().New(kind)
	if err != nil {
		return nil, fmt.Errorf("read guardrail %s: %w", name, err)
	}
	live, ok := empty.(client.Object)
	if !ok {
		return nil, fmt.Errorf("read guardrail %s: %T is no object", name, empty)
	}
	key := client.ObjectKey{Namespace: s.namespace, Name: name}
	if err := reader.Get(ctx, key, live, client.UnsafeDisableDeepCopy); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return nil, nil
		}
		return nil, fmt.Errorf("read guardrail %s: %w", name, err)
	}
	return live, nil
}

// applyGuardrail applies a guardrail.
func (r *Reconciler) applyGuardrail(ctx context.Context, s *scope, wanted *unstructured.Unstructured) error {
	err := r.Direct.Apply(ctx, client.ApplyConfigurationFromUnstructured(wanted), client.FieldOwner(Owner), client.ForceOwnership)
	if kind, _ := refusal.Of(err); kind == refusal.Object {
		return &fault{v1beta1.ReasonSetupRefused, fmt.Sprintf(
			"guardrail %s %s of namespace %s cannot be applied over what stands there: %v. Delete that: kubectl -n %s delete %s %s",
			wanted.GetKind(), wanted.GetName(), s.namespace, err, s.namespace, strings.ToLower(wanted.GetKind()), wanted.GetName())}
	}
	if err != nil {
		return fmt.Errorf("apply %s %s: %w", wanted.GetKind(), wanted.GetName(), err)
	}
	s.memory.guardrails.note(wanted, s.now)
	return nil
}

// isOwnQuota tells whether a quota is a guardrail, whose size the exercise decides.
func (r *Reconciler) isOwnQuota(s *scope, name string) bool {
	guardrails, _ := r.guardrails(s)
	return slices.ContainsFunc(guardrails, func(wanted *unstructured.Unstructured) bool {
		return wanted.GetKind() == "ResourceQuota" && wanted.GetName() == name
	})
}
