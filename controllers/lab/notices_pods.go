package lab

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// stuckReasons are why a container waits that will not get better without the learner.
var stuckReasons = map[string]bool{
	"ErrImagePull": true, "ImagePullBackOff": true, "InvalidImageName": true, "ErrImageNeverPull": true,
	"ImageInspectError": true, "RegistryUnavailable": true, "SignatureValidationFailed": true,
	"CreateContainerConfigError": true, "CreateContainerError": true, "RunContainerError": true,
	"PreCreateHookError": true, "PreStartHookError": true, "PostStartHookError": true, "CrashLoopBackOff": true,
}

// outOfMemory is why the kernel ends a container that uses more memory than its limit.
const outOfMemory = "OOMKilled"

// containerFields are where the status of a pod has those of its containers.
var containerFields = []string{"initContainerStatuses", "containerStatuses"}

// stuckContainers tells of the containers of a pod that do not run, or that the kernel ended.
func stuckContainers(pod *unstructured.Unstructured) []string {
	var found []string
	for _, field := range containerFields {
		statuses, _, _ := unstructured.NestedSlice(pod.Object, "status", field)
		for _, c := range statuses {
			container, _ := c.(map[string]any)
			name, _ := container["name"].(string)
			reason, _, _ := unstructured.NestedString(container, "state", "waiting", "reason")
			switch {
			case wasOutOfMemory(container):
				found = append(found, bounded(fmt.Sprintf("container %s of pod %s was ended by the kernel (%s): it used more memory than its limit%s allows. "+
					"Raise the limit, or have it use less", name, pod.GetName(), outOfMemory, memoryLimit(container))))
			case stuckReasons[reason]:
				message, _, _ := unstructured.NestedString(container, "state", "waiting", "message")
				found = append(found, bounded(fmt.Sprintf("container %s of pod %s does not run: %s: %s", name, pod.GetName(), reason, steady(message))))
			}
		}
	}
	return found
}

// wasOutOfMemory tells whether a container ended for lack of memory, now or the last time.
func wasOutOfMemory(container map[string]any) bool {
	for _, state := range []string{"state", "lastState"} {
		if reason, _, _ := unstructured.NestedString(container, state, "terminated", "reason"); reason == outOfMemory {
			return true
		}
	}
	return false
}

// memoryLimit is that of a container by its status, behind " of "; empty where the status does not say.
func memoryLimit(container map[string]any) string {
	if limit, found, _ := unstructured.NestedFieldNoCopy(container, "resources", "limits", "memory"); found {
		return fmt.Sprintf(" of %v", limit)
	}
	return ""
}

// steady cuts off what changes from try to try, so that a pod that fails again and again causes no writes.
func steady(message string) string {
	if strings.HasPrefix(message, "back-off ") {
		return "it ends soon after every start; kubectl logs shows why"
	}
	return message
}

// unscheduled is why a pod has no node, in the scheduler's words; empty where it has one or may get one soon.
func unscheduled(pod *unstructured.Unstructured) string {
	condition := conditionOf(pod, "PodScheduled")
	if condition["status"] != "False" || pod.GetDeletionTimestamp() != nil {
		return ""
	}
	message, _ := condition["message"].(string)
	// What follows is about pods that could be pushed out to make room: there are none in a lab.
	message, _, _ = strings.Cut(message, " preemption:")
	return strings.TrimSpace(message)
}

// failedPod is why a pod as a whole failed, such as an eviction; empty where it did not, and where its containers say it.
func failedPod(pod *unstructured.Unstructured) string {
	phase, _, _ := unstructured.NestedString(pod.Object, "status", "phase")
	reason, _, _ := unstructured.NestedString(pod.Object, "status", "reason")
	if phase != "Failed" || reason == "" {
		return ""
	}
	message, _, _ := unstructured.NestedString(pod.Object, "status", "message")
	return strings.TrimRight(reason+": "+message, " :")
}

// isReady tells whether a pod is ready.
func isReady(pod *unstructured.Unstructured) bool {
	return conditionOf(pod, "Ready")["status"] == "True"
}

// isOwnedBy tells whether a workload made a pod.
func isOwnedBy(pod, owner *unstructured.Unstructured) bool {
	for _, reference := range pod.GetOwnerReferences() {
		if reference.UID == owner.GetUID() && reference.Controller != nil && *reference.Controller {
			return true
		}
	}
	return false
}

// outdatedPods are, by name, the pods that fail and that their StatefulSet does not replace although its template has been
// changed: it waits until they are ready, which they never will be.
func outdatedPods(w workloads) map[string]*unstructured.Unstructured {
	found := map[string]*unstructured.Unstructured{}
	for _, set := range w.statefulSets {
		revision, _, _ := unstructured.NestedString(set.Object, "status", "updateRevision")
		if revision == "" {
			continue
		}
		for _, pod := range w.pods {
			of := pod.GetLabels()["controller-revision-hash"]
			if of == "" || of == revision || isReady(pod) || pod.GetDeletionTimestamp() != nil || !isOwnedBy(pod, set) {
				continue
			}
			if unscheduled(pod) != "" || len(stuckContainers(pod)) > 0 {
				found[pod.GetName()] = set
			}
		}
	}
	return found
}

func outdatedPod(pod, set *unstructured.Unstructured) string {
	todo := fmt.Sprintf("Delete it: kubectl -n %s delete pod %s", pod.GetNamespace(), pod.GetName())
	if pod.GetLabels()[v1alpha1.ProtectedLabel] == "true" {
		todo = "It belongs to the lab itself: a fresh environment replaces it"
	}
	return bounded(fmt.Sprintf("pod %s still has an earlier template of StatefulSet %s, and fails: the template was changed, "+
		"but a StatefulSet does not replace a pod that is not ready. %s", pod.GetName(), set.GetName(), todo))
}
