package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

func TestAim(t *testing.T) {
	before := clientcmdapi.Cluster{Server: "https://10.96.0.1", CertificateAuthorityData: []byte("cluster's"), TLSServerName: "kubernetes"}
	tests := map[string]struct {
		to   endpoint
		want clientcmdapi.Cluster
	}{
		"another address of the same server": {
			endpoint{server: "https://203.0.113.7"},
			clientcmdapi.Cluster{Server: "https://203.0.113.7", CertificateAuthorityData: []byte("cluster's"), TLSServerName: "kubernetes"},
		},
		"the facilitator's way in": {
			endpoint{server: "https://lb.example.org", replaceCA: true, ca: []byte("theirs"), serverName: "lb"},
			clientcmdapi.Cluster{Server: "https://lb.example.org", CertificateAuthorityData: []byte("theirs"), TLSServerName: "lb"},
		},
		"a way in with a certificate that everybody trusts": {
			endpoint{server: "https://lb.example.org", replaceCA: true},
			clientcmdapi.Cluster{Server: "https://lb.example.org"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			config := kubeconfigOf(&before, &clientcmdapi.AuthInfo{Token: "a-token"})
			config.Clusters["other"] = &clientcmdapi.Cluster{Server: "https://other.example.org"}
			raw, err := clientcmd.Write(*config)
			if err != nil {
				t.Fatal(err)
			}
			aimed, err := aim(raw, tc.to)
			if err != nil {
				t.Fatal(err)
			}
			got, err := clientcmd.Load(aimed)
			if err != nil {
				t.Fatal(err)
			}
			config.Clusters["lab"] = &tc.want
			if diff := cmp.Diff(config, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(clientcmdapi.Cluster{}, "Extensions")); diff != "" {
				t.Errorf("kubeconfig (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAKubeconfigThatCannotBeUsedIsNotQuoted(t *testing.T) {
	tests := map[string]struct{ kubeconfig, want string }{
		"no YAML":         {"users: [{name: ada, user: {token: a-token}", "it cannot be read"},
		"a wrong type":    {"users: a-token", "it cannot be read"},
		"a wrong version": {"apiVersion: a-token\nkind: Config", "it cannot be read"},
		"nothing":         {"", "it leads to no cluster"},
		"no context":      {"apiVersion: v1\nkind: Config\ncurrent-context: a-token", "it leads to no cluster"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := aim([]byte(tc.kubeconfig), endpoint{}); message(err) != tc.want {
				t.Errorf("%v, want %s", err, tc.want)
			}
		})
	}
}

func TestOwn(t *testing.T) {
	ca := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(ca, []byte("of a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		config  rest.Config
		want    endpoint
		wantErr string
	}{
		"a CA in the kubeconfig": {
			config: rest.Config{Host: "https://lb.example.org/k8s", TLSClientConfig: rest.TLSClientConfig{CAData: []byte("data"), ServerName: "lb"}},
			want:   endpoint{server: "https://lb.example.org/k8s", replaceCA: true, ca: []byte("data"), serverName: "lb"},
		},
		"a CA in a file, and an address without a scheme": {
			config: rest.Config{Host: "192.0.2.1:6443", TLSClientConfig: rest.TLSClientConfig{CAFile: ca}},
			want:   endpoint{server: "https://192.0.2.1:6443", replaceCA: true, ca: []byte("of a file")},
		},
		"a certificate that everybody trusts": {
			config: rest.Config{Host: "https://lb.example.org"},
			want:   endpoint{server: "https://lb.example.org", replaceCA: true},
		},
		"a facilitator who checks nothing does not pass that on": {
			config: rest.Config{Host: "https://lb.example.org", TLSClientConfig: rest.TLSClientConfig{Insecure: true}},
			want:   endpoint{server: "https://lb.example.org"},
		},
		"kubectl proxy": {
			config:  rest.Config{Host: "http://127.0.0.1:8001"},
			wantErr: "you reach the API server without TLS at http://127.0.0.1:8001: give its address for attendees by --server",
		},
		"a CA that is not there": {
			config:  rest.Config{Host: "https://lb.example.org", TLSClientConfig: rest.TLSClientConfig{CAFile: "none.crt"}},
			wantErr: "read the CA of your kubeconfig: open none.crt: no such file or directory",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := own(&tc.config)
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(endpoint{})); diff != "" {
				t.Errorf("endpoint (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.wantErr, message(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIsLocal(t *testing.T) {
	for address, want := range map[string]bool{
		"https://127.0.0.1:6443": true, "https://localhost": true, "https://[::1]:6443": true, "https://0.0.0.0:6443": true,
		"https://kubernetes.docker.internal:6443": true, "https://host.docker.internal": true, "https://HOST.minikube.internal.": true,
		"https://docker.internal.example.org": false, "https://mylocalhost": false,
		"https://192.0.2.1": false, "https://lb.example.org": false, "https://[::1": false,
	} {
		if got := isLocal(address); got != want {
			t.Errorf("isLocal(%q) = %t, want %t", address, got, want)
		}
	}
}

// kubeconfigOf leads to one cluster as one user.
func kubeconfigOf(cluster *clientcmdapi.Cluster, user *clientcmdapi.AuthInfo) *clientcmdapi.Config {
	config := clientcmdapi.NewConfig()
	config.Clusters["lab"], config.AuthInfos["user"] = cluster, user
	config.Contexts["lab"] = &clientcmdapi.Context{Cluster: "lab", AuthInfo: "user"}
	config.CurrentContext = "lab"
	return config
}

func TestWritePrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ada.kubeconfig")
	if err := os.WriteFile(path, []byte("old, and open to all"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writePrivate(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "new" {
		t.Errorf("reads %q, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
	link := filepath.Join(filepath.Dir(path), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := writePrivate(link, nil); err == nil || !strings.HasSuffix(err.Error(), "is no file that could be replaced") {
		t.Errorf("writes over a link: %v", err)
	}
	if err := writePrivate(filepath.Join(t.TempDir(), "none", "file"), nil); err == nil {
		t.Error("writes into a folder that is not there")
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 2 {
		t.Errorf("leaves %v, %v", left, err)
	}
}
