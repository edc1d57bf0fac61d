package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	var raw []byte
	raw, a.key = sign(t, template, nil)
	var err error
	if a.certificate, err = x509.ParseCertificate(raw); err != nil {
		t.Fatal(err)
	}
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
	return a
}

// sign makes a certificate; without an authority it signs itself.
func sign(t *testing.T, template *x509.Certificate, by *authority) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, parentKey := template, key
	if by != nil {
		parent, parentKey = by.certificate, by.key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	return raw, key
}

// issue makes a certificate of a server, or of a client where it has no names.
func (a *authority) issue(t *testing.T, names ...string) tls.Certificate {
	t.Helper()
	raw, key := sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "somebody"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: names, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, a)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

func TestTheAddressForAttendeesIsTried(t *testing.T) {
	const address = "https://lab.example.org:6443"
	clusters, others := newAuthority(t), newAuthority(t)
	tests := map[string]struct {
		certificate tls.Certificate
		silent      bool
		wantName    string
		want        string
	}{
		"a certificate with the name": {certificate: clusters.issue(t, "lab.example.org")},
		"a certificate with other names, and the cluster's own": {
			certificate: clusters.issue(t, "10.96.0.1", inClusterName), wantName: inClusterName,
			want: "warning: the certificate of " + address + " is for other names: the kubeconfigs say tls-server-name: kubernetes.default.svc, so that attendees can connect\n",
		},
		"a certificate with other names alone": {
			certificate: clusters.issue(t, "other.example.org"),
			want:        "warning: attendees can't connect: the certificate of " + address + " is for other names (x509: certificate is valid for other.example.org, not lab.example.org)",
		},
		"a certificate of somebody else": {
			certificate: others.issue(t, "lab.example.org"),
			want:        "warning: attendees can't connect: the certificate of " + address + " is not signed by the cluster's CA",
		},
		"somebody else's certificate with the cluster's own name": {
			certificate: others.issue(t, inClusterName),
			want:        "warning: attendees can't connect: the certificate of " + address + " is for other names",
		},
		"nobody answers": {certificate: clusters.issue(t), silent: true, want: "warning: " + address + " can't be checked from here (nobody answers): try one of the kubeconfigs where the attendees are\n"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.TLS = &tls.Config{Certificates: []tls.Certificate{tc.certificate}}
			server.Config.ErrorLog = quiet(t)
			server.StartTLS()
			defer server.Close()
			var said bytes.Buffer
			o := &kubeconfigOptions{tool: &tool{
				IOStreams: genericiooptions.IOStreams{ErrOut: &said},
				dial: func(ctx context.Context, network, to string) (net.Conn, error) {
					if tc.silent {
						return nil, errors.New("nobody answers")
					}
					if to != "lab.example.org:6443" {
						t.Errorf("connects to %s", to)
					}
					return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
				},
			}}
			raw, err := clientcmd.Write(*kubeconfigOf(&clientcmdapi.Cluster{Server: "https://10.96.0.1", CertificateAuthorityData: clusters.pem}, &clientcmdapi.AuthInfo{}))
			if err != nil {
				t.Fatal(err)
			}
			secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "kubecon.ada"}, Type: v1beta1.KubeconfigSecretType,
				Data: map[string][]byte{v1beta1.KubeconfigSecretKey: raw}}
			kubeconfig, err := fromSecret(secret, o.verify(t.Context(), secret, endpoint{server: address}))
			if err != nil {
				t.Fatal(err)
			}
			config, err := clientcmd.Load(kubeconfig)
			if err != nil {
				t.Fatal(err)
			}
			if got := config.Clusters["lab"]; got.Server != address || got.TLSServerName != tc.wantName || !bytes.Equal(got.CertificateAuthorityData, clusters.pem) {
				t.Errorf("leads to %s by the name %q, want %q", got.Server, got.TLSServerName, tc.wantName)
			}
			if got := said.String(); !strings.HasPrefix(got, tc.want) || tc.want == "" && got != "" || strings.Count(got, "\n") > 1 {
				t.Errorf("says %q, want %q", got, tc.want)
			}
		})
	}
}
