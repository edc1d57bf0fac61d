package poddial

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// candidate is a pod that may stand behind a Service.
type candidate struct {
	probe.Endpoint
	// uid is that of the pod which the endpoint is of: a learner can write endpoints.
	uid types.UID
}

// servicePort finds a port of a Service by its number.
func servicePort(service *corev1.Service, port int32) (*corev1.ServicePort, error) {
	if service.Spec.Type == corev1.ServiceTypeExternalName {
		return nil, probe.Failf(probe.NotFound, "Service %s is of type ExternalName: it has no pods", service.Name)
	}
	var there []string
	for i := range service.Spec.Ports {
		p := &service.Spec.Ports[i]
		if p.Port == port {
			return p, nil
		}
		there = append(there, fmt.Sprint(p.Port))
	}
	has := "it has none"
	if len(there) > 0 {
		has = "it has " + strings.Join(there, ", ")
	}
	return nil, probe.Failf(probe.NotFound, "Service %s has no port %d: %s", service.Name, port, has)
}

// candidates lists the pods that some slices name for a port of a Service, those that are ready first, by name, each
// once. The namespace that an endpoint names is not probed: a learner can write it.
func candidates(endpointSlices []discoveryv1.EndpointSlice, port *corev1.ServicePort) []candidate {
	byPod := map[string]candidate{}
	for _, slice := range endpointSlices {
		number, ok := slicePort(&slice, port.Name)
		if !ok {
			continue
		}
		for _, endpoint := range slice.Endpoints {
			ref := endpoint.TargetRef
			if ref == nil || ref.Kind != "Pod" || ref.Name == "" {
				continue
			}
			ready := endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready
			found := candidate{probe.Endpoint{Pod: ref.Name, Port: number, Ready: ready}, ref.UID}
			if known, ok := byPod[ref.Name]; !ok || found.Ready && !known.Ready {
				byPod[ref.Name] = found
			}
		}
	}
	all := make([]candidate, 0, len(byPod))
	for _, c := range byPod {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b candidate) int {
		if a.Ready != b.Ready {
			if a.Ready {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Pod, b.Pod)
	})
	return all
}

func slicePort(slice *discoveryv1.EndpointSlice, name string) (int32, bool) {
	for _, p := range slice.Ports {
		if p.Port != nil && (p.Name == nil && name == "" || p.Name != nil && *p.Name == name) {
			return *p.Port, true
		}
	}
	return 0, false
}

// runs tells whether a pod can be dialed.
func runs(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil
}

// place is where a host name points to: a Service, or a pod by its own name.
type place struct{ service, pod string }

// placeOf reads a host name as pods of a namespace resolve it.
func placeOf(host, namespace string) (place, error) {
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	name = strings.TrimSuffix(name, ".cluster.local")
	name, qualified := strings.CutSuffix(name, ".svc")
	parts := strings.Split(name, ".")
	if last := len(parts) - 1; qualified || last > 0 && parts[last] == namespace {
		if last < 1 || parts[last] != namespace {
			return place{}, probe.Failf(probe.NotFound, "%s is in another namespace than the lab's", host)
		}
		parts = parts[:last]
	}
	switch {
	case len(parts) == 1 && parts[0] != "" && parts[0] != "localhost":
		return place{service: parts[0]}, nil
	case len(parts) == 2:
		return place{pod: parts[0]}, nil
	}
	return place{}, probe.Failf(probe.NotFound, "%s is no name under which another pod finds it", host)
}
