package policy

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// uncounted are the kinds in namespaces that the quota of a lab leaves out, and why.
var uncounted = map[string]string{
	"count/events":                                 "the API server does not count them, and deletes them after an hour",
	"count/events.events.k8s.io":                   "the same",
	"count/resourcequotas":                         "only the operator writes them",
	"count/limitranges":                            "only the operator writes them",
	"count/roles.rbac.authorization.k8s.io":        "only administrators write them",
	"count/rolebindings.rbac.authorization.k8s.io": "only the operator writes them",
}

// countEveryKind compares the quota with the kinds that the API server serves, so that a kind of a later version of Kubernetes is
// not forgotten.
func (c *cluster) countEveryKind(t *testing.T) {
	quota := &corev1.ResourceQuota{}
	c.must(t, c.admin.Get(t.Context(), client.ObjectKey{Namespace: labNamespace, Name: "lab"}, quota))
	served, err := discovery.NewDiscoveryClientForConfig(c.config)
	c.must(t, err)
	_, lists, err := served.ServerGroupsAndResources()
	c.must(t, err)
	looked := 0
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		c.must(t, err)
		for _, resource := range list.APIResources {
			made := slices.Contains(resource.Verbs, "create") && slices.Contains(resource.Verbs, "list")
			if !resource.Namespaced || !made || strings.Contains(resource.Name, "/") || version.Group == v1beta1.GroupVersion.Group {
				continue
			}
			looked++
			name := "count/" + schema.GroupResource{Group: version.Group, Resource: resource.Name}.String()
			_, counted := quota.Spec.Hard[corev1.ResourceName(name)]
			_, asItself := quota.Spec.Hard[corev1.ResourceName(resource.Name)]
			if !counted && !asItself && uncounted[name] == "" {
				t.Errorf("the quota does not have %s", name)
			}
		}
	}
	if looked < 25 {
		t.Errorf("only %d kinds were compared", looked)
	}
}

// refuseAffinityAcrossNamespaces tries each form in which the affinity of a pod looks at others' namespaces.
func (c *cluster) refuseAffinityAcrossNamespaces(t *testing.T) {
	as := client.NewDryRunClient(c.clients[learner])
	with := func(change func(*corev1.PodAffinityTerm), preferred, anti bool) *corev1.Pod {
		return podWith(func(pod *corev1.Pod) {
			term := corev1.PodAffinityTerm{LabelSelector: everything(), TopologyKey: corev1.LabelOSStable}
			change(&term)
			required, weighted := []corev1.PodAffinityTerm{term}, []corev1.WeightedPodAffinityTerm{{Weight: 1, PodAffinityTerm: term}}
			pod.Spec.Affinity = &corev1.Affinity{}
			switch {
			case anti && preferred:
				pod.Spec.Affinity.PodAntiAffinity = &corev1.PodAntiAffinity{PreferredDuringSchedulingIgnoredDuringExecution: weighted}
			case anti:
				pod.Spec.Affinity.PodAntiAffinity = &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: required}
			case preferred:
				pod.Spec.Affinity.PodAffinity = &corev1.PodAffinity{PreferredDuringSchedulingIgnoredDuringExecution: weighted}
			default:
				pod.Spec.Affinity.PodAffinity = &corev1.PodAffinity{RequiredDuringSchedulingIgnoredDuringExecution: required}
			}
		})
	}
	for _, anti := range []bool{false, true} {
		for _, preferred := range []bool{false, true} {
			for name, change := range map[string]func(*corev1.PodAffinityTerm){
				"all namespaces": func(term *corev1.PodAffinityTerm) { term.NamespaceSelector = everything() },
				"one namespace":  func(term *corev1.PodAffinityTerm) { term.Namespaces = []string{"default"} },
			} {
				if err := as.Create(t.Context(), with(change, preferred, anti)); err == nil || !strings.Contains(err.Error(), "exceeded quota: lab-isolation") {
					t.Errorf("%s, anti-affinity %t, preferred %t: got %v, want it refused by the quota lab-isolation", name, anti, preferred, err)
				}
			}
			if err := as.Create(t.Context(), with(func(*corev1.PodAffinityTerm) {}, preferred, anti)); err != nil {
				t.Errorf("its own namespace, anti-affinity %t, preferred %t: %v", anti, preferred, err)
			}
		}
	}
}
