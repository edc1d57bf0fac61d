package workshop

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// Values of the label of Labs that were closed.
const (
	closedAbsent  = "true"
	closedPresent = "present"
)

// cutLab ends what an attendee has opened in the pods of a lab that stays: a shell, a forwarded port. Such a connection is
// authenticated once and outlives the account, so the pods go. Workloads make them again.
func (r *Reconciler) cutLab(ctx context.Context, lab *v1alpha1.Lab) error {
	if lab.Status.Namespace != "" {
		pods := &metav1.PartialObjectMetadataList{}
		pods.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("PodList"))
		if err := r.Deployer.List(ctx, pods, client.InNamespace(lab.Status.Namespace)); err != nil {
			return fmt.Errorf("list the pods of lab %s: %w", lab.Name, err)
		}
		for i := range pods.Items {
			pod := &pods.Items[i]
			pod.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Pod"))
			if err := r.Deployer.Delete(ctx, pod, client.Preconditions{UID: ptr.To(pod.UID)}); client.IgnoreNotFound(err) != nil {
				return fmt.Errorf("delete pod %s of lab %s: %w", pod.Name, lab.Name, err)
			}
		}
	}
	return r.changeLab(ctx, lab, func(lab *v1alpha1.Lab) { lab.Labels[v1alpha1.ClosedLabel] = closedPresent })
}
