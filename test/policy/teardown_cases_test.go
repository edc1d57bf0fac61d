package policy

import (
	"context"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// ownerAttempts are about controllers that would take over what belongs to the lab.
func ownerAttempts() map[string]attempt {
	guard, mine := object("v1", "Pod", labNamespace, "guard"), configMap(labNamespace, "mine")
	adopt := metadata("ownerReferences", owners())
	return map[string]attempt{
		"no controller adopts what is protected":     mayNot(controllerManager, merge(guard, adopt), "lab-operator-owners", "guard belongs to the lab itself: nothing else can own it"),
		"nor does an administrator":                  mayNot(administrator, merge(guard, adopt), "lab-operator-owners", "guard belongs to the lab itself: nothing else can own it"),
		"a controller adopts what is the learner's":  may(controllerManager, merge(mine, adopt)),
		"a controller changes what is protected":     may(controllerManager, merge(guard, metadata("annotations", map[string]any{"a": "b"}))),
		"elsewhere a controller adopts what it will": may(controllerManager, merge(configMap("default", "bystander"), adopt)),
	}
}

// teardownAttempts are about what would keep the namespace of a lab for long.
func teardownAttempts() map[string]attempt {
	const (
		policy    = "lab-operator-workloads"
		wait      = "a lab cannot wait so long for a pod to end"
		finalizer = "a finalizer could keep the lab's namespace from being deleted, leave metadata.finalizers out of the "
	)
	patient, slow := restrictedPod("new"), restrictedPod("new")
	patient.Spec.TerminationGracePeriodSeconds = ptr.To[int64](300)
	slow.Spec.TerminationGracePeriodSeconds = ptr.To[int64](301)
	held, claim := restrictedPod("new"), smallClaim("new")
	held.Finalizers = []string{"example.com/keep"}
	heldClaim := claim.DeepCopy()
	heldClaim.Finalizers = held.Finalizers
	strayed := workerPod("new")
	strayed.OwnerReferences[0].Kind, strayed.OwnerReferences[0].APIVersion = "ReplicaSet", "apps/v1"
	worker := object("v1", "Pod", labNamespace, "worker")
	return map[string]attempt{
		"no pod of a lab takes long to end":                  mayNot(learner, create(slow), policy, wait),
		"no controller makes one that does":                  mayNot(controllerManager, create(slow), policy, wait),
		"a pod may take its time to end":                     may(learner, create(patient)),
		"a learner lets no pod take long to end":             mayNot(learner, removeWithin(worker, 301), policy, wait),
		"a learner lets a pod take its time":                 may(learner, removeWithin(worker, 300)),
		"a learner deletes a pod at once":                    may(learner, removeWithin(worker, 0)),
		"no controller copies a finalizer to a pod":          mayNot(controllerManager, create(held), policy, finalizer+"pod's template"),
		"nor that of Jobs to the pod of another":             mayNot(controllerManager, create(strayed), policy, finalizer+"pod's template"),
		"the controller of Jobs makes pods":                  may(controllerManager, create(workerPod("new"))),
		"no controller copies a finalizer to a claim":        mayNot(controllerManager, create(heldClaim), policy, finalizer+"claim's template"),
		"a controller makes claims":                          may(controllerManager, create(claim)),
		"elsewhere pods take as long as they like":           may(editor, inDefault(slow)),
		"a node deletes what has ended in a moment of grace": may(node, remove(worker)),
	}
}

// workerPod is the pod of a Job.
func workerPod(name string) *corev1.Pod {
	pod := restrictedPod(name)
	pod.Finalizers = []string{batchv1.JobTrackingFinalizer}
	pod.OwnerReferences = []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: "job", UID: "uid", Controller: ptr.To(true)}}
	return pod
}

// smallClaim asks for a little storage.
func smallClaim(name string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: labNamespace, Name: name},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Mi")}},
		},
	}
}

// removeWithin deletes a pod and gives it some time.
func removeWithin(o client.Object, seconds int64) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		return c.Delete(ctx, o.DeepCopyObject().(client.Object), client.GracePeriodSeconds(seconds))
	}
}

// inDefault creates a pod outside of labs.
func inDefault(pod *corev1.Pod) func(context.Context, client.Client) error {
	elsewhere := pod.DeepCopy()
	elsewhere.Namespace = "default"
	return create(elsewhere)
}

// many are annotations.
func many(n int, value string) map[string]any {
	all := make(map[string]any, n)
	for i := range n {
		all[fmt.Sprintf("a%d", i)] = value
	}
	return all
}

// managers are entries of managed fields, as many as there are managers.
func managers(n int) []map[string]any {
	all := make([]map[string]any, 0, n)
	for i := range n {
		all = append(all, map[string]any{
			"manager": fmt.Sprintf("m%d", i), "operation": "Apply", "apiVersion": "learning.lab-operator.dev/v1beta1",
			"fieldsType": "FieldsV1", "fieldsV1": map[string]any{"f:spec": map[string]any{"f:topic": map[string]any{}}},
		})
	}
	return all
}
