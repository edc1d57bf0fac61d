package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/lab-operator/lab-operator/internal/text"
)

const (
	// inClusterName is a name that the certificate of every API server has.
	inClusterName = "kubernetes.default.svc"
	// handshake is how long an API server is waited for.
	handshake = 5 * time.Second
)

// dialer makes a connection.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// verify connects once to an address that attendees are given, with the CA that their kubeconfigs have. Where the
// certificate does not have the name of the address, the kubeconfigs say which name it has.
func (o *kubeconfigOptions) verify(ctx context.Context, secret *corev1.Secret, to endpoint) endpoint {
	if to.verified || to.replaceCA {
		return to
	}
	kubeconfig, err := fromSecret(secret, to)
	if err != nil {
		return to // This attendee's kubeconfig can't be used. Another one's may.
	}
	to.verified = true
	config, err := clientcmd.Load(kubeconfig)
	if err != nil {
		return to
	}
	cluster := config.Clusters[config.Contexts[config.CurrentContext].Cluster]
	err = o.shakeHands(ctx, cluster, cluster.TLSServerName)
	var otherNames x509.HostnameError
	var unknown x509.UnknownAuthorityError
	switch {
	case err == nil:
	case errors.As(err, &otherNames) && o.shakeHands(ctx, cluster, inClusterName) == nil:
		to.serverName, to.replaceName = inClusterName, true
		o.warn("the certificate of %s is for other names: the kubeconfigs say tls-server-name: %s, so that attendees can connect", to.server, inClusterName)
	case errors.As(err, &otherNames):
		o.warn("attendees can't connect: the certificate of %s is for other names (%v). Give an address that it has, or add the name to the API server's certificate",
			to.server, otherNames)
	case errors.As(err, &unknown):
		o.warn("attendees can't connect: the certificate of %s is not signed by the cluster's CA. Give the address of the API server itself, by --server", to.server)
	default:
		o.warn("%s can't be checked from here (%v): try one of the kubeconfigs where the attendees are", to.server, err)
	}
	return to
}

func (o *kubeconfigOptions) warn(format string, args ...any) {
	fmt.Fprintln(o.ErrOut, "warning:", text.OneLine(fmt.Sprintf(format, args...), text.NoLimit))
}

// shakeHands connects to an API server, and has its certificate checked for a name; empty is that of the address.
func (o *kubeconfigOptions) shakeHands(ctx context.Context, cluster *clientcmdapi.Cluster, name string) error {
	address, err := url.Parse(cluster.Server)
	if err != nil {
		return err
	}
	var roots *x509.CertPool // Those of the system, as for kubectl, where the kubeconfig has no CA.
	if len(cluster.CertificateAuthorityData) > 0 {
		roots = x509.NewCertPool()
		if !roots.AppendCertsFromPEM(cluster.CertificateAuthorityData) {
			return errors.New("the CA in the kubeconfig is no certificate")
		}
	}
	ctx, cancel := context.WithTimeout(ctx, handshake)
	defer cancel()
	connection, err := o.dial(ctx, "tcp", net.JoinHostPort(address.Hostname(), cmp.Or(address.Port(), "443")))
	if err != nil {
		return err
	}
	defer connection.Close()
	secured := tls.Client(connection, &tls.Config{RootCAs: roots, ServerName: cmp.Or(name, address.Hostname()), MinVersion: tls.VersionTLS12})
	return secured.HandshakeContext(ctx)
}
