package lint

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
)

// workload is an object of the setup that makes pods.
type workload struct {
	field string
	name  string
	meta  *metav1.ObjectMeta
	spec  *corev1.PodSpec
	// pods is how many there are at a time.
	pods int64
	// claims are those of each pod.
	claims []corev1.PersistentVolumeClaim
}

// workloadOf reads a workload, if the object is one.
func workloadOf(field string, object runtime.Object) (workload, bool) {
	w := workload{field: field, pods: 1}
	template := func(t *corev1.PodTemplateSpec, replicas *int32) {
		w.meta, w.spec, w.pods = &t.ObjectMeta, &t.Spec, int64(ptr.Deref(replicas, 1))
	}
	switch o := object.(type) {
	case *corev1.Pod:
		w.meta, w.spec = &o.ObjectMeta, &o.Spec
	case *appsv1.Deployment:
		template(&o.Spec.Template, o.Spec.Replicas)
	case *appsv1.ReplicaSet:
		template(&o.Spec.Template, o.Spec.Replicas)
	case *appsv1.StatefulSet:
		template(&o.Spec.Template, o.Spec.Replicas)
		w.claims = o.Spec.VolumeClaimTemplates
	case *appsv1.DaemonSet:
		template(&o.Spec.Template, nil)
	case *batchv1.Job:
		template(&o.Spec.Template, o.Spec.Parallelism)
	case *batchv1.CronJob:
		template(&o.Spec.JobTemplate.Spec.Template, o.Spec.JobTemplate.Spec.Parallelism)
	default:
		return w, false
	}
	if named, ok := object.(metav1.Object); ok {
		w.name = named.GetName()
	}
	return w, true
}

// podUses is what a pod counts for in a quota: what its containers ask for together, or its largest init container.
func (w workload) podUses(of func(corev1.Container) resource.Quantity) resource.Quantity {
	var together, largest resource.Quantity
	for _, c := range w.spec.Containers {
		together.Add(of(c))
	}
	for _, c := range w.spec.InitContainers {
		amount := of(c)
		if ptr.Deref(c.RestartPolicy, "") == corev1.ContainerRestartPolicyAlways {
			together.Add(amount)
		} else if amount.Cmp(largest) > 0 {
			largest = amount
		}
	}
	if largest.Cmp(together) > 0 {
		return largest
	}
	return together
}
