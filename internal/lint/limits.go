package lint

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	psa "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// checkPodSecurity asks the admission of pods, as the lab's namespace is labeled.
func (l *exerciseLinter) checkPodSecurity(workloads []workload) {
	labels := guardrail.Namespace(guardrail.Lab{}, "lab", l.spec, nil).Labels
	level, _ := psa.PolicyToEvaluate(labels, psa.Policy{})
	for _, w := range workloads {
		result := policy.AggregateCheckResults(l.security.EvaluatePod(level.Enforce, w.meta, w.spec))
		if !result.Allowed {
			l.report(rulePodSecurity, w.field, "the lab is %s and would refuse the pods of %s: %s", level.Enforce.Level, w.name, result.ForbiddenDetail())
		}
	}
}

// checkQuota adds up what the setup uses, with the defaults that the lab gives to containers.
func (l *exerciseLinter) checkQuota(workloads []workload, objects []runtime.Object) {
	hard, limits := l.guardrails()
	memory := func(c corev1.Container) resource.Quantity {
		if given, ok := c.Resources.Limits[corev1.ResourceMemory]; ok {
			return given
		}
		return limits.Default[corev1.ResourceMemory]
	}
	cpu := func(c corev1.Container) resource.Quantity {
		if given, ok := c.Resources.Requests[corev1.ResourceCPU]; ok {
			return given
		}
		if given, ok := c.Resources.Limits[corev1.ResourceCPU]; ok {
			return given
		}
		return limits.DefaultRequest[corev1.ResourceCPU]
	}
	used := corev1.ResourceList{}
	add := func(name corev1.ResourceName, amount resource.Quantity, times int64) {
		sum := used[name]
		amount.Mul(times)
		sum.Add(amount)
		used[name] = sum
	}
	claim := func(c corev1.PersistentVolumeClaim, times int64) {
		add(corev1.ResourceRequestsStorage, c.Spec.Resources.Requests[corev1.ResourceStorage], times)
		add(corev1.ResourcePersistentVolumeClaims, *resource.NewQuantity(1, resource.DecimalSI), times)
	}
	for _, w := range workloads {
		add(corev1.ResourcePods, *resource.NewQuantity(1, resource.DecimalSI), w.pods)
		add(corev1.ResourceLimitsMemory, w.podUses(memory), w.pods)
		add(corev1.ResourceRequestsCPU, w.podUses(cpu), w.pods)
		for _, c := range w.claims {
			claim(c, w.pods)
		}
	}
	for _, object := range objects {
		if c, ok := object.(*corev1.PersistentVolumeClaim); ok {
			claim(*c, 1)
		}
	}
	for _, row := range []struct {
		name  corev1.ResourceName
		field string
		what  string
	}{
		{corev1.ResourcePods, "spec.quota.pods", "pods"},
		{corev1.ResourceLimitsMemory, "spec.quota.memory", "memory, by the limits of its containers"},
		{corev1.ResourceRequestsCPU, "spec.quota.cpu", "CPU, by the requests of its containers"},
		{corev1.ResourceRequestsStorage, "spec.quota.storage", "storage"},
		{corev1.ResourcePersistentVolumeClaims, "spec.setup", "claims for volumes"},
	} {
		most, bounded := hard[row.name]
		if sum := used[row.name]; bounded && sum.Cmp(most) > 0 {
			l.report(ruleQuota, row.field, "the setup uses %s of %s, and the lab has %s: some of it would never start", sum.String(), row.what, most.String())
		}
	}
}

// guardrails are the quota and the defaults for containers that the lab's namespace gets.
func (l *exerciseLinter) guardrails() (hard corev1.ResourceList, limits corev1.LimitRangeItem) {
	for _, object := range guardrail.Objects(guardrail.Settings{}, guardrail.Lab{}, "lab", l.spec) {
		switch object.GetKind() {
		case "ResourceQuota":
			var quota corev1.ResourceQuota
			if runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &quota) == nil && quota.Spec.ScopeSelector == nil {
				hard = quota.Spec.Hard
			}
		case "LimitRange":
			var ranges corev1.LimitRange
			if runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &ranges) == nil && len(ranges.Spec.Limits) > 0 {
				limits = ranges.Spec.Limits[0]
			}
		}
	}
	return hard, limits
}
