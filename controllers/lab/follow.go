package lab

import (
	"context"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/evidence"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// What every lab is watched for besides the evidence of its exercise. The names hold a colon, so that no
// expression can see them.
const (
	podSource        = "notices:pods"
	replicaSetSource = "notices:replicasets"
	requireSource    = "requires:"
	railSource       = "guardrails:"
)

var (
	podKind        = corev1.SchemeGroupVersion.WithKind("Pod")
	replicaSetKind = schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "ReplicaSet"}
	apiServiceKind = schema.GroupVersionKind{Group: "apiregistration.k8s.io", Version: "v1", Kind: "APIService"}
)

// follow has the lab's namespace watched for all that the phases look at. It is called before the namespace
// is made, so that nothing in it goes unseen and nothing has to be listed.
func (r *Reconciler) follow(s *scope) error {
	sources, err := r.followed.of(s.pinned)
	if err != nil {
		return &fault{v1alpha1.ReasonInvalidExercise, fmt.Sprintf("the evidence of exercise %s cannot be used: %v", s.pinned.Bundle.ExerciseName, err)}
	}
	if s.found == nil {
		r.Evidence.Await(s.key, s.namespace, sources)
	} else {
		r.Evidence.Follow(s.key, s.namespace, sources)
	}
	return nil
}

// followed keeps what the labs of an exercise are watched for: they are many, and share it.
type followed struct {
	mu sync.Mutex
	by map[*catalog.Compiled][]evidence.Source
}

func (f *followed) of(pinned *catalog.Compiled) ([]evidence.Source, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if sources := f.by[pinned]; sources != nil {
		return sources, nil
	}
	sources, err := sourcesOf(pinned)
	if err != nil {
		return nil, err
	}
	if f.by == nil || len(f.by) >= rememberedCatalogs {
		f.by = map[*catalog.Compiled][]evidence.Source{}
	}
	f.by[pinned] = sources
	return sources, nil
}

// sourcesOf is the evidence of an exercise that is watched, and what every lab is watched for besides.
func sourcesOf(pinned *catalog.Compiled) ([]evidence.Source, error) {
	sources, err := evidence.Sources(pinned.Bundle.Exercise.Evidence)
	if err != nil {
		return nil, err
	}
	sources = append(sources,
		evidence.Source{Name: podSource, GVK: podKind, List: true, Brief: true, Limit: noticeLimit},
		evidence.Source{Name: replicaSetSource, GVK: replicaSetKind, List: true, Brief: true, Limit: noticeLimit},
	)
	sources = append(sources, setupSources(pinned)...)
	for _, kind := range guardrail.Kinds() {
		sources = append(sources, evidence.Source{Name: railSource + kind.Kind, GVK: kind, List: true, Limit: noticeLimit})
	}
	for _, required := range pinned.Bundle.Exercise.Requires {
		sources = append(sources, evidence.Source{Name: requireSource + required.API, GVK: apiServiceKind, ObjectName: apiServiceName(required.API)})
	}
	return sources, nil
}

// rails are the guardrails of the lab, in the order in which they are applied. Access is the learner's binding, which is
// applied behind the setup.
func (r *Reconciler) rails(s *scope) (rails []*unstructured.Unstructured, access *unstructured.Unstructured) {
	for _, rail := range guardrail.Objects(r.Settings, s.identity(), s.namespace, &s.pinned.Bundle.Exercise) {
		if rail.GetKind() == "RoleBinding" && rail.GetName() == guardrail.LearnerRole {
			rail.SetAnnotations(map[string]string{setupAnnotation: s.pinned.Hash})
			access = rail
			continue
		}
		rails = append(rails, rail)
	}
	return rails, access
}

// railAt is a guardrail as it was seen in one version.
type railAt struct {
	kind          schema.GroupVersionKind
	name, version string
}

// repair applies guardrails again that someone deleted or changed. What nobody touched costs no request, and no second look.
func (r *Reconciler) repair(ctx context.Context, s *scope) error {
	if r.untouched(s) {
		return nil
	}
	s.memory.held = nil
	var held []railAt
	rails, access := r.rails(s)
	rails = append(rails, access)
	for _, rail := range rails {
		live, synced := r.liveRail(s, rail.GroupVersionKind(), rail.GetName())
		if !synced {
			continue
		}
		if live != nil && holds(rail, live) {
			held = append(held, railAt{rail.GroupVersionKind(), rail.GetName(), live.GetResourceVersion()})
			continue
		}
		at := rail.GetKind() + "/" + rail.GetName()
		version := "missing"
		if live != nil {
			version = live.GetResourceVersion()
		}
		// Once for every state that is seen: were the server to keep it otherwise, this would never end.
		if s.memory.repaired[at] == version && live != nil {
			continue
		}
		if err := r.applyRail(ctx, s, rail); err != nil {
			return err
		}
		if s.memory.repaired == nil {
			s.memory.repaired = map[string]string{}
		}
		s.memory.repaired[at] = version
	}
	if len(held) == len(rails) {
		s.memory.held, s.memory.heldSize = held, s.lab.Spec.Size
	}
	return nil
}

// untouched tells whether all guardrails are what they were when all of them held, for a lab of this size.
func (r *Reconciler) untouched(s *scope) bool {
	if s.memory.heldSize != s.lab.Spec.Size {
		return false
	}
	for _, at := range s.memory.held {
		if live, _ := r.liveRail(s, at.kind, at.name); live == nil || live.GetResourceVersion() != at.version {
			return false
		}
	}
	return len(s.memory.held) > 0
}

func (r *Reconciler) liveRail(s *scope, kind schema.GroupVersionKind, name string) (live *unstructured.Unstructured, synced bool) {
	objects, synced := r.Evidence.Objects(s.key, kind)
	for _, object := range objects {
		if object.GetName() == name {
			return object, synced
		}
	}
	return nil, synced
}

// holds tells whether a live guardrail still is what was applied: no less and, where more would loosen it, no more.
func holds(wanted, live *unstructured.Unstructured) bool {
	for key, value := range wanted.GetLabels() {
		if live.GetLabels()[key] != value {
			return false
		}
	}
	same := equality.Semantic.DeepEqual
	switch wanted.GetKind() {
	case "ResourceQuota":
		// What others bound besides only tightens it, and applying ours would not take it away.
		want, have := typed[corev1.ResourceQuota](wanted).Spec, typed[corev1.ResourceQuota](live).Spec
		for name, bound := range want.Hard {
			if now, ok := have.Hard[name]; !ok || now.Cmp(bound) != 0 {
				return false
			}
		}
		return same(want.Scopes, have.Scopes) && same(want.ScopeSelector, have.ScopeSelector)
	case "LimitRange":
		return same(typed[corev1.LimitRange](wanted).Spec, typed[corev1.LimitRange](live).Spec)
	case "NetworkPolicy":
		return same(typed[networkingv1.NetworkPolicy](wanted).Spec, typed[networkingv1.NetworkPolicy](live).Spec)
	case "RoleBinding":
		want, have := typed[rbacv1.RoleBinding](wanted), typed[rbacv1.RoleBinding](live)
		return same(want.Subjects, have.Subjects) && want.RoleRef == have.RoleRef
	default:
		return true
	}
}

// typed is an object in its Go type, so that quantities compare by value. What does not convert is zero, and
// so differs from any guardrail.
func typed[T any](object *unstructured.Unstructured) T {
	var into, zero T
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &into); err != nil {
		return zero
	}
	return into
}
