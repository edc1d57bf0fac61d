package poddial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/streaming/pkg/httpstream"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// maxHandshakes bounds how many connections are being opened at the same time. Opening one takes no context: where the
// API server hangs, an attempt outlives the probe that made it.
const maxHandshakes = 64

// Dialer opens connections to pods. It is safe for concurrent use.
type Dialer struct {
	config     *rest.Config
	typed      kubernetes.Interface
	objects    dynamic.Interface
	metadata   metadata.Interface
	mapper     meta.RESTMapper
	handshakes chan struct{}
}

// New makes a Dialer that has the rights of the configuration's account.
func New(config *rest.Config, mapper meta.RESTMapper) (*Dialer, error) {
	typed, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client: %w", err)
	}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client for any kind: %w", err)
	}
	metadataOnly, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client for metadata: %w", err)
	}
	return &Dialer{
		config: config, typed: typed, objects: objects, metadata: metadataOnly, mapper: mapper,
		handshakes: make(chan struct{}, maxHandshakes),
	}, nil
}

// dial connects to a port of a pod. The connection is closed when the context ends.
func (d *Dialer) dial(ctx context.Context, namespace, pod string, port int32) (net.Conn, error) {
	select {
	case d.handshakes <- struct{}{}:
	case <-ctx.Done():
		return nil, &probe.Fault{Message: "the API server does not open connections to pods in time"}
	}
	type opened struct {
		conn httpstream.Connection
		err  error
	}
	done := make(chan opened, 1)
	go func() {
		defer func() { <-d.handshakes }()
		conn, err := d.upgrade(namespace, pod)
		done <- opened{conn, err}
	}()
	select {
	case <-ctx.Done():
		go func() {
			if late := <-done; late.conn != nil {
				late.conn.Close() //nolint:errcheck // nobody is interested any more
			}
		}()
		return nil, &probe.Fault{Message: "the API server does not open a connection to a pod in time"}
	case result := <-done:
		if result.err != nil {
			return nil, sortUpgrade(pod, result.err)
		}
		conn, err := open(ctx, result.conn, fmt.Sprintf("%s:%d", pod, port), port)
		if err != nil {
			return nil, errors.Join(&probe.Fault{Message: "a connection to a pod cannot be opened: " + err.Error()}, result.conn.Close())
		}
		return conn, nil
	}
}

func (d *Dialer) upgrade(namespace, pod string) (httpstream.Connection, error) {
	url := d.typed.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod).SubResource("portforward").URL()
	dialer, err := portforward.NewSPDYOverWebsocketDialerForStreaming(url, d.config)
	if err != nil {
		return nil, fmt.Errorf("make a dialer: %w", err)
	}
	conn, protocol, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
	if err != nil {
		return nil, err
	}
	if protocol != portforward.PortForwardProtocolV1Name {
		return nil, errors.Join(fmt.Errorf("the API server speaks %q", protocol), conn.Close())
	}
	return conn, nil
}

// sortUpgrade tells what the learner did to the pod from what is wrong with the platform.
func sortUpgrade(pod string, err error) error {
	var upgrade *httpstream.UpgradeFailureError
	if errors.As(err, &upgrade) {
		err = upgrade.Cause
	}
	switch {
	case apierrors.IsNotFound(err):
		return probe.Failf(probe.NotFound, "there is no pod %s", pod)
	case apierrors.IsBadRequest(err), apierrors.IsConflict(err):
		return probe.Failf(probe.NotRunning, "pod %s does not run", pod)
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
		return &probe.Fault{Message: "the operator may not reach pods: grant the lab deployer get and create on pods/portforward", Lasting: true}
	}
	return &probe.Fault{Message: "pods cannot be reached through the API server: " + err.Error()}
}

// header names one of the two streams that make a connection.
func header(streamType string, port int32) http.Header {
	h := http.Header{}
	h.Set(corev1.StreamType, streamType)
	h.Set(corev1.PortHeader, strconv.Itoa(int(port)))
	h.Set(corev1.PortForwardRequestIDHeader, "0")
	return h
}
