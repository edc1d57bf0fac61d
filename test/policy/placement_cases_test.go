package policy

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// daemonSetController makes the pods of DaemonSets.
const daemonSetController = "system:serviceaccount:kube-system:daemon-set-controller"

// podWith is a new pod of the lab, changed.
func podWith(change func(*corev1.Pod)) *corev1.Pod {
	pod := restrictedPod("new")
	change(pod)
	return pod
}

// everything is a selector of all.
func everything() *metav1.LabelSelector { return &metav1.LabelSelector{} }

// tolerating is a new pod with one toleration.
func tolerating(toleration corev1.Toleration) *corev1.Pod {
	return podWith(func(pod *corev1.Pod) { pod.Spec.Tolerations = []corev1.Toleration{toleration} })
}

// placementAttempts are about which node a pod gets to, and how long a container may hold it.
func placementAttempts() map[string]attempt {
	const (
		policy  = "lab-operator-workloads"
		chooses = "the scheduler chooses the node of a lab's pod"
		taints  = "taints keep the pods of labs off nodes that are not for them"
		wait    = "a lab cannot wait so long for a container to end"
	)
	placed := podWith(func(pod *corev1.Pod) { pod.Spec.NodeName = "one" })
	mirror := placed.DeepCopy()
	mirror.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "mirror"}
	mirror.Spec.AutomountServiceAccountToken = ptr.To(false)
	exists := func(key string, effect corev1.TaintEffect) *corev1.Pod {
		return tolerating(corev1.Toleration{Key: key, Operator: corev1.TolerationOpExists, Effect: effect})
	}
	ofDaemonSet := exists(corev1.TaintNodeUnschedulable, corev1.TaintEffectNoSchedule)
	ofDaemonSet.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "DaemonSet", Name: "agent", UID: "uid", Controller: ptr.To(true)}}
	anywhere := ofDaemonSet.DeepCopy()
	anywhere.Spec.Tolerations[0].Key = "node-role.kubernetes.io/control-plane"
	probing := func(seconds int64, set func(*corev1.Container, *corev1.Probe)) *corev1.Pod {
		return podWith(func(pod *corev1.Pod) {
			probe := &corev1.Probe{
				ProbeHandler:                  corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{}},
				TerminationGracePeriodSeconds: &seconds,
			}
			probe.TCPSocket.Port.IntVal = 80
			sidecar := *pod.Spec.Containers[0].DeepCopy()
			sidecar.Name, sidecar.RestartPolicy = "sidecar", ptr.To(corev1.ContainerRestartPolicyAlways)
			pod.Spec.InitContainers = []corev1.Container{sidecar}
			set(&pod.Spec.Containers[0], probe)
		})
	}
	liveness := func(c *corev1.Container, p *corev1.Probe) { c.LivenessProbe = p }
	startup := func(c *corev1.Container, p *corev1.Probe) { c.StartupProbe = p }
	ofSidecar := probing(301, startup)
	ofSidecar.Spec.InitContainers[0].LivenessProbe, ofSidecar.Spec.Containers[0].StartupProbe = ofSidecar.Spec.Containers[0].StartupProbe, nil
	worker := object("v1", "Pod", labNamespace, "worker")
	toleration := func(key, effect string) string {
		return `{"spec":{"tolerations":[{"key":"` + key + `","operator":"Exists","effect":"` + effect + `"}]}}`
	}
	elsewhere := placed.DeepCopy()
	elsewhere.Namespace = "default"
	return map[string]attempt{
		"a learner's pod takes no node":                     mayNot(learner, create(placed), policy, chooses),
		"nor does a controller's":                           mayNot(controllerManager, create(placed), policy, chooses),
		"no pod is the mirror of a static one":              mayNot(learner, create(mirror), policy, chooses),
		"elsewhere a pod takes a node":                      may(editor, create(elsewhere)),
		"no pod goes where only the control plane runs":     mayNot(learner, create(exists("node-role.kubernetes.io/control-plane", corev1.TaintEffectNoSchedule)), policy, taints),
		"no pod tolerates a taint of every effect":          mayNot(learner, create(exists("dedicated", "")), policy, taints),
		"no pod tolerates everything":                       mayNot(learner, create(exists("", "")), policy, taints),
		"no pod stays where others are evicted":             mayNot(learner, create(exists("dedicated", corev1.TaintEffectNoExecute)), policy, taints),
		"no pod goes to a node that is being drained":       mayNot(learner, create(exists(corev1.TaintNodeUnschedulable, corev1.TaintEffectNoSchedule)), policy, taints),
		"nor does one that says it is of a DaemonSet":       mayNot(learner, create(ofDaemonSet), policy, taints),
		"no pod tolerates a taint later":                    mayNot(learner, strategic(worker, toleration("dedicated", "NoSchedule")), policy, taints),
		"no DaemonSet goes everywhere":                      mayNot(daemonSetController, create(anywhere), policy, taints),
		"a DaemonSet goes where the cluster lets it":        may(daemonSetController, create(ofDaemonSet)),
		"a pod rather goes elsewhere":                       may(learner, create(exists("dedicated", corev1.TaintEffectPreferNoSchedule))),
		"a pod waits for its node":                          may(learner, create(exists(corev1.TaintNodeUnreachable, corev1.TaintEffectNoExecute))),
		"a pod waits for its node later":                    may(learner, strategic(worker, toleration(corev1.TaintNodeNotReady, "NoExecute"))),
		"a pod bears that memory is scarce":                 may(learner, create(exists(corev1.TaintNodeMemoryPressure, corev1.TaintEffectNoSchedule))),
		"no container takes long to end when it is sick":    mayNot(learner, create(probing(301, liveness)), policy, wait),
		"no container takes long to end before it starts":   mayNot(controllerManager, create(probing(301, startup)), policy, wait),
		"no sidecar takes long to end":                      mayNot(learner, create(ofSidecar), policy, wait),
		"a container may take its time when it is sick":     may(learner, create(probing(300, liveness))),
		"a container may take its time before it has begun": may(learner, create(probing(300, startup))),
	}
}
