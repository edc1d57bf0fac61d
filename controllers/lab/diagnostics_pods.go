package lab

import (
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/lab-operator/lab-operator/internal/guardrail"
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

// killedCode is the exit code of what SIGKILL ended. A node that learns of the end of a container before it learns of the lack
// of memory says just that.
const killedCode = 137

// containerFields are where the status of a pod has those of its containers.
var containerFields = []string{"initContainerStatuses", "containerStatuses"}

// stuckContainers tells of the containers of a pod that do not run, or that the kernel ended.
func stuckContainers(pod *unstructured.Unstructured) []string {
	todo := "Raise the limit, or have it use less"
	if guardrail.IsProtected(pod) {
		todo = "The pod belongs to the lab itself, and its limit cannot be changed: have it use less"
	}
	var found []string
	for _, field := range containerFields {
		statuses, _, _ := unstructured.NestedSlice(pod.Object, "status", field)
		for _, c := range statuses {
			container, _ := c.(map[string]any)
			name, _ := container["name"].(string)
			reason, _, _ := unstructured.NestedString(container, "state", "waiting", "reason")
			switch {
			case endedBy(container, outOfMemory, 0):
				found = append(found, bounded(fmt.Sprintf("container %s of pod %s was ended by the kernel (%s): it used more memory than its limit%s allows. %s",
					name, pod.GetName(), outOfMemory, memoryLimit(container), todo)))
			case pod.GetDeletionTimestamp() == nil && memoryLimit(container) != "" && endedBy(container, "Error", killedCode):
				found = append(found, bounded(fmt.Sprintf("container %s of pod %s was killed (exit code %d): because it used more memory than its limit%s allows, "+
					"by its liveness probe or by a signal; the node does not always tell which", name, pod.GetName(), killedCode, memoryLimit(container))))
			case stuckReasons[reason]:
				message, _, _ := unstructured.NestedString(container, "state", "waiting", "message")
				found = append(found, bounded(fmt.Sprintf("container %s of pod %s does not run: %s: %s", name, pod.GetName(), reason, steady(message))))
			}
		}
	}
	return found
}

// endedBy tells whether a container ended for a reason, now or the last time, and with an exit code unless that is 0. One that
// is ready again needs nothing.
func endedBy(container map[string]any, wanted string, exitCode int64) bool {
	if ready, _ := container["ready"].(bool); ready {
		return false
	}
	for _, state := range []string{"state", "lastState"} {
		reason, _, _ := unstructured.NestedString(container, state, "terminated", "reason")
		code := number(&unstructured.Unstructured{Object: container}, state, "terminated", "exitCode")
		if reason == wanted && (exitCode == 0 || code == exitCode) {
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

// unreadyFor is how long a pod has to be not ready until its StatefulSet is said to wait for it in vain.
const unreadyFor = 20 * time.Second

// outdatedPods are, by name, the pods that their StatefulSet does not replace although its template has been changed: it waits
// until they are ready, which one that fails will never be, and one that waits for the learner may not be. It says as well when
// to look again at those that have not been so for long.
func outdatedPods(w workloads, now time.Time) (found map[string]*unstructured.Unstructured, again time.Duration) {
	found = map[string]*unstructured.Unstructured{}
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
			left := unreadyFor - now.Sub(unreadySince(pod))
			switch {
			case unscheduled(pod) != "" || len(stuckContainers(pod)) > 0 || left <= 0:
				found[pod.GetName()] = set
			case again == 0 || left < again:
				again = left
			}
		}
	}
	return found, again
}

// unreadySince is when a pod that is not ready ceased to be, or was made.
func unreadySince(pod *unstructured.Unstructured) time.Time {
	text, _ := conditionOf(pod, "Ready")["lastTransitionTime"].(string)
	if since, err := time.Parse(time.RFC3339, text); err == nil {
		return since
	}
	return pod.GetCreationTimestamp().Time
}

func outdatedPod(pod, set *unstructured.Unstructured) string {
	todo := fmt.Sprintf("Delete it: kubectl -n %s delete pod %s", pod.GetNamespace(), pod.GetName())
	if guardrail.IsProtected(pod) {
		todo = "It belongs to the lab itself: a fresh environment replaces it"
	}
	return bounded(fmt.Sprintf("pod %s still has an earlier template of StatefulSet %s, and is not ready: the template was changed, "+
		"but a StatefulSet does not replace a pod that is not ready. %s", pod.GetName(), set.GetName(), todo))
}
