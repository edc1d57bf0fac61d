//go:build cluster

package security

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/test/testenv"
)

// byServices are attacks by where traffic goes: that of others, and the operator's own looks at services.
func (s *stage) byServices() map[string]attack {
	in := s.mallory.environment
	service := func(spec string) *unstructured.Unstructured {
		return object(in, fmt.Sprintf(`{apiVersion: v1, kind: Service, metadata: {name: home}, spec: %s}`, spec))
	}
	stealing := service(`{externalIPs: [192.0.2.1], ports: [{port: 443}]}`)
	balanced, onNodes := service(`{type: LoadBalancer, ports: [{port: 80}]}`), service(`{type: NodePort, ports: [{port: 80}]}`)
	ingress := object(in, `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: all}, spec: {defaultBackend: {service: {name: home, port: {number: 80}}}}}`)
	slice := object(in, `{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: home-mine, labels: {kubernetes.io/service-name: home}}, addressType: IPv4, ports: [{port: 6443}], endpoints: [{addresses: [172.18.0.2]}]}`)
	endpoints := object(in, `{apiVersion: v1, kind: Endpoints, metadata: {name: home}, subsets: [{addresses: [{ip: 172.18.0.2}], ports: [{port: 6443}]}]}`)
	return map[string]attack{
		"take an address of others": s.refusedLike("the traffic of others", create(stealing), byPolicy("lab-operator-workloads", "spec.externalIPs of a Service would take over addresses"),
			s.elsewhere(create(inHome(stealing)))),
		"take a balancer":                    s.refusedLike("an address that costs money", create(balanced), overQuota("services.loadbalancers=1"), s.elsewhere(create(inHome(balanced)))),
		"take a port of every node":          s.refusedLike("a door of every node", create(onNodes), overQuota("services.nodeports=1"), s.elsewhere(create(inHome(onNodes)))),
		"take a port of every node later":    {gain: "a door of every node", try: s.nodePortLater},
		"be the way into the cluster":        s.refused("the traffic of others", create(ingress), noRight("create", "ingresses")),
		"write endpoints":                    s.refused("looks at what is not the lab's", create(endpoints), noRight("create", "endpoints")),
		"write a slice of endpoints":         s.refused("looks at what is not the lab's", create(slice), noRight("create", "endpointslices")),
		"name a service elsewhere":           {gain: "looks at what is not the lab's", try: s.externalName},
		"lead looks to another's pod":        {gain: "looks at what is not the lab's", try: s.foreignSlice},
		"send looks on to the operator":      {gain: "looks at what is not the lab's", try: s.redirect},
		"answer looks with escape sequences": {gain: "a terminal that does what it is told", try: s.answerWithEscapes},
	}
}

// nodePortLater changes a Service that is there.
func (s *stage) nodePortLater(t *testing.T) {
	plain := object(s.mallory.environment, `{apiVersion: v1, kind: Service, metadata: {name: later}, spec: {ports: [{port: 80}]}}`)
	must(t, s.mallory.client.Create(t.Context(), copyOf(plain)))
	defer s.mallory.gone(t, plain)
	err := overQuota("services.nodeports=1").check(patch(plain, `{"spec":{"type":"NodePort"}}`).do(t.Context(), s.mallory.client))
	if err != nil {
		t.Error(err)
	}
	must(t, patch(plain, `{"spec":{"sessionAffinity":"ClientIP"}}`).do(t.Context(), s.mallory.client))
}

// home makes the Service that the operator looks at.
func (s *stage) home(t *testing.T, spec string) {
	t.Helper()
	home := object(s.mallory.environment, fmt.Sprintf(`{apiVersion: v1, kind: Service, metadata: {name: home}, spec: %s}`, spec))
	must(t, s.mallory.client.Create(t.Context(), copyOf(home)))
	t.Cleanup(func() { must(t, client.IgnoreNotFound(s.mallory.client.Delete(background(t), home))) })
}

// externalName names the door of the operator.
func (s *stage) externalName(t *testing.T) {
	s.home(t, `{type: ExternalName, externalName: kubernetes.default.svc.cluster.local, ports: [{port: 80}]}`)
	s.untilSeen(t, s.mallory, "visit", "Service home is of type ExternalName: it has no pods")
	s.pending(t, s.mallory, "visit")
}

// foreignSlice has somebody write what a learner cannot: endpoints that name the operator's pod, in all ways.
func (s *stage) foreignSlice(t *testing.T) {
	s.home(t, `{ports: [{port: 80}]}`)
	s.untilSeen(t, s.mallory, "visit", "no pod behind Service home runs")
	operator := s.podIn(t, testenv.OperatorNamespace, "lab-operator-")
	s.haveTools(t)
	tools := s.podIn(t, s.mallory.environment, "tools")
	target := func(namespace, name, uid string) string {
		return fmt.Sprintf(`{addresses: [%q], conditions: {ready: true}, targetRef: {kind: Pod, namespace: %q, name: %q, uid: %q}}`, operator.Status.PodIP, namespace, name, uid)
	}
	slice := object(s.mallory.environment, fmt.Sprintf(`{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: home-foreign, labels: {kubernetes.io/service-name: home}},
		addressType: IPv4, ports: [{name: "", port: 8080}], endpoints: [%s, %s, %s, {addresses: [%q], conditions: {ready: true}}]}`,
		target(operator.Namespace, operator.Name, string(operator.UID)),
		target(s.mallory.environment, operator.Name, string(operator.UID)),
		target(s.mallory.environment, tools.Name, string(operator.UID)),
		operator.Status.PodIP))
	s.make(t, slice)
	defer func() { must(t, s.admin.Delete(t.Context(), slice)) }()
	// A slice changes, so the Service is looked at again: wait for the pod that it names last to be.
	looked := s.alsoServe(t)
	looked()
	if now := s.mallory.task(t, "visit"); strings.Contains(now.Observed, "workqueue") || strings.Contains(now.Observed, "go_goroutines") {
		t.Errorf("the operator's own door was opened: %q", now.Observed)
	}
	s.pending(t, s.mallory, "visit")
}

// alsoServe adds a pod of the lab's to the endpoints, and returns what waits until it was asked: by then the operator has
// gone over all of them.
func (s *stage) alsoServe(t *testing.T) func() {
	t.Helper()
	s.serve(t, "witness", "HTTP/1.1 300 Multiple Choices\\r\\nContent-Length: 7\\r\\nConnection: close\\r\\n\\r\\nwitness")
	witness := s.podIn(t, s.mallory.environment, "witness")
	port := int32(8080)
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: s.mallory.environment, Name: "home-witness", Labels: map[string]string{discoveryv1.LabelServiceName: "home"}},
		AddressType: discoveryv1.AddressTypeIPv4, Ports: []discoveryv1.EndpointPort{{Port: &port}},
		Endpoints: []discoveryv1.Endpoint{{Addresses: []string{witness.Status.PodIP}, TargetRef: objectReference(witness)}},
	}
	s.make(t, slice)
	t.Cleanup(func() { must(t, client.IgnoreNotFound(s.admin.Delete(background(t), slice))) })
	return func() { s.untilSeen(t, s.mallory, "visit", "300 witness") }
}

// serve starts a pod that answers every request with the same bytes.
func (s *stage) serve(t *testing.T, name, answer string) {
	t.Helper()
	script := `$s=IO::Socket::INET->new(LocalPort=>8080,Listen=>9,ReuseAddr=>1) or die; while($c=$s->accept){while(<$c>){last if /^\r?$/} print $c "` + answer + `"; close $c}`
	pod := plainPod(s.mallory.environment, name)
	pod.Labels = map[string]string{"app": name}
	uid := int64(999)
	pod.Spec.SecurityContext.RunAsUser = &uid
	pod.Spec.Containers[0].Image = toolsImage
	pod.Spec.Containers[0].Command, pod.Spec.Containers[0].Args = []string{"perl", "-MIO::Socket::INET", "-e", script}, nil
	must(t, s.mallory.client.Create(t.Context(), pod))
	// Not by mallory, whose rights end with the lab.
	t.Cleanup(func() { must(t, client.IgnoreNotFound(s.admin.Delete(background(t), pod))) })
	s.untilRuns(t, s.mallory.environment, name)
}

// redirect answers the operator's look with the address of the operator itself.
func (s *stage) redirect(t *testing.T) {
	operator := s.podIn(t, testenv.OperatorNamespace, "lab-operator-").Status.PodIP
	s.serve(t, "guide", fmt.Sprintf("HTTP/1.1 302 Found\\r\\nLocation: http://%s:8080/metrics\\r\\nContent-Length: 5\\r\\nConnection: close\\r\\n\\r\\nguide", operator))
	s.home(t, `{selector: {app: guide}, ports: [{port: 80, targetPort: 8080}]}`)
	s.untilSeen(t, s.mallory, "visit", fmt.Sprintf("%d guide", http.StatusFound))
	s.pending(t, s.mallory, "visit")
}

// answerWithEscapes answers with what clears a screen and turns text around.
func (s *stage) answerWithEscapes(t *testing.T) {
	s.serve(t, "painter", "HTTP/1.1 300 Multiple Choices\\r\\nContent-Length: 19\\r\\nConnection: close\\r\\n\\r\\n\\x1b[2Jpainter\\r\\n\\x00\\xe2\\x80\\xae\\x07\\xff")
	s.home(t, `{selector: {app: painter}, ports: [{port: 80, targetPort: 8080}]}`)
	s.untilSeen(t, s.mallory, "visit", "painter")
	s.cleanStatus(t, s.lab(t, s.mallory.lab))
	s.pending(t, s.mallory, "visit")
}
