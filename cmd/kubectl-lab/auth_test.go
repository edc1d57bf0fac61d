package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// TestWaysToAuthenticate has every way that kubectl knows reach a server that notes who came.
func TestWaysToAuthenticate(t *testing.T) {
	ca := newAuthority(t)
	var came string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		came = r.Header.Get("Authorization")
		if len(r.TLS.PeerCertificates) > 0 {
			came = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		http.NotFound(w, r)
	}))
	clients := x509.NewCertPool()
	clients.AddCert(ca.certificate)
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{ca.issue(t, "lab.example.org")}, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: clients, MinVersion: tls.VersionTLS12,
	}
	server.StartTLS()
	defer server.Close()

	client := ca.issue(t)
	key, err := x509.MarshalECPrivateKey(client.PrivateKey.(*ecdsa.PrivateKey)) //nolint:forcetypeassert // It was made above.
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "login")
	script := "#!/bin/sh\n" + `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"of-a-program"}}'` + "\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	claims := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"iss":"https://issuer.example","exp":%d}`, time.Now().Add(time.Hour).Unix()))
	oidc := "e30." + claims + ".c2ln"
	tests := map[string]struct {
		user *clientcmdapi.AuthInfo
		want string
	}{
		"a token":              {&clientcmdapi.AuthInfo{Token: "a-token"}, "Bearer a-token"},
		"a user and password":  {&clientcmdapi.AuthInfo{Username: "fay", Password: "secret"}, "Basic ZmF5OnNlY3JldA=="},
		"a client certificate": {&clientcmdapi.AuthInfo{ClientCertificateData: encode("CERTIFICATE", client.Certificate[0]), ClientKeyData: encode("EC PRIVATE KEY", key)}, "somebody"},
		"a program": {&clientcmdapi.AuthInfo{Exec: &clientcmdapi.ExecConfig{
			Command: program, APIVersion: "client.authentication.k8s.io/v1", InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
		}}, "Bearer of-a-program"},
		"OpenID Connect": {&clientcmdapi.AuthInfo{AuthProvider: &clientcmdapi.AuthProviderConfig{Name: "oidc", Config: map[string]string{
			"client-id": "lab-" + t.Name(), "idp-issuer-url": "https://issuer.example", "id-token": oidc, "refresh-token": "abcd",
		}}}, "Bearer " + oidc},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			came = "nobody"
			t.Setenv("KUBECONFIG", writeKubeconfig(t, &clientcmdapi.Cluster{Server: server.URL, CertificateAuthorityData: ca.pem, TLSServerName: "lab.example.org"}, tc.user))
			reaches(t)
			if came != tc.want {
				t.Errorf("came as %q, want %q", came, tc.want)
			}
		})
	}
}

func TestAProxyInTheKubeconfigIsUsed(t *testing.T) {
	var asked string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Host
		http.NotFound(w, r)
	}))
	defer proxy.Close()
	t.Setenv("KUBECONFIG", writeKubeconfig(t, &clientcmdapi.Cluster{Server: "http://cluster.example.org", ProxyURL: proxy.URL}, &clientcmdapi.AuthInfo{}))
	reaches(t)
	if asked != "cluster.example.org" {
		t.Errorf("the proxy was asked for %q", asked)
	}
}

func TestNoKubeconfig(t *testing.T) {
	unset := clientcmdapi.NewConfig()
	unset.Clusters["lab"] = &clientcmdapi.Cluster{Server: "https://192.0.2.1"}
	unset.Contexts["east"], unset.Contexts["west"] = &clientcmdapi.Context{Cluster: "lab"}, &clientcmdapi.Context{Cluster: "lab"}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*unset, path); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ path, want string }{
		"no file": {
			filepath.Join(t.TempDir(), "none"), "error: no kubeconfig was found: give its path by --kubeconfig or in the environment variable KUBECONFIG\n",
		},
		"no current context": {
			path, "error: the kubeconfig has no current context: choose one by --context, or by kubectl config use-context; it has east, west\n",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KUBECONFIG", tc.path)
			if diff := cmp.Diff(said{code: 1, errOut: tc.want}, lab(t, "results", "kubecon"), cmp.AllowUnexported(said{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// reaches checks that a command reached a server that knows no workshops.
func reaches(t *testing.T) {
	t.Helper()
	want := said{code: 1, errOut: "error: this cluster knows no workshops: lab-operator is not installed in it\n"}
	if diff := cmp.Diff(want, lab(t, "results", "kubecon"), cmp.AllowUnexported(said{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func encode(kind string, raw []byte) []byte {
	var b bytes.Buffer
	if err := pem.Encode(&b, &pem.Block{Type: kind, Bytes: raw}); err != nil {
		panic(err) // A buffer takes everything.
	}
	return b.Bytes()
}

// quiet is the log of a server whose clients hang up.
func quiet(t *testing.T) *log.Logger {
	t.Helper()
	return log.New(io.Discard, "", 0)
}
