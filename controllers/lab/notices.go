package lab

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/lab-operator/lab-operator/internal/check"
)

const (
	noticeLimit  = 500 // objects looked at
	maxNotices   = 5   // sentences shown
	noticeLength = 512 // bytes of one
)

// stuckReasons are why a container waits that will not get better without the learner.
var stuckReasons = map[string]bool{
	"ErrImagePull": true, "ImagePullBackOff": true, "InvalidImageName": true, "ErrImageNeverPull": true,
	"CreateContainerConfigError": true, "CreateContainerError": true, "CrashLoopBackOff": true,
}

// notices quote what keeps the learner's pods from running: what kubectl shows only to those who know where
// to look, such as the pods that a ReplicaSet is refused.
func (r *Reconciler) notices(s *scope) []string {
	sets, synced := r.Evidence.Objects(s.key, replicaSetKind)
	pods, syncedToo := r.Evidence.Objects(s.key, podKind)
	if !(synced && syncedToo) && s.resumed() {
		return s.before.Status.Notices
	}
	return troubles(sets, pods, drift(s.pinned.Setup, s.snapshot, pods, s.freshEnvironment()))
}

func troubles(sets, pods []*unstructured.Unstructured, found []string) []string {
	for i := range found {
		found[i] = bounded(found[i])
	}
	for _, set := range sets {
		found = append(found, refusedPods(set)...)
	}
	for _, pod := range pods {
		found = append(found, stuckContainers(pod)...)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	return found[:min(len(found), maxNotices)]
}

func refusedPods(set *unstructured.Unstructured) []string {
	conditions, _, _ := unstructured.NestedSlice(set.Object, "status", "conditions")
	for _, c := range conditions {
		condition, _ := c.(map[string]any)
		if condition["type"] == "ReplicaFailure" && condition["status"] == "True" {
			message, _ := condition["message"].(string)
			return []string{bounded(fmt.Sprintf("pods of ReplicaSet %s are refused: %s", set.GetName(), message))}
		}
	}
	return nil
}

func stuckContainers(pod *unstructured.Unstructured) []string {
	var found []string
	for _, field := range []string{"initContainerStatuses", "containerStatuses"} {
		statuses, _, _ := unstructured.NestedSlice(pod.Object, "status", field)
		for _, c := range statuses {
			container, _ := c.(map[string]any)
			reason, _, _ := unstructured.NestedString(container, "state", "waiting", "reason")
			if !stuckReasons[reason] {
				continue
			}
			message, _, _ := unstructured.NestedString(container, "state", "waiting", "message")
			found = append(found, bounded(fmt.Sprintf("container %v of pod %s does not run: %s: %s", container["name"], pod.GetName(), reason, steady(message))))
		}
	}
	return found
}

// steady cuts off what changes from try to try, so that a pod that fails again and again causes no writes.
func steady(message string) string {
	if strings.HasPrefix(message, "back-off ") {
		return "it ends soon after every start; kubectl logs shows why"
	}
	return message
}

// clean makes one line with nothing in it that a terminal would obey: what is quoted may be a learner's.
func clean(text string) string { return check.OneLine(text, len(text)+1) }

// bounded makes one clean line of at most noticeLength bytes.
func bounded(text string) string {
	text = clean(text)
	if len(text) > noticeLength {
		text = strings.ToValidUTF8(text[:noticeLength-3], "") + "..."
	}
	return text
}
