package policy

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"
)

// countedNamespace is that of a lab whose quota counts CPU. The quota itself is not installed.
const countedNamespace = "lab-counted"

// resourceAttempts are about what pods ask of a node. One pod of the lab may request 83m of CPU.
func resourceAttempts() map[string]attempt {
	const (
		policy = "lab-operator-workloads"
		names  = "pods of a lab ask for cpu, memory and ephemeral-storage alone"
		most   = "a pod of this lab requests at most 83m of CPU, all its containers together"
	)
	cpu := func(quantity string) corev1.ResourceList {
		return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(quantity)}
	}
	requesting := func(quantity string) *corev1.Pod {
		return podWith(func(pod *corev1.Pod) { pod.Spec.Containers[0].Resources.Requests = cpu(quantity) })
	}
	limited := podWith(func(pod *corev1.Pod) { pod.Spec.Containers[0].Resources.Limits = cpu("84m") })
	throttled := requesting("83m")
	throttled.Spec.Containers[0].Resources.Limits = cpu("8")
	whole := func(quantity string) *corev1.Pod {
		return podWith(func(pod *corev1.Pod) {
			pod.Spec.Resources = &corev1.ResourceRequirements{Requests: cpu(quantity)}
		})
	}
	// with has another container beside or before the first, which requests 40m.
	with := func(quantity string, add func(*corev1.PodSpec, corev1.Container)) *corev1.Pod {
		pod := requesting("40m")
		other := *pod.Spec.Containers[0].DeepCopy()
		other.Name, other.Resources.Requests = "other", cpu(quantity)
		add(&pod.Spec, other)
		return pod
	}
	beside := func(spec *corev1.PodSpec, c corev1.Container) { spec.Containers = append(spec.Containers, c) }
	before := func(spec *corev1.PodSpec, c corev1.Container) { spec.InitContainers = append(spec.InitContainers, c) }
	always := func(spec *corev1.PodSpec, c corev1.Container) {
		c.RestartPolicy = ptr.To(corev1.ContainerRestartPolicyAlways)
		before(spec, c)
	}
	// late starts while a sidecar that requests 40m runs already.
	late := with("40m", always)
	late.Spec.Containers[0].Resources.Requests = nil
	last := *late.Spec.InitContainers[0].DeepCopy()
	last.Name, last.RestartPolicy, last.Resources.Requests = "late", nil, cpu("44m")
	late.Spec.InitContainers = append(late.Spec.InitContainers, last)
	asking := func(name corev1.ResourceName, quantity string) *corev1.Pod {
		return podWith(func(pod *corev1.Pod) {
			pod.Spec.Containers[0].Resources.Limits = corev1.ResourceList{name: resource.MustParse(quantity), corev1.ResourceMemory: resource.MustParse("64Mi")}
		})
	}
	preparing := asking("nvidia.com/gpu", "1")
	preparing.Spec.InitContainers = []corev1.Container{*preparing.Spec.Containers[0].DeepCopy()}
	preparing.Spec.InitContainers[0].Name, preparing.Spec.Containers[0].Resources.Limits = "prepare", nil
	large := podWith(func(pod *corev1.Pod) {
		pod.Spec.Resources = &corev1.ResourceRequirements{Limits: corev1.ResourceList{
			"hugepages-2Mi": resource.MustParse("4Mi"), corev1.ResourceMemory: resource.MustParse("64Mi"), corev1.ResourceCPU: resource.MustParse("10m"),
		}}
	})
	crowd := func(n int) *corev1.Pod {
		return podWith(func(pod *corev1.Pod) {
			for i := range n - 1 {
				next := *pod.Spec.Containers[0].DeepCopy()
				next.Name = fmt.Sprint("c", i)
				pod.Spec.InitContainers = append(pod.Spec.InitContainers, next)
			}
		})
	}
	counted := requesting("2")
	counted.Namespace = countedNamespace
	elsewhere := asking("nvidia.com/gpu", "1")
	elsewhere.Spec.Containers[0].Resources.Requests = cpu("2")
	// A pod that has a node is resized only where the node is there.
	growing := object("v1", "Pod", labNamespace, "growing")
	resize := func(quantity string) string {
		return `{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"` + quantity + `"}}}]}}`
	}
	template := func(resources string) string {
		return `{"spec":{"template":{"spec":{"containers":[{"name":"web","resources":` + resources + `}]}}}}`
	}
	web := deployment("web")
	all := map[string]attempt{
		"a learner's pod takes no node's CPU":                  mayNot(learner, create(requesting("100")), policy, most),
		"nor a little more than its share":                     mayNot(learner, create(requesting("84m")), policy, most),
		"nor by a limit":                                       mayNot(learner, create(limited), policy, most),
		"nor as a whole":                                       mayNot(learner, create(whole("84m")), policy, most),
		"nor by two containers":                                mayNot(learner, create(with("44m", beside)), policy, most),
		"nor by a sidecar":                                     mayNot(learner, create(with("44m", always)), policy, most),
		"nor before it starts":                                 mayNot(learner, create(with("84m", before)), policy, most),
		"nor before it starts, beside a sidecar":               mayNot(learner, create(late), policy, most),
		"no controller makes a pod that takes so much":         mayNot(controllerManager, create(requesting("84m")), policy, most),
		"a learner's pod takes no more later":                  mayNot(learner, strategicSub(growing, "resize", resize("84m")), policy, most),
		"a learner's template takes no node's CPU":             mayNot(learner, strategic(web, template(`{"requests":{"cpu":"1500m"}}`)), policy, most),
		"nor by a limit alone":                                 mayNot(learner, strategic(web, template(`{"limits":{"cpu":"1500m"}}`)), policy, most),
		"a pod requests its share of the CPU":                  may(learner, create(requesting("83m"))),
		"a pod uses more than it requests":                     may(learner, create(throttled)),
		"a pod requests its share as a whole":                  may(learner, create(whole("83m"))),
		"two containers request the share of a pod":            may(learner, create(with("43m", beside))),
		"a sidecar and a container do":                         may(learner, create(with("43m", always))),
		"what ends before a pod starts may request as much":    may(learner, create(with("83m", before))),
		"a pod grows to its share":                             may(learner, strategicSub(growing, "resize", resize("83m"))),
		"a template requests the share of a pod":               may(learner, strategic(web, template(`{"requests":{"cpu":"83m"}}`))),
		"where a quota counts CPU a pod may take all of it":    may(administrator, create(counted)),
		"a learner's pod takes no device":                      mayNot(learner, create(asking("nvidia.com/gpu", "8")), policy, names),
		"a learner's pod takes no huge pages":                  mayNot(learner, create(asking("hugepages-2Mi", "4Mi")), policy, names),
		"nor as a whole pod":                                   mayNot(learner, create(large), policy, names),
		"nor a device before it starts":                        mayNot(learner, create(preparing), policy, names),
		"no controller makes a pod that takes a device":        mayNot(controllerManager, create(asking("nvidia.com/gpu", "1")), policy, names),
		"a learner's template takes no device":                 mayNot(learner, strategic(web, template(`{"limits":{"nvidia.com/gpu":"1"}}`)), policy, names),
		"a learner's pod takes memory and scratch space":       may(learner, create(asking(corev1.ResourceEphemeralStorage, "64Mi"))),
		"no controller makes a pod of many containers":         mayNot(controllerManager, create(crowd(101)), policy, "a pod of a lab has at most 100 containers"),
		"a setup's pod may have more than a learner's":         may(controllerManager, create(crowd(21))),
		"elsewhere pods take CPU and devices":                  may(editor, inDefault(elsewhere)),
		"a controller changes the labels of what asks no more": may(controllerManager, merge(web, metadata("labels", map[string]any{"a": "b"}))),
	}
	const ofSet, ofJob = `{selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {%s}}}`, `{template: {spec: {restartPolicy: Never, %s}}}`
	for kind, format := range map[string]string{
		"ReplicaSet":            `{apiVersion: apps/v1, kind: ReplicaSet, spec: ` + ofSet + `}`,
		"StatefulSet":           `{apiVersion: apps/v1, kind: StatefulSet, spec: ` + ofSet + `}`,
		"DaemonSet":             `{apiVersion: apps/v1, kind: DaemonSet, spec: ` + ofSet + `}`,
		"Job":                   `{apiVersion: batch/v1, kind: Job, spec: ` + ofJob + `}`,
		"CronJob":               `{apiVersion: batch/v1, kind: CronJob, spec: {schedule: "* * * * *", jobTemplate: {spec: ` + ofJob + `}}}`,
		"PodTemplate":           `{apiVersion: v1, kind: PodTemplate, template: {metadata: {labels: {a: b}}, spec: {%s}}}`,
		"ReplicationController": `{apiVersion: v1, kind: ReplicationController, spec: {selector: {a: b}, template: {metadata: {labels: {a: b}}, spec: {%s}}}}`,
	} {
		made := func(resources string) *unstructured.Unstructured {
			return parsed(fmt.Sprintf(format, `containers: [{name: main, image: "web:1", resources: `+resources+`}]`))
		}
		all["no "+kind+" takes a node's CPU"] = mayNot(editor, create(made("{requests: {cpu: 1500m}}")), policy, most)
		all["no "+kind+" takes a device"] = mayNot(editor, create(made("{limits: {nvidia.com/gpu: 1}}")), policy, names)
		all["a "+kind+" takes its share of the CPU"] = may(editor, create(made("{requests: {cpu: 80m, memory: 16Mi}}")))
	}
	return all
}
