package poddial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// Limits of what one probe asks for.
const (
	maxSlices    = 10
	maxEndpoints = 8
	maxSecrets   = 100
)

// Namespace reaches what is in one namespace.
func (d *Dialer) Namespace(name string) probe.Dialer { return &namespace{Dialer: d, name: name} }

type namespace struct {
	*Dialer
	name string
}

// Endpoints implements probe.Dialer.
func (n *namespace) Endpoints(ctx context.Context, target v1beta1.ProbeTarget) ([]probe.Endpoint, error) {
	if target.Pod != "" {
		endpoint, err := n.podEndpoint(ctx, target.Pod, target.Port)
		return []probe.Endpoint{endpoint}, err
	}
	service, err := n.typed.CoreV1().Services(n.name).Get(ctx, target.Service, metav1.GetOptions{})
	if err != nil {
		return nil, sortRead(fmt.Sprintf("Service %s", target.Service), err)
	}
	port, err := servicePort(service, target.Port)
	if err != nil {
		return nil, err
	}
	list, err := n.typed.DiscoveryV1().EndpointSlices(n.name).List(ctx, metav1.ListOptions{
		LabelSelector: labels.Set{discoveryv1.LabelServiceName: service.Name}.String(), Limit: maxSlices,
	})
	if err != nil {
		return nil, sortRead("the endpoints of Service "+service.Name, err)
	}
	var endpoints []probe.Endpoint
	for _, c := range candidates(list.Items, port) {
		if len(endpoints) == maxEndpoints {
			break
		}
		pod, err := n.typed.CoreV1().Pods(n.name).Get(ctx, c.Pod, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, sortRead("pod "+c.Pod, err)
		}
		if pod.UID == c.uid && runs(pod) {
			endpoints = append(endpoints, c.Endpoint)
		}
	}
	if len(endpoints) == 0 {
		return nil, probe.Failf(probe.NotRunning, "no pod behind Service %s runs", service.Name)
	}
	return endpoints, nil
}

func (n *namespace) podEndpoint(ctx context.Context, name string, port int32) (probe.Endpoint, error) {
	pod, err := n.typed.CoreV1().Pods(n.name).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return probe.Endpoint{}, sortRead("pod "+name, err)
	}
	if !runs(pod) {
		return probe.Endpoint{}, probe.Failf(probe.NotRunning, "pod %s does not run", name)
	}
	return probe.Endpoint{Pod: name, Port: port, Ready: isReady(pod)}, nil
}

func isReady(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// Dial implements probe.Dialer.
func (n *namespace) Dial(ctx context.Context, endpoint probe.Endpoint) (net.Conn, error) {
	return n.dial(ctx, n.name, endpoint.Pod, endpoint.Port)
}

// Advertised implements probe.Dialer.
func (n *namespace) Advertised(ctx context.Context, hostPort string) (probe.Endpoint, error) {
	host, portText, err := net.SplitHostPort(hostPort)
	if err != nil {
		return probe.Endpoint{}, probe.Failf(probe.Malformed, "%s is no address", hostPort)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || port == 0 {
		return probe.Endpoint{}, probe.Failf(probe.Malformed, "%s is no address", hostPort)
	}
	number := int32(port)
	if ip := net.ParseIP(host); ip != nil {
		return n.addressed(ctx, ip, number)
	}
	at, err := placeOf(host, n.name)
	if err != nil {
		return probe.Endpoint{}, err
	}
	if at.pod != "" {
		return n.podEndpoint(ctx, at.pod, number)
	}
	endpoints, err := n.Endpoints(ctx, v1beta1.ProbeTarget{Service: at.service, Port: number})
	if err != nil {
		return probe.Endpoint{}, err
	}
	return endpoints[0], nil
}

// addressed finds the pod that has an IP address. Loopback is nobody's.
func (n *namespace) addressed(ctx context.Context, ip net.IP, port int32) (probe.Endpoint, error) {
	pods, err := n.typed.CoreV1().Pods(n.name).List(ctx, metav1.ListOptions{
		FieldSelector: fields.OneTermEqualSelector("status.podIP", ip.String()).String(), Limit: maxEndpoints,
	})
	if err != nil {
		return probe.Endpoint{}, sortRead("the pods of the lab", err)
	}
	for i := range pods.Items {
		if pod := &pods.Items[i]; runs(pod) && !pod.Spec.HostNetwork {
			return probe.Endpoint{Pod: pod.Name, Port: port, Ready: isReady(pod)}, nil
		}
	}
	return probe.Endpoint{}, probe.Failf(probe.NotFound, "no pod of the lab has the address %s", ip)
}

// Secret implements probe.Dialer.
func (n *namespace) Secret(ctx context.Context, name string) (map[string][]byte, error) {
	secret, err := n.typed.CoreV1().Secrets(n.name).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, sortRead("Secret "+name, err)
	}
	return secret.Data, nil
}

// SecretsMetadata implements probe.Dialer.
func (n *namespace) SecretsMetadata(ctx context.Context, selector string) ([]metav1.PartialObjectMetadata, error) {
	list, err := n.metadata.Resource(corev1.SchemeGroupVersion.WithResource("secrets")).Namespace(n.name).List(ctx,
		metav1.ListOptions{LabelSelector: selector, Limit: maxSecrets})
	if err != nil {
		return nil, sortRead("the Secrets of the lab", err)
	}
	return list.Items, nil
}

// Secrets implements probe.Dialer.
func (n *namespace) Secrets() corev1client.SecretInterface { return n.typed.CoreV1().Secrets(n.name) }

// Object implements probe.Dialer.
func (n *namespace) Object(ctx context.Context, kind schema.GroupVersionKind, name string) (*unstructured.Unstructured, error) {
	mapping, err := n.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		return nil, nil
	}
	if err != nil {
		return nil, sortRead(kind.Kind, err)
	}
	if mapping.Scope.Name() != meta.RESTScopeNameNamespace {
		return nil, nil
	}
	object, err := n.objects.Resource(mapping.Resource).Namespace(n.name).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, sortRead(kind.Kind+" "+name, err)
	}
	return object, nil
}

// sortRead tells what is not there from what is wrong with the platform. The end of the context is the platform's
// doing: the API server should have answered long before.
func sortRead(what string, err error) error {
	var failure *probe.Failure
	switch {
	case errors.As(err, &failure):
		return failure
	case apierrors.IsNotFound(err):
		return probe.Failf(probe.NotFound, "there is no %s", what)
	case apierrors.IsForbidden(err):
		return &probe.Fault{Message: "the lab deployer may not read " + what + ": grant it get and list", Lasting: true}
	}
	return &probe.Fault{Message: "the API server does not tell about " + what + ": " + err.Error()}
}
