package lab

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/conditions"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/refusal"
)

// setupAnnotation is on the learner's binding: the hash of the setup that is complete in its namespace. The binding is
// applied last, so where it is, nothing of the setup is applied again: the learner may have changed it since.
const setupAnnotation = "learning.lab-operator.dev/setup"

// maxDisplacements is how often an object of somebody else is removed from one name of the setup in one reconcile.
const maxDisplacements = 3

// setupProgress is how far the setup of one namespace has come in this process, so that a retry goes on where it stopped.
type setupProgress struct {
	namespace  string // its UID
	hash       string // of the setup
	guardrails bool   // all guardrails but the learner's binding are applied
	objects    int    // how many objects of the setup are applied
}

// setUp applies the guardrails, then the setup, and then gives the learner rights. Nobody else has rights in the
// namespace of a lab before that, so the names of the setup are the setup's.
func (r *Reconciler) setUp(ctx context.Context, s *scope, created bool) error {
	if !created {
		done, err := r.isSetUp(ctx, s)
		if done || err != nil {
			return err
		}
	}
	at := setupProgress{namespace: string(s.found.UID), hash: s.pinned.Hash}
	if s.memory.setup.namespace != at.namespace || s.memory.setup.hash != at.hash {
		s.memory.setup = at
	}
	guardrails, access := r.guardrails(s)
	if !s.memory.setup.guardrails {
		for _, wanted := range guardrails {
			if err := r.applyGuardrail(ctx, s, wanted); err != nil {
				return err
			}
		}
		s.memory.setup.guardrails = true
	}
	for s.memory.setup.objects < len(s.pinned.Setup) {
		if err := r.applyObject(ctx, s, s.pinned.Setup[s.memory.setup.objects]); err != nil {
			return err
		}
		s.memory.setup.objects++
	}
	return r.applyGuardrail(ctx, s, access)
}

// isSetUp tells whether the setup has been applied completely in the namespace that was found. What was set up from
// something else than the lab is pinned to now has to go: the learner may be at work in it.
func (r *Reconciler) isSetUp(ctx context.Context, s *scope) (bool, error) {
	name := client.ObjectKey{Namespace: s.namespace, Name: guardrail.LearnerRole}
	binding, err := get(ctx, r.Direct, name, &rbacv1.RoleBinding{})
	switch {
	case err != nil:
		return false, fmt.Errorf("read the learner's binding: %w", err)
	case binding == nil:
		return false, nil
	case binding.Annotations[setupAnnotation] == s.pinned.Hash:
		return true, nil
	}
	if _, err := r.removeNamespace(ctx, s); err != nil {
		return false, err
	}
	s.again(goneRecheck)
	s.provisioned = conditions.False(v1beta1.ReasonTerminating, "Namespace "+s.namespace+
		" was not set up from the exercise as it is now: it is being removed, and a fresh one follows")
	return false, errWaiting
}

// applyObject applies one object of the setup. An object of somebody else that has its name is removed first: applied
// over, it would keep what the setup does not mention, such as owners, containers and fields that never change.
func (r *Reconciler) applyObject(ctx context.Context, s *scope, wanted *unstructured.Unstructured) error {
	for range maxDisplacements {
		object := wanted.DeepCopy()
		object.SetNamespace(s.namespace)
		err := r.Deployer.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner(Owner), client.ForceOwnership)
		var why string
		switch kind, _ := refusal.Of(err); {
		case kind == refusal.Object:
			if object, why, err = r.obstacle(ctx, s, wanted, err); err != nil {
				return r.setupError(s, fmt.Errorf("set up %s %s: %w", wanted.GetKind(), wanted.GetName(), err))
			}
		case err != nil:
			return r.setupError(s, fmt.Errorf("set up %s %s: %w", wanted.GetKind(), wanted.GetName(), err))
		default:
			if why = foreign(object); why == "" {
				return nil
			}
		}
		if err := r.displace(ctx, s, object, why); err != nil {
			return err
		}
	}
	return &fault{v1beta1.ReasonNameTaken, fmt.Sprintf(
		"somebody else keeps making %[1]s %[2]s in namespace %[3]s, where the exercise has an object of that name. Find out who does: "+
			"kubectl -n %[3]s get %[4]s %[2]s -o yaml --show-managed-fields", wanted.GetKind(), wanted.GetName(), s.namespace, strings.ToLower(wanted.GetKind()))}
}

// obstacle is the object that keeps one of the setup from being applied. Where there is none, the object itself is refused.
func (r *Reconciler) obstacle(ctx context.Context, s *scope, wanted *unstructured.Unstructured, refused error) (*unstructured.Unstructured, string, error) {
	found := &unstructured.Unstructured{}
	found.SetGroupVersionKind(wanted.GroupVersionKind())
	err := r.Deployer.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: wanted.GetName()}, found)
	switch {
	case apierrors.IsNotFound(err), apierrors.IsForbidden(err):
		return nil, "", refused
	case err != nil:
		return nil, "", err
	}
	return found, fmt.Sprintf("the setup cannot be applied over it: %v", refused), nil
}

// displace removes an object that has a name of the setup. What goes slowly is waited for.
func (r *Reconciler) displace(ctx context.Context, s *scope, object *unstructured.Unstructured, why string) error {
	kind, name := object.GetKind(), object.GetName()
	if object.GetDeletionTimestamp() == nil {
		// By UID and version: what replaced or changed it meanwhile is looked at first.
		only := client.Preconditions{UID: ptr.To(object.GetUID()), ResourceVersion: ptr.To(object.GetResourceVersion())}
		err := r.Deployer.Delete(ctx, object, only, client.PropagationPolicy(metav1.DeletePropagationBackground))
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("remove %s %s, which is not the setup's: %w", kind, name, err)
		}
		r.tell(ctx, s.lab, event{corev1.EventTypeWarning, v1beta1.ReasonNameTaken, "Displace/" + kind + "/" + name, bounded(fmt.Sprintf(
			"Removed %s %s from namespace %s: it has the name of an object of the exercise, and %s", kind, name, s.namespace, why))})
	}
	left, err := r.stands(ctx, s, object)
	if err != nil || !left {
		return err
	}
	s.again(goneRecheck)
	s.provisioned = conditions.False(v1beta1.ReasonNameTaken, fmt.Sprintf(
		"%s %s of somebody else is being removed from namespace %s: it has the name of an object of the exercise", kind, name, s.namespace))
	return errWaiting
}

// stands tells whether an object that was deleted is still there, because of a finalizer or a grace period.
func (r *Reconciler) stands(ctx context.Context, s *scope, object *unstructured.Unstructured) (bool, error) {
	found := &metav1.PartialObjectMetadata{}
	found.SetGroupVersionKind(object.GroupVersionKind())
	err := r.Deployer.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: object.GetName()}, found)
	if err != nil {
		if client.IgnoreNotFound(err) == nil {
			return false, nil
		}
		return false, fmt.Errorf("look whether %s %s has gone: %w", object.GetKind(), object.GetName(), err)
	}
	return found.GetUID() == object.GetUID(), nil
}

// foreign says by what an object that the setup was just applied to is not the setup's alone; empty where it is.
func foreign(object *unstructured.Unstructured) string {
	if object.GetDeletionTimestamp() != nil {
		return "it is being deleted"
	}
	if owners := object.GetOwnerReferences(); len(owners) > 0 {
		return fmt.Sprintf("%s %s owns it", owners[0].Kind, owners[0].Name)
	}
	for _, entry := range object.GetManagedFields() {
		// Through subresources controllers write what belongs to no manifest.
		ours := entry.Manager == Owner && entry.Operation == metav1.ManagedFieldsOperationApply
		if !ours && entry.Subresource == "" && !clusterManagers[entry.Manager] {
			return "field manager " + entry.Manager + " wrote it"
		}
	}
	return ""
}

// clusterManagers write fields of objects that are ours: the controller manager binds claims, for one.
var clusterManagers = map[string]bool{
	"kube-controller-manager": true, "kube-scheduler": true, "kubelet": true, "cloud-controller-manager": true, "kube-apiserver": true,
}

// setupError says who can do something about an object of the setup that is refused, and tells a binding that has not
// spread yet from a right that is lacking.
func (r *Reconciler) setupError(s *scope, err error) error {
	kind, who := refusal.Of(err)
	if kind == refusal.Rights && s.isYoung() {
		return &young{err}
	}
	exercise := func(todo string) error {
		return &fault{v1beta1.ReasonSetupRefused, fmt.Sprintf("%v. %s, then %s", err, todo, s.freshEnvironment())}
	}
	switch kind {
	case refusal.Rights:
		return &fault{v1beta1.ReasonForbidden, fmt.Sprintf("%v. Leave this kind out of the exercise, or allow it in the ClusterRole %s", err, guardrail.DeployerRole)}
	case refusal.Object, refusal.PodSecurity:
		return exercise("Correct the exercise")
	case refusal.OwnPolicy:
		if installation[who] {
			return err
		}
		return exercise("Correct the exercise")
	case refusal.Quota:
		if r.isOwnQuota(s, who) {
			return exercise("Correct the exercise: raise its spec.quota")
		}
	case refusal.Admission:
		return &fault{v1beta1.ReasonSetupRefused, fmt.Sprintf(
			"%v. The admission control of this cluster refuses it: correct the exercise, or ask the cluster's administrator", err)}
	}
	return err
}

// installation are the policies of the operator that are about itself, not about what an exercise holds.
var installation = map[string]bool{
	"lab-operator-fence": true, "lab-operator-namespaces": true, "lab-operator-guardrails": true, "lab-operator-owners": true, "lab-operator-labs": true,
}

// isYoung tells whether rights in the lab's namespace may not have spread yet. It counts from the first refusal, not
// from the namespace's creation: the API server may have another clock.
func (s *scope) isYoung() bool {
	if s.memory.refusedIn != string(s.found.UID) {
		s.memory.refusedIn, s.memory.refused = string(s.found.UID), s.now
	}
	return age(&s.memory.refused, s.now) < youngRights
}
