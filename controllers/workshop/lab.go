package workshop

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// makeLab creates one of the attendee's Labs.
func (r *Reconciler) makeLab(ctx context.Context, s *scope, a *attendee, name string) error {
	labels := s.labels(a)
	delete(labels, v1beta1.WorkshopUIDLabel) // A Lab that is restored is taken, whatever UID the Workshop has now.
	template := s.template(name)
	made := &v1beta1.Lab{
		ObjectMeta: metav1.ObjectMeta{Namespace: a.namespace, Name: name, Labels: labels, Annotations: a.annotations()},
		Spec:       *template.Spec.DeepCopy(),
	}
	if err := r.Client.Create(ctx, made, client.FieldOwner(Owner)); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("create lab %s: %w", name, err)
	}
	return nil
}

// template is that of an attendee's Lab. The steps that ask for it come from the templates, so there is one.
func (s *scope) template(name string) v1beta1.LabTemplate {
	templates := s.workshop.Spec.LabTemplates
	return templates[slices.IndexFunc(templates, func(template v1beta1.LabTemplate) bool { return template.Name == name })]
}

// changeLab patches a Lab that was read from the cache.
func (r *Reconciler) changeLab(ctx context.Context, is *v1beta1.Lab, change func(*v1beta1.Lab)) error {
	lab := is.DeepCopy()
	change(lab)
	if err := r.Client.Patch(ctx, lab, client.MergeFrom(is), client.FieldOwner(Owner)); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("patch lab %s: %w", lab.Name, err)
	}
	return nil
}

// removeLab deletes a Lab, and only that one: its results are recorded before it goes.
func (r *Reconciler) removeLab(ctx context.Context, is *v1beta1.Lab) error {
	if !is.DeletionTimestamp.IsZero() {
		return nil
	}
	err := r.Client.Delete(ctx, is.DeepCopy(), client.Preconditions{UID: ptr.To(is.UID)})
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("delete lab %s: %w", is.Name, err)
	}
	return nil
}

// Values of the label of Labs that were closed.
const (
	closedAbsent  = "true"
	closedPresent = "present"
)

// cutGrace is how long pods have at the close, in seconds. Their own grace period is the learner's to choose, and a shell
// lives as long as its pod.
const cutGrace = 1

// closeLab takes the environment of a lab away, and keeps the Lab.
func (r *Reconciler) closeLab(ctx context.Context, lab *v1beta1.Lab) error {
	if err := r.endPods(ctx, lab); err != nil {
		return err
	}
	return r.changeLab(ctx, lab, func(lab *v1beta1.Lab) {
		lab.Spec.Environment = v1beta1.EnvironmentAbsent
		lab.Labels[v1beta1.ClosedLabel] = closedAbsent
	})
}

// cutLab ends what an attendee has opened in the pods of a lab that stays. Workloads make their pods again.
func (r *Reconciler) cutLab(ctx context.Context, lab *v1beta1.Lab) error {
	if err := r.endPods(ctx, lab); err != nil {
		return err
	}
	return r.changeLab(ctx, lab, func(lab *v1beta1.Lab) { lab.Labels[v1beta1.ClosedLabel] = closedPresent })
}

// endPods deletes the pods of a lab: a shell or a forwarded port is authenticated once and outlives the account.
func (r *Reconciler) endPods(ctx context.Context, lab *v1beta1.Lab) error {
	if lab.Status.Namespace == "" {
		return nil
	}
	pods := &metav1.PartialObjectMetadataList{}
	pods.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("PodList"))
	if err := r.Deployer.List(ctx, pods, client.InNamespace(lab.Status.Namespace)); err != nil {
		return fmt.Errorf("list the pods of lab %s: %w", lab.Name, err)
	}
	for i := range pods.Items {
		pod := &pods.Items[i]
		pod.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Pod"))
		err := r.Deployer.Delete(ctx, pod, client.Preconditions{UID: ptr.To(pod.UID)}, client.GracePeriodSeconds(cutGrace))
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("delete pod %s of lab %s: %w", pod.Name, lab.Name, err)
		}
	}
	return nil
}
