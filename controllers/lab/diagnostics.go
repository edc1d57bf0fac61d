package lab

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/internal/evidence"
	"github.com/lab-operator/lab-operator/internal/text"
)

const (
	noticeLimit  = 500 // objects looked at
	maxNotices   = 5   // sentences shown
	noticeLength = 512 // bytes of one
)

// noticeKinds are the kinds that every lab is watched for, so that its notices can say what keeps pods from running. Of
// all but pods, the metadata, spec.replicas and the status are read.
var noticeKinds = []schema.GroupVersionKind{
	podKind, replicaSetKind, deploymentKind, statefulSetKind, daemonSetKind, jobKind, claimKind,
}

var (
	podKind         = corev1.SchemeGroupVersion.WithKind("Pod")
	claimKind       = corev1.SchemeGroupVersion.WithKind("PersistentVolumeClaim")
	replicaSetKind  = schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "ReplicaSet"}
	deploymentKind  = schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}
	statefulSetKind = schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "StatefulSet"}
	daemonSetKind   = schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "DaemonSet"}
	jobKind         = schema.GroupVersionKind{Group: "batch", Version: "v1", Kind: "Job"}
)

// noticeSources are the sources of noticeKinds. Their names hold a colon: no expression sees them.
func noticeSources() []evidence.Source {
	var sources []evidence.Source
	for _, kind := range noticeKinds {
		sources = append(sources, evidence.Source{Name: noticeSource + strings.ToLower(kind.Kind), GVK: kind, List: true, Brief: true, Limit: noticeLimit})
	}
	return sources
}

// workloads are the objects in a lab's namespace that notices are about.
type workloads struct {
	pods, replicaSets, deployments, statefulSets, daemonSets, jobs, claims []*unstructured.Unstructured
}

// notices quote what keeps the learner's pods from running: what kubectl shows only to those who know where
// to look, such as the pods that a ReplicaSet is refused.
func (r *Reconciler) notices(ctx context.Context, s *scope) []string {
	var w workloads
	synced := true
	for i, objects := range []*[]*unstructured.Unstructured{
		&w.pods, &w.replicaSets, &w.deployments, &w.statefulSets, &w.daemonSets, &w.jobs, &w.claims,
	} {
		found, all := r.Evidence.Objects(s.key, noticeKinds[i])
		*objects = found
		synced = synced && all
	}
	if !synced && s.environment.isResumed() && s.isSettling() {
		return s.original.Status.Notices
	}
	found := drift(s.pinned.Setup, s.snapshot, w.pods, s.freshEnvironment())
	found = append(found, r.waits(ctx, s, w)...)
	outdated, again := outdatedPods(w, s.now)
	s.again(again)
	return troubles(w, outdated, found)
}

// troubles are the notices about workloads and those that were found otherwise: bounded, sorted, each once.
func troubles(w workloads, outdated map[string]*unstructured.Unstructured, found []string) []string {
	for i := range found {
		found[i] = bounded(found[i])
	}
	for _, set := range w.replicaSets {
		found = append(found, refusedPods(set)...)
	}
	for _, deployment := range w.deployments {
		found = append(found, stuckRollout(deployment)...)
	}
	for _, pod := range w.pods {
		if set := outdated[pod.GetName()]; set != nil {
			found = append(found, outdatedPod(pod, set))
			continue
		}
		found = append(found, stuckContainers(pod)...)
	}
	found = append(found, alike(w.pods, unscheduled, "finds no node", "find no node")...)
	found = append(found, alike(w.pods, failedPod, "failed", "failed")...)
	slices.Sort(found)
	found = slices.Compact(found)
	return found[:min(len(found), maxNotices)]
}

// alike tells once of all pods with the same trouble.
func alike(pods []*unstructured.Unstructured, trouble func(*unstructured.Unstructured) string, one, many string) []string {
	names := map[string][]string{}
	for _, pod := range pods {
		if why := trouble(pod); why != "" {
			names[why] = append(names[why], pod.GetName())
		}
	}
	var found []string
	for why, all := range names {
		slices.Sort(all)
		if len(all) == 1 {
			found = append(found, bounded(fmt.Sprintf("pod %s %s: %s", all[0], one, why)))
			continue
		}
		found = append(found, bounded(fmt.Sprintf("pod %s and %d more %s: %s", all[0], len(all)-1, many, why)))
	}
	return found
}

// conditionOf reads a condition of an object; nil where there is none.
func conditionOf(object *unstructured.Unstructured, kind string) map[string]any {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, c := range conditions {
		if condition, _ := c.(map[string]any); condition["type"] == kind {
			return condition
		}
	}
	return nil
}

func refusedPods(set *unstructured.Unstructured) []string {
	condition := conditionOf(set, "ReplicaFailure")
	if condition["status"] != "True" {
		return nil
	}
	message, _ := condition["message"].(string)
	return []string{refused(set, message)}
}

// refused tells of the pods that a workload is refused.
func refused(owner *unstructured.Unstructured, message string) string {
	return bounded(fmt.Sprintf("pods of %s %s are refused: %s", owner.GetKind(), owner.GetName(), unnumbered(owner.GetName(), message)))
}

// unnumbered takes out of a message what differs from try to try: the end of the names of pods that were never made.
func unnumbered(owner, message string) string {
	return regexp.MustCompile(`"`+regexp.QuoteMeta(owner)+`-[bcdfghjklmnpqrstvwxz2456789]{5}"`).ReplaceAllString(message, `"`+owner+`-*"`)
}

// stuckRollout tells of a Deployment that does not get on.
func stuckRollout(deployment *unstructured.Unstructured) []string {
	condition := conditionOf(deployment, "Progressing")
	if condition["status"] != "False" {
		return nil
	}
	return []string{bounded(fmt.Sprintf("the rollout of Deployment %s does not get on: %v: %v", deployment.GetName(), condition["reason"], condition["message"]))}
}

// bounded makes one line of at most noticeLength bytes, without anything that a terminal would obey: what is quoted may be a
// learner's.
func bounded(notice string) string {
	return text.TruncateBytes(text.OneLine(notice, text.NoLimit), noticeLength)
}
