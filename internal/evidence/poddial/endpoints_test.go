package poddial

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// failureText is the reason and message of a failure, empty for none.
func failureText(err error) string {
	var failure *probe.Failure
	if errors.As(err, &failure) {
		return failure.Reason + ": " + failure.Message
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestServicePort(t *testing.T) {
	service := func(kind corev1.ServiceType, ports ...corev1.ServicePort) *corev1.Service {
		return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: corev1.ServiceSpec{Type: kind, Ports: ports}}
	}
	two := []corev1.ServicePort{{Name: "http", Port: 80}, {Name: "admin", Port: 9000}}
	tests := map[string]struct {
		service  *corev1.Service
		port     int32
		wantName string
		want     string
	}{
		"a port that it has":       {service(corev1.ServiceTypeClusterIP, two...), 9000, "admin", ""},
		"a port that it has not":   {service(corev1.ServiceTypeClusterIP, two...), 8080, "", "NotFound: Service web has no port 8080: it has 80, 9000"},
		"no port at all":           {service(corev1.ServiceTypeClusterIP), 80, "", "NotFound: Service web has no port 80: it has none"},
		"a name of something else": {service(corev1.ServiceTypeExternalName, two...), 80, "", "NotFound: Service web is of type ExternalName: it has no pods"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := servicePort(tc.service, tc.port)
			if failureText(err) != tc.want || err == nil && got.Name != tc.wantName {
				t.Errorf("got %v, %q; want %s, %q", got, failureText(err), tc.wantName, tc.want)
			}
		})
	}
}

func TestCandidates(t *testing.T) {
	endpoint := func(pod string, ready *bool) discoveryv1.Endpoint {
		return discoveryv1.Endpoint{
			Conditions: discoveryv1.EndpointConditions{Ready: ready},
			TargetRef:  &corev1.ObjectReference{Kind: "Pod", Namespace: "kube-system", Name: pod, UID: types.UID("uid-of-" + pod)},
		}
	}
	slice := func(port string, number int32, endpoints ...discoveryv1.Endpoint) discoveryv1.EndpointSlice {
		return discoveryv1.EndpointSlice{Ports: []discoveryv1.EndpointPort{{Name: &port, Port: &number}}, Endpoints: endpoints}
	}
	on := func(pod string, port int32, ready bool) candidate {
		return candidate{probe.Endpoint{Pod: pod, Port: port, Ready: ready}, types.UID("uid-of-" + pod)}
	}
	tests := map[string]struct {
		slices []discoveryv1.EndpointSlice
		want   []candidate
	}{
		"those that are ready first, by name": {
			slices: []discoveryv1.EndpointSlice{slice("http", 8080, endpoint("c", ptr.To(false)), endpoint("b", nil), endpoint("a", ptr.To(true)))},
			want:   []candidate{on("a", 8080, true), on("b", 8080, true), on("c", 8080, false)},
		},
		"a pod in two slices once": {
			slices: []discoveryv1.EndpointSlice{slice("http", 8080, endpoint("a", ptr.To(false))), slice("http", 8081, endpoint("a", nil))},
			want:   []candidate{on("a", 8081, true)},
		},
		"of the port that is asked for": {
			slices: []discoveryv1.EndpointSlice{slice("admin", 9000, endpoint("a", nil)), slice("http", 8080, endpoint("b", nil))},
			want:   []candidate{on("b", 8080, true)},
		},
		"what is no pod": {
			slices: []discoveryv1.EndpointSlice{slice("http", 8080,
				discoveryv1.Endpoint{Addresses: []string{"10.0.0.1"}},
				discoveryv1.Endpoint{TargetRef: &corev1.ObjectReference{Kind: "Node", Name: "a"}},
				discoveryv1.Endpoint{TargetRef: &corev1.ObjectReference{Kind: "Pod"}})},
			want: []candidate{},
		},
		"a slice without ports": {
			slices: []discoveryv1.EndpointSlice{{Endpoints: []discoveryv1.Endpoint{endpoint("a", nil)}}},
			want:   []candidate{},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := candidates(tc.slices, &corev1.ServicePort{Name: "http", Port: 80})
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(candidate{})); diff != "" {
				t.Errorf("candidates (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlaceOf(t *testing.T) {
	tests := map[string]struct {
		want        place
		wantFailure string
	}{
		"kafka":                                 {want: place{service: "kafka"}},
		"kafka.lab-a":                           {want: place{service: "kafka"}},
		"kafka.lab-a.svc":                       {want: place{service: "kafka"}},
		"Kafka.lab-a.svc.cluster.local.":        {want: place{service: "kafka"}},
		"kafka-0.kafka":                         {want: place{pod: "kafka-0"}},
		"kafka-0.kafka.lab-a":                   {want: place{pod: "kafka-0"}},
		"kafka-0.kafka.lab-a.svc.cluster.local": {want: place{pod: "kafka-0"}},
		"kafka.kube-system.svc":                 {wantFailure: "NotFound: kafka.kube-system.svc is in another namespace than the lab's"},
		"kafka-0.kafka.kube-system.svc":         {wantFailure: "NotFound: kafka-0.kafka.kube-system.svc is in another namespace than the lab's"},
		"kafka.svc":                             {wantFailure: "NotFound: kafka.svc is in another namespace than the lab's"},
		"kafka-0.kafka.kube-system":             {wantFailure: "NotFound: kafka-0.kafka.kube-system is no name under which another pod finds it"},
		"localhost":                             {wantFailure: "NotFound: localhost is no name under which another pod finds it"},
		"":                                      {wantFailure: "NotFound: is no name under which another pod finds it"},
		"www.example.com":                       {wantFailure: "NotFound: www.example.com is no name under which another pod finds it"},
	}
	for host, tc := range tests {
		t.Run(host, func(t *testing.T) {
			got, err := placeOf(host, "lab-a")
			if got != tc.want || failureText(err) != tc.wantFailure {
				t.Errorf("got %+v, %q; want %+v, %q", got, failureText(err), tc.want, tc.wantFailure)
			}
		})
	}
}
