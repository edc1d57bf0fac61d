//go:build cluster

package security

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// entered is how the policy on connections turns down a command in a pod of the lab itself.
	entered = " belongs to the lab itself: no container of it can be entered"
	// dialed is how it turns down a forwarded port.
	dialed = " belongs to the lab itself: none of its ports can be forwarded"
)

// byForgery are attacks on what the checks believe: the Service guard and its pods.
func (s *stage) byForgery() map[string]attack {
	in := s.mallory.environment
	service, spare := named("v1", "Service", in, "guard"), named("apps/v1", "ReplicaSet", in, "spare")
	own := named("v1", "Namespace", "", in)
	label := byPolicy("lab-operator-guardrails", "the label learning.lab-operator.dev/protected marks what belongs to the lab itself")
	endpoints := named("v1", "Endpoints", in, "guard")
	slice := object(in, `{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: guard-mine, labels: {kubernetes.io/service-name: guard}}, addressType: IPv4, ports: [{port: 8080}], endpoints: [{addresses: [10.0.0.1]}]}`)
	copying := func(source string) *unstructured.Unstructured {
		return object(in, `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: copy}, spec: {accessModes: [ReadWriteOnce],
			resources: {requests: {storage: 1Mi}}, dataSource: {kind: PersistentVolumeClaim, name: `+source+`}}}`)
	}
	const answer = "an answer for the guard"
	attacks := map[string]attack{
		"lead its Service to another pod":          s.refused(answer, patch(service, `{"spec":{"selector":{"learning.lab-operator.dev/protected":null}}}`), belongs("guard")),
		"lead its Service elsewhere":               s.refused(answer, patch(service, `{"spec":{"type":"ExternalName","externalName":"home"}}`), belongs("guard")),
		"put another Service in its place":         s.refused(answer, remove(service), belongs("guard")),
		"write its endpoints":                      s.refused(answer, patch(endpoints, `{"subsets":[{"addresses":[{"ip":"10.0.0.1"}],"ports":[{"port":8080}]}]}`), noRight("patch", "endpoints")),
		"write a slice of its endpoints":           s.refused(answer, create(slice), noRight("create", "endpointslices")),
		"protect the template of a Deployment":     {gain: answer, try: s.protectLater},
		"take the guard's name in DNS":             {gain: answer, try: s.takeNameInDNS},
		"say that the pod is of the guard":         {gain: answer, try: s.claimOwner},
		"scale what is protected without its pods": s.refused("any number of what the lab counts", patchSub(spare, "scale", types.MergePatchType, `{"spec":{"replicas":1}}`), belongs("spare")),
		"unmark what is protected":                 s.refused("a lab that protects nothing", patch(own, `{"metadata":{"annotations":{"learning.lab-operator.dev/protected-pods":null}}}`), noRight("patch", "namespaces")),
		"unmark it by the status":                  s.refused("a lab that protects nothing", patchSub(own, "status", types.MergePatchType, `{"metadata":{"annotations":{"learning.lab-operator.dev/protected-pods":null}}}`), noRight("patch", "namespaces/status")),
		"mount a claim of the lab":                 {gain: "what the lab has stored", try: s.mountClaim},
		"copy a claim of the lab": s.refusedLike("what the lab has stored", create(copying("data-thief-0")),
			byPolicy("lab-operator-claims", "the claim data-thief-0 belongs to the lab itself: no other claim is a copy of it"),
			func(ctx context.Context) error {
				return create(copying("mine")).do(ctx, client.NewDryRunClient(s.mallory.client))
			}),
		"mount it by a Deployment": s.deputy(deputy{
			gain: "what the lab has stored",
			made: []client.Object{object(in, fmt.Sprintf(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: reader}, spec: {replicas: 1,
				selector: {matchLabels: {app: reader}}, template: {metadata: {labels: {app: reader}}, spec: %s}}}`, podSpec(mounting)))},
			tried: s.said("reader", "the claim data-thief-0 belongs to the lab itself: no other pod mounts it"), untouched: named("v1", "PersistentVolumeClaim", in, "data-thief-0"),
		}),
		"enter a guard":                       s.closedTo("the guard's data", "guard-", "exec", "main", entered),
		"enter a guard without a container":   s.closedTo("the guard's data", "guard-", "exec", "", entered),
		"attach to a guard":                   s.closedTo("the guard's data", "guard-", "attach", "main", entered),
		"dial a guard":                        s.closedTo("answers to questions of the lab", "guard-", "portforward", "", dialed),
		"enter a pod that is protected alone": s.closedTo("the pod's data", "bare", "exec", "main", entered),
		"enter a container beside the open one": s.closedTo("the data of a server", "inn-", "exec", "main",
			" belongs to the lab itself: of its containers, enter only client. Add --container=client"),
		"enter it by leaving the container out": s.closedTo("the data of a server", "inn-", "exec", "",
			" belongs to the lab itself: of its containers, enter only client. Add --container=client"),
		"enter and dial with kubectl": {gain: "the data of a server", try: s.connectWithKubectl},
	}
	for name, made := range forgedObjects(in) {
		attacks["protect "+name] = s.refused(answer, create(made), label)
	}
	return attacks
}

// mounting is the claim of the lab as a volume of a pod.
const mounting = "volumes: [{name: data, persistentVolumeClaim: {claimName: data-thief-0}}],"

// forgedObjects are of all kinds that a learner may write, with the label wherever a controller would copy it to what it
// makes.
func forgedObjects(in string) map[string]*unstructured.Unstructured {
	const claim = `spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}`
	forged := `{metadata: {labels: {app: guard, ` + protectedMark + `}}, spec: ` + podSpec("") + `}`
	job := `{metadata: {labels: {app: guard, ` + protectedMark + `}}, spec: ` + podSpec("restartPolicy: Never,") + `}`
	plain := `{metadata: {labels: {app: a}}, spec: ` + podSpec("") + `}`
	ephemeral := podSpec("volumes: [{name: data, ephemeral: {volumeClaimTemplate: {metadata: {labels: {" + protectedMark + "}}, " + claim + "}}}],")
	selector := `selector: {matchLabels: {app: guard, ` + protectedMark + `}}`
	objects := map[string]string{
		"the pods of a Deployment":          `{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {` + selector + `, template: ` + forged + `}}`,
		"the pods of a ReplicaSet":          `{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: a}, spec: {` + selector + `, template: ` + forged + `}}`,
		"the pods of a StatefulSet":         `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a}, spec: {serviceName: a, ` + selector + `, template: ` + forged + `}}`,
		"the pods of a Job":                 `{apiVersion: batch/v1, kind: Job, metadata: {name: a, labels: {a: b}}, spec: {template: ` + job + `}}`,
		"the pods of a CronJob":             `{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {schedule: "* * * * *", jobTemplate: {spec: {template: ` + job + `}}}}`,
		"the Jobs of a CronJob":             `{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {schedule: "* * * * *", jobTemplate: {metadata: {labels: {` + protectedMark + `}}, spec: {template: {spec: ` + podSpec("restartPolicy: Never,") + `}}}}}`,
		"the claims of a StatefulSet":       `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a}, spec: {serviceName: a, selector: {matchLabels: {app: a}}, template: ` + plain + `, volumeClaimTemplates: [{metadata: {name: data, labels: {` + protectedMark + `}}, ` + claim + `}]}}`,
		"the claim of a pod":                `{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: ` + ephemeral + `}`,
		"the claims of a Deployment's pods": `{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: ` + ephemeral + `}}}`,
	}
	made := map[string]*unstructured.Unstructured{}
	for name, text := range objects {
		made[name] = object(in, text)
	}
	return made
}

// protectLater gives the template of a Deployment that is there the label, and applies it in the operator's name.
func (s *stage) protectLater(t *testing.T) {
	plain := object(s.mallory.environment, fmt.Sprintf(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: a-later},
		spec: {replicas: 1, selector: {matchLabels: {app: guard}}, template: {metadata: {labels: {app: guard}}, spec: %s}}}`, podSpec("")))
	must(t, s.mallory.client.Create(t.Context(), copyOf(plain)))
	defer s.mallory.gone(t, plain)
	// By then its controller has written to it, too.
	s.untilBehind(t, "a-later-")
	want := byPolicy("lab-operator-guardrails", "the label learning.lab-operator.dev/protected marks what belongs to the lab itself")
	marked := `{"spec":{"template":{"metadata":{"labels":{"learning.lab-operator.dev/protected":"true"}}}}}`
	s.refused("", patch(named("apps/v1", "Deployment", plain.GetNamespace(), plain.GetName()), marked), want).try(t)
	forged := plain.DeepCopy()
	must(t, unstructured.SetNestedStringMap(forged.Object, map[string]string{"app": "guard", "learning.lab-operator.dev/protected": "true"}, "spec", "template", "metadata", "labels"))
	s.refused("", applyAs(forged, "lab-operator"), want).try(t)
}

// takeNameInDNS runs a pod with the name that the guard would have in DNS.
func (s *stage) takeNameInDNS(t *testing.T) {
	pod := plainPod(s.mallory.environment, "a-guard")
	pod.Labels = map[string]string{"app": "guard"}
	pod.Spec.Hostname, pod.Spec.Subdomain = "guard", "guard"
	must(t, s.mallory.client.Create(t.Context(), pod))
	defer s.mallory.gone(t, pod)
	s.untilBehind(t, "a-guard")
}

// claimOwner runs a pod that says it is one of the guard's ReplicaSet.
func (s *stage) claimOwner(t *testing.T) {
	pod := plainPod(s.mallory.environment, "a-owned")
	pod.Labels = map[string]string{"app": "guard"}
	pod.OwnerReferences = s.podIn(t, s.mallory.environment, "guard-").OwnerReferences
	must(t, s.mallory.client.Create(t.Context(), pod))
	defer s.mallory.gone(t, pod)
	s.untilBehind(t, "a-owned")
}

// untilBehind shows that a pod of mallory's, which runs, does not get behind the Service of the guard. A Service of
// mallory's own, which selects what both have in common, gets both.
func (s *stage) untilBehind(t *testing.T, prefix string) {
	t.Helper()
	witness := object(s.mallory.environment, `{apiVersion: v1, kind: Service, metadata: {name: witness}, spec: {selector: {app: guard}, ports: [{port: 80, targetPort: 8080}]}}`)
	must(t, s.mallory.client.Create(t.Context(), copyOf(witness)))
	defer s.mallory.gone(t, witness)
	eventually(t, "a Service of mallory's own has "+prefix, func() bool {
		behind := s.behind(t, "witness")
		return len(behind) > 1 && slices.ContainsFunc(behind, func(pod string) bool { return strings.HasPrefix(pod, prefix) })
	})
	for _, pod := range s.behind(t, "guard") {
		if !strings.HasPrefix(pod, "guard-") {
			t.Errorf("pod %s is behind the Service guard", pod)
		}
	}
	s.untilSeen(t, s.mallory, "forge", "answers of guard-")
	s.pending(t, s.mallory, "forge")
}

// behind are the names of the pods that are ready behind a Service.
func (s *stage) behind(t *testing.T, service string) []string {
	t.Helper()
	endpoints := &discoveryv1.EndpointSliceList{}
	must(t, s.admin.List(t.Context(), endpoints, client.InNamespace(s.mallory.environment), client.MatchingLabels{discoveryv1.LabelServiceName: service}))
	var names []string
	for _, slice := range endpoints.Items {
		for _, endpoint := range slice.Endpoints {
			if endpoint.TargetRef != nil && endpoint.Conditions.Ready != nil && *endpoint.Conditions.Ready {
				names = append(names, endpoint.TargetRef.Name)
			}
		}
	}
	return names
}

// mountClaim mounts what the lab has stored. A claim of mallory's own can be mounted.
func (s *stage) mountClaim(t *testing.T) {
	pod := func(volumes string) *unstructured.Unstructured {
		return object(s.mallory.environment, `{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: `+podSpec(volumes)+`}`)
	}
	s.refusedLike("", create(pod(mounting)), byPolicy("lab-operator-claims", "the claim data-thief-0 belongs to the lab itself: no other pod mounts it"), func(ctx context.Context) error {
		return create(pod("volumes: [{name: data, persistentVolumeClaim: {claimName: mine}}],")).do(ctx, client.NewDryRunClient(s.mallory.client))
	}).try(t)
}

// closedTo is a connection of mallory's into a pod of the lab itself. The administrator gets past admission with it.
func (s *stage) closedTo(gain, prefix, way, container, words string) attack {
	return attack{gain: gain, try: func(t *testing.T) {
		pod := s.untilPodRuns(t, prefix)
		want := byPolicy("lab-operator-connections", "pod "+pod+words)
		for _, verb := range []string{http.MethodPost, http.MethodGet} {
			if err := want.check(ask(t, s.mallory.config, verb, s.mallory.environment, pod, way, container)); err != nil {
				t.Errorf("%s: %v", verb, err)
			}
			if err := isAdmitted(ask(t, s.config, verb, s.mallory.environment, pod, way, container)); err != nil {
				t.Errorf("it is not well-formed: the administrator gets %v", err)
			}
		}
	}}
}

// untilPodRuns waits for a pod of the setup and returns its name.
func (s *stage) untilPodRuns(t *testing.T, prefix string) string {
	t.Helper()
	pods, name := &corev1.PodList{}, ""
	eventually(t, "a pod "+prefix+" runs", func() bool {
		must(t, s.admin.List(t.Context(), pods, client.InNamespace(s.mallory.environment)))
		for _, pod := range pods.Items {
			if strings.HasPrefix(pod.Name, prefix) && pod.Status.Phase == corev1.PodRunning {
				name = pod.Name
			}
		}
		return name != ""
	})
	return name
}

// ask asks for a connection to a pod, without going on with it.
func ask(t *testing.T, config *rest.Config, verb, namespace, pod, way, container string) error {
	t.Helper()
	typed, err := kubernetes.NewForConfig(config)
	must(t, err)
	request := typed.CoreV1().RESTClient().Verb(verb).Namespace(namespace).Resource("pods").Name(pod).SubResource(way)
	switch way {
	case "exec":
		request = request.VersionedParams(&corev1.PodExecOptions{Container: container, Command: []string{"true"}, Stdout: true}, scheme.ParameterCodec)
	case "attach":
		request = request.VersionedParams(&corev1.PodAttachOptions{Container: container, Stdout: true}, scheme.ParameterCodec)
	}
	return request.Do(t.Context()).Error()
}

// isAdmitted takes away the error of a connection that was admitted: to go further it has to be upgraded, which a plain
// request is not, and to name one of several containers.
func isAdmitted(err error) error {
	for _, words := range []string{"pgrade", "a container name must be specified"} {
		if (refusal{http.StatusBadRequest, words}).check(err) == nil {
			return nil
		}
	}
	return err
}

// connectWithKubectl tries it as a learner would, and shows what is open.
func (s *stage) connectWithKubectl(t *testing.T) {
	guard, inn := s.untilPodRuns(t, "guard-"), s.untilPodRuns(t, "inn-")
	s.kubectl("", []string{"exec", guard, "--", "true"}, "pod "+guard+entered).try(t)
	s.kubectl("", []string{"exec", "deployment/guard", "--", "true"}, entered).try(t)
	s.kubectl("", []string{"port-forward", "service/guard", ":80"}, dialed).try(t)
	s.kubectl("", []string{"cp", guard + ":/etc/hostname", t.TempDir() + "/hostname"}, entered).try(t)
	s.kubectl("", []string{"exec", inn, "--", "true"}, "of its containers, enter only client. Add --container=client").try(t)
	out, err := s.runKubectl(t, "exec", inn, "--container=client", "--", "id", "-u")
	if err != nil || strings.TrimSpace(out) != "1000" {
		t.Errorf("the open container cannot be entered: %v: %s", err, out)
	}
	if err := isAdmitted(ask(t, s.mallory.config, http.MethodPost, s.mallory.environment, inn, "portforward", "")); err != nil {
		t.Errorf("an open port cannot be forwarded: %v", err)
	}
}
