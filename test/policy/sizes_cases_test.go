package policy

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

// parsed is an object of the lab, written in YAML.
func parsed(text string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
		panic(err) // Only literals of this package come here.
	}
	o.SetNamespace(labNamespace)
	o.SetName("new")
	return o
}

// entriesOf are so many entries of a list in YAML, made from a format with a number.
func entriesOf(n int, format string) string {
	all := make([]string, n)
	for i := range n {
		all[i] = fmt.Sprintf(format, i)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// sizeAttempts are about objects that are too large, one for every part of the policy. That every list is bounded is shown
// without an API server.
func sizeAttempts() map[string]attempt {
	const policy = "lab-operator-sizes"
	withData := func(size int) *unstructured.Unstructured {
		o := configMap(labNamespace, "new")
		o.Object["data"] = map[string]any{"text": strings.Repeat("x", size)}
		return o
	}
	withSecret := func(kind corev1.SecretType, size int) *corev1.Secret {
		s := secret(labNamespace, kind)
		s.Data = map[string][]byte{"release": make([]byte, size)}
		return s
	}
	env := func(n int) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			for i := range n {
				pod.Spec.Containers[0].Env = append(pod.Spec.Containers[0].Env, corev1.EnvVar{Name: fmt.Sprint("E", i)})
			}
		}
	}
	const container = `{name: main, image: "web:1", env: %s}`
	replicaSet := func(n int) *unstructured.Unstructured {
		return parsed(`{apiVersion: apps/v1, kind: ReplicaSet, spec: {replicas: 0, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}},
			spec: {containers: [` + fmt.Sprintf(container, entriesOf(n, "{name: E%d}")) + `]}}}}`)
	}
	cronJob := func(n int) *unstructured.Unstructured {
		return parsed(`{apiVersion: batch/v1, kind: CronJob, spec: {schedule: "* * * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never,
			containers: [` + fmt.Sprintf(container, entriesOf(n, "{name: E%d}")) + `]}}}}}}`)
	}
	service := func(n int) *corev1.Service {
		s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: labNamespace, Name: "new"}}
		for i := range n {
			s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{Name: fmt.Sprint("p", i), Port: int32(i + 1), TargetPort: intstr.FromInt32(80)})
		}
		return s
	}
	budget := func(n int) *unstructured.Unstructured {
		return parsed(`{apiVersion: policy/v1, kind: PodDisruptionBudget, spec: {minAvailable: 1, selector: {matchExpressions: [{key: a, operator: In, values: ` + entriesOf(n, "v%d") + `}]}}}`)
	}
	claimed := smallClaim("new")
	for range 9 {
		claimed.Spec.AccessModes = append(claimed.Spec.AccessModes, corev1.ReadWriteOnce)
	}
	args := func(n, size int) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			for range n {
				pod.Spec.Containers[0].Args = append(pod.Spec.Containers[0].Args, strings.Repeat("x", size))
			}
		}
	}
	containers := func(n int) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			for i := range n - 1 {
				next := *pod.Spec.Containers[0].DeepCopy()
				next.Name = fmt.Sprint("c", i)
				pod.Spec.Containers = append(pod.Spec.Containers, next)
			}
		}
	}
	tolerations := func(n int) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			for i := range n {
				pod.Spec.Tolerations = append(pod.Spec.Tolerations, corev1.Toleration{Key: fmt.Sprint("k", i), Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectPreferNoSchedule})
			}
		}
	}
	items := func(n int) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			files := &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "rules"}}
			for i := range n {
				files.Items = append(files.Items, corev1.KeyToPath{Key: "rule", Path: fmt.Sprint("p", i)})
			}
			pod.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{ConfigMap: files}}}
		}
	}
	const longName = 70 << 10
	endless := func(pod *corev1.Pod) { pod.Spec.SchedulerName = strings.Repeat("x", longName) }
	mine, guarded := configMap(labNamespace, "mine"), object("v1", "Pod", labNamespace, "worker")
	more := `{"data":{"text":"` + strings.Repeat("x", 70<<10) + `"}}`
	debug := func(n int) string {
		return `{"spec":{"ephemeralContainers":[{"name":"debug","image":"web:1","env":` + strings.ReplaceAll(entriesOf(n, `{"name":"E%d"}`), "'", "") +
			`,"securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}`
	}
	const (
		data    = "a ConfigMap or Secret of a lab holds at most 64 KiB in 256 keys, a release of Helm 256 KiB"
		entries = "a pod of a lab has at most 200 entries of env and envFrom"
	)
	return map[string]attempt{
		"a learner's ConfigMap is small":               mayNot(learner, create(withData(70<<10)), policy, data),
		"a learner's ConfigMap stays small":            mayNot(learner, merge(mine, more), policy, data),
		"a learner's Secret is small":                  mayNot(learner, create(withSecret(corev1.SecretTypeOpaque, 70<<10)), policy, data),
		"a learner's release of Helm is bounded":       mayNot(learner, create(withSecret("helm.sh/release.v1", 260<<10)), policy, data),
		"a learner's ConfigMap holds 64 KiB":           may(learner, create(withData(64<<10))),
		"a learner's Secret holds 64 KiB":              may(learner, create(withSecret(corev1.SecretTypeOpaque, 64<<10))),
		"a learner's release of Helm holds 250 KiB":    may(learner, create(withSecret("helm.sh/release.v1", 250<<10))),
		"a facilitator's ConfigMap may be large":       may(facilitator, create(withData(70<<10))),
		"a setup's ConfigMap may be large":             may(deployer, create(withData(70<<10))),
		"the operator's own may":                       may(operator, create(withData(70<<10))),
		"a controller's ConfigMap may be large":        may(controllerManager, create(withData(70<<10))),
		"the scheduler's may":                          may(scheduler, create(withData(70<<10))),
		"a node's may":                                 may(node, create(withData(70<<10))),
		"garbage collection takes care of a large one": may(garbageCollector, merge(mine, more)),
		"elsewhere a ConfigMap may be large":           may(editor, create(inNamespace(withData(70<<10), "default"))),
		"a learner's pod has few variables":            mayNot(learner, create(podWith(env(201))), policy, entries),
		"a learner's ReplicaSet has few variables":     mayNot(learner, create(replicaSet(201)), policy, entries),
		"a learner's CronJob has few variables":        mayNot(learner, create(cronJob(201)), policy, entries),
		"a learner debugs with few variables":          mayNot(learner, strategicSub(guarded, "ephemeralcontainers", debug(201)), policy, entries),
		"a learner debugs":                             may(learner, strategicSub(guarded, "ephemeralcontainers", debug(2))),
		"a learner's pod has 200 variables":            may(learner, create(podWith(env(200)))),
		"a learner's ReplicaSet has 200 variables":     may(learner, create(replicaSet(200))),
		"a learner's CronJob has 200 variables":        may(learner, create(cronJob(200))),
		"a learner's pod has few containers":           mayNot(learner, create(podWith(containers(21))), policy, "a pod of a lab has at most 20 containers"),
		"a learner's object has few labels":            mayNot(learner, merge(mine, metadata("labels", many(65, "x"))), policy, "metadata of an object of a lab has at most 64 labels"),
		"a learner's object has 60 labels":             may(learner, merge(mine, metadata("labels", many(60, "x")))),
		"a learner's container has few words":          mayNot(learner, create(podWith(args(101, 1))), policy, "a container of a lab has at most 100 words in command and in args"),
		"a learner's container has short words":        mayNot(learner, create(podWith(args(70, 1<<10))), policy, "the texts of all containers of a pod are at most 64 KiB"),
		"a learner's container has 60 KiB of words":    may(learner, create(podWith(args(60, 1<<10)))),
		"a learner's pod names no endless scheduler":   mayNot(learner, create(podWith(endless)), policy, "the names and paths that an object of a lab refers to are at most 64 KiB"),
		"a learner's pod has few tolerations":          mayNot(learner, create(podWith(tolerations(33))), policy, "lists of a pod's spec have at most 32 entries"),
		"a learner's pod has 20 tolerations":           may(learner, create(podWith(tolerations(20)))),
		"a learner's volume has few files":             mayNot(learner, create(podWith(items(65))), policy, "volumes of a lab's pods are configMap, downwardAPI"),
		"a learner's volume has 64 files":              may(learner, create(podWith(items(64)))),
		"a learner's selector is short":                mayNot(learner, create(budget(65)), policy, "a selector has at most 32 labels and expressions"),
		"a learner's selector has 64 values":           may(learner, create(budget(64))),
		"a learner's claim has few modes":              mayNot(learner, create(claimed), policy, "a claim has at most 8 access modes and resources"),
		"a learner's Service has few ports":            mayNot(learner, create(service(33)), policy, "lists of a Service, ServiceAccount, autoscaler or Job have at most 32 entries"),
		"a learner's Service has 32 ports":             may(learner, create(service(32))),
	}
}

// inNamespace moves an object.
func inNamespace(o *unstructured.Unstructured, namespace string) *unstructured.Unstructured {
	o.SetNamespace(namespace)
	return o
}
