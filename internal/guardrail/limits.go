package guardrail

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

const (
	mebibyte = 1 << 20
	gibibyte = 1 << 30
)

// size is what a lab may use, without gaps.
type size struct {
	cpu             resource.Quantity
	memory          resource.Quantity
	storage         resource.Quantity
	pods            int64
	defaultRequests bool
}

// sizeOf fills what is left out with the defaults of the API. No storage means none: an author can ask for that.
func sizeOf(r v1beta1.LabQuota) size {
	s := size{cpu: r.CPU, memory: r.Memory, storage: r.Storage, pods: int64(r.Pods), defaultRequests: true}
	if s.cpu.Sign() <= 0 {
		s.cpu = resource.MustParse("1")
	}
	if s.memory.Sign() <= 0 {
		s.memory = resource.MustParse("512Mi")
	}
	if s.pods <= 0 {
		s.pods = 12
	}
	if r.DefaultRequests != nil {
		s.defaultRequests = *r.DefaultRequests
	}
	return s
}

// factor is how much more than its exercise asks for a lab of this size has.
func factor(size v1beta1.LabSize) int64 {
	switch size {
	case v1beta1.SizeMedium:
		return 2
	case v1beta1.SizeLarge:
		return 4
	default:
		return 1
	}
}

// times is so many times the room. What a container gets that says nothing stays about the same: there is room for more
// of them.
func (s size) times(factor int64) size {
	for _, quantity := range []*resource.Quantity{&s.cpu, &s.memory, &s.storage} {
		// A copy: a quantity can share its digits with the one in the exercise.
		*quantity = quantity.DeepCopy()
		quantity.Mul(factor)
	}
	s.pods *= factor
	return s
}

// scratch is the disk of the nodes that the lab may fill beside its claims, in bytes: what containers write, log and
// put into empty volumes. A node whose disk is full serves nobody any more.
func (s size) scratch() int64 { return min(s.pods*gibibyte, 16*gibibyte) }

// podCPU is what one pod may request where the quota does not count CPU, so that all pods together request no more than
// the lab has. Elsewhere a pod may request all of it, and there is no bound. A larger lab has more pods and not larger ones.
func (s size) podCPU() (most resource.Quantity, bounded bool) {
	if s.defaultRequests {
		return resource.Quantity{}, false
	}
	return *resource.NewMilliQuantity(max(s.cpu.MilliValue()/s.pods, 1), resource.DecimalSI), true
}

// quota bounds what the lab can use and how many objects it can have. CPU is in it only where every container gets a
// request: a quota on CPU refuses pods without one. See podCPU for the others.
func quota(namespace string, labels map[string]string, s size) *coreac.ResourceQuotaApplyConfiguration {
	hard := counts()
	hard[corev1.ResourcePods] = count(s.pods)
	// The pods that have ended count here, those that run count in both.
	hard["count/pods"] = count(s.pods + 50)
	hard[corev1.ResourceLimitsMemory] = s.memory
	hard[corev1.ResourceRequestsStorage] = s.storage
	hard[corev1.ResourceLimitsEphemeralStorage] = memory(s.scratch())
	if s.defaultRequests {
		hard[corev1.ResourceRequestsCPU] = s.cpu
	}
	return coreac.ResourceQuota(name, namespace).
		WithLabels(labels).
		WithSpec(coreac.ResourceQuotaSpec().WithHard(hard))
}

// isolation refuses every pod whose affinity looks at pods of other namespaces. A required anti-affinity works both ways: one
// such pod would keep the pods of everybody else off its node. Within the namespace, where affinity looks by itself, a
// learner's pods are kept from nothing but each other, whatever the topology.
func isolation(namespace string, labels map[string]string) *coreac.ResourceQuotaApplyConfiguration {
	return coreac.ResourceQuota(isolationName, namespace).
		WithLabels(labels).
		WithSpec(coreac.ResourceQuotaSpec().
			WithHard(corev1.ResourceList{corev1.ResourcePods: count(0)}).
			WithScopeSelector(coreac.ScopeSelector().WithMatchExpressions(coreac.ScopedResourceSelectorRequirement().
				WithScopeName(corev1.ResourceQuotaScopeCrossNamespacePodAffinity).
				WithOperator(corev1.ScopeSelectorOpExists))))
}

// limitRange gives containers that say nothing a share with which as many of them as the quota has pods fit into it,
// within bounds: a default limit below what learners usually request, 64Mi, would refuse their pods.
// It never mentions CPU where the exercise wants no default: a default or maximum limit would become a request too.
// It sets no CPU limit: throttling would make every exercise about it.
func limitRange(namespace string, labels map[string]string, s size) *coreac.LimitRangeApplyConfiguration {
	limit := share(s.memory.Value(), s.pods, 64*mebibyte, 256*mebibyte)
	// Scratch space is not set aside for anybody: without a default of none, the limit would become the request.
	requests := corev1.ResourceList{corev1.ResourceMemory: memory(max(limit/2, 1)), corev1.ResourceEphemeralStorage: resource.Quantity{}}
	limits := corev1.ResourceList{
		corev1.ResourceMemory:           memory(limit),
		corev1.ResourceEphemeralStorage: memory(share(s.scratch(), s.pods, 64*mebibyte, gibibyte)),
	}
	if s.defaultRequests {
		requests[corev1.ResourceCPU] = *resource.NewMilliQuantity(share(s.cpu.MilliValue(), s.pods, 10, 100), resource.DecimalSI)
	}
	return coreac.LimitRange(name, namespace).
		WithLabels(labels).
		WithSpec(coreac.LimitRangeSpec().WithLimits(coreac.LimitRangeItem().
			WithType(corev1.LimitTypeContainer).
			WithDefault(limits).
			WithDefaultRequest(requests)))
}

// share is the part of total that each of n gets, between lowest and highest, and never more than there is.
func share(total, n, lowest, highest int64) int64 {
	return min(max(total/n, lowest), highest, total)
}

// memory is an amount in whole mebibytes where it is at least one, so that learners read 85Mi and not a long number.
func memory(bytes int64) resource.Quantity {
	if bytes > mebibyte {
		bytes -= bytes % mebibyte
	}
	return *resource.NewQuantity(bytes, resource.BinarySI)
}

// counts bound the objects of each kind: far above what an exercise needs, far below what burdens a cluster. What
// takes a port of every node or costs money is not to be had.
//
// It is every kind in namespaces that a plain API server serves, also those that only controllers make for a learner, such as
// the revisions of a StatefulSet. The list is fixed, and not read from the cluster: a kind that is installed later would change
// the quota of every lab at once. A test compares it with what an API server says that it serves. Whoever lets learners
// write a kind of another API gives the labs a quota of it.
func counts() corev1.ResourceList {
	return corev1.ResourceList{
		corev1.ResourceServicesNodePorts:      count(0),
		corev1.ResourceServicesLoadBalancers:  count(0),
		corev1.ResourcePersistentVolumeClaims: count(10),

		"count/configmaps":             count(50),
		"count/secrets":                count(50),
		"count/services":               count(20),
		"count/endpoints":              count(40),
		"count/serviceaccounts":        count(20),
		"count/podtemplates":           count(10),
		"count/replicationcontrollers": count(10),

		// A Deployment keeps ten old ReplicaSets if it is not told otherwise, and a StatefulSet as many revisions.
		"count/deployments.apps":         count(20),
		"count/replicasets.apps":         count(60),
		"count/statefulsets.apps":        count(10),
		"count/daemonsets.apps":          count(5),
		"count/controllerrevisions.apps": count(60),

		"count/jobs.batch":                                 count(50),
		"count/cronjobs.batch":                             count(10),
		"count/horizontalpodautoscalers.autoscaling":       count(10),
		"count/poddisruptionbudgets.policy":                count(10),
		"count/endpointslices.discovery.k8s.io":            count(60),
		"count/ingresses.networking.k8s.io":                count(10),
		"count/networkpolicies.networking.k8s.io":          count(20),
		"count/leases.coordination.k8s.io":                 count(20),
		"count/resourceclaims.resource.k8s.io":             count(20),
		"count/resourceclaimtemplates.resource.k8s.io":     count(10),
		"count/csistoragecapacities.storage.k8s.io":        count(0),
		"count/podcertificaterequests.certificates.k8s.io": count(20),
	}
}

// count is a number of objects.
func count(n int64) resource.Quantity { return *resource.NewQuantity(n, resource.DecimalSI) }
