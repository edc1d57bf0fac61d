package kindcluster

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

const (
	ours   = "kind-lab-operator"
	server = "https://127.0.0.1:40123"
)

// kubeconfig is a kubeconfig as kind writes it for a cluster of the project, changed by edits.
func kubeconfig(edits ...func(*clientcmdapi.Config)) *clientcmdapi.Config {
	config := clientcmdapi.NewConfig()
	addContext(config, ours, server)
	config.CurrentContext = ours
	for _, edit := range edits {
		edit(config)
	}
	return config
}

func addContext(config *clientcmdapi.Config, name, server string) {
	config.Clusters[name] = &clientcmdapi.Cluster{Server: server}
	config.AuthInfos[name] = &clientcmdapi.AuthInfo{}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
}

func atServer(server string) func(*clientcmdapi.Config) {
	return func(config *clientcmdapi.Config) { config.Clusters[ours].Server = server }
}

func TestVerify(t *testing.T) {
	withProduction := func(config *clientcmdapi.Config) { addContext(config, "production", "https://api.example.org") }
	tests := map[string]struct {
		kubeconfig *clientcmdapi.Config
		name       string
		// want is a part of the error. Empty accepts the kubeconfig.
		want string
	}{
		"the cluster of make cluster":    {kubeconfig: kubeconfig()},
		"a loopback address of IPv6":     {kubeconfig: kubeconfig(atServer("https://[::1]:40123"))},
		"another loopback address":       {kubeconfig: kubeconfig(atServer("https://127.0.0.2:6443"))},
		"several contexts, ours current": {kubeconfig: kubeconfig(withProduction)},
		"a cluster of another name": {
			kubeconfig: kubeconfig(func(config *clientcmdapi.Config) {
				addContext(config, "kind-second", server)
				config.CurrentContext = "kind-second"
			}),
			name: "second",
		},
		"several contexts, another one current": {
			kubeconfig: kubeconfig(withProduction, func(config *clientcmdapi.Config) { config.CurrentContext = "production" }),
			want:       `the current context is "production", not "kind-lab-operator"`,
		},
		"a kind cluster of another project": {
			kubeconfig: kubeconfig(func(config *clientcmdapi.Config) {
				addContext(config, "kind-kind", server)
				config.CurrentContext = "kind-kind"
			}),
			want: `the current context is "kind-kind", not "kind-lab-operator"`,
		},
		"a cluster of another name than asked for": {kubeconfig: kubeconfig(), name: "second", want: `the current context is "kind-lab-operator", not "kind-second"`},
		"no current context": {
			kubeconfig: kubeconfig(func(config *clientcmdapi.Config) { config.CurrentContext = "" }),
			want:       "is missing or has no current context",
		},
		"an empty kubeconfig": {kubeconfig: clientcmdapi.NewConfig(), want: "is missing or has no current context"},
		"a current context that does not exist": {
			kubeconfig: kubeconfig(func(config *clientcmdapi.Config) { delete(config.Contexts, ours) }),
			want:       `the kubeconfig has no context "kind-lab-operator"`,
		},
		"our context on another cluster": {
			kubeconfig: kubeconfig(withProduction, func(config *clientcmdapi.Config) { config.Contexts[ours].Cluster = "production" }),
			want:       `context "kind-lab-operator" refers to cluster "production"`,
		},
		"our context with another user": {
			kubeconfig: kubeconfig(withProduction, func(config *clientcmdapi.Config) { config.Contexts[ours].AuthInfo = "production" }),
			want:       `and user "production"`,
		},
		"no cluster": {
			kubeconfig: kubeconfig(func(config *clientcmdapi.Config) { delete(config.Clusters, ours) }),
			want:       `the kubeconfig has no cluster "kind-lab-operator"`,
		},
		"a server on the network":     {kubeconfig: kubeconfig(atServer("https://10.0.0.7:6443")), want: `is "https://10.0.0.7:6443", not a loopback address`},
		"a server on every interface": {kubeconfig: kubeconfig(atServer("https://0.0.0.0:6443")), want: "not a loopback address"},
		"a server by its name":        {kubeconfig: kubeconfig(atServer("https://127.0.0.1.example.org:6443")), want: "not a loopback address"},
		"a server with a user's name": {kubeconfig: kubeconfig(atServer("https://127.0.0.1:443@api.example.org")), want: "not a loopback address"},
		"no server":                   {kubeconfig: kubeconfig(atServer("")), want: "not a loopback address"},
		"a server that is no URL":     {kubeconfig: kubeconfig(atServer("https://127.0.0.1:port")), want: "not a loopback address"},
		"a proxy": {
			kubeconfig: kubeconfig(func(config *clientcmdapi.Config) { config.Clusters[ours].ProxyURL = "http://proxy.example.org" }),
			want:       "is reached through a proxy",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if tc.name == "" {
				tc.name = defaultName
			}
			err := Verify(tc.kubeconfig, tc.name)
			if tc.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if !errors.Is(err, errRefused) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %v, want a refusal with %q", err, tc.want)
			}
		})
	}
}

// TestConnectRefuses gives Connect kubeconfigs by the environment variable that kubectl reads too.
func TestConnectRefuses(t *testing.T) {
	folder := t.TempDir()
	production := filepath.Join(folder, "production")
	other := clientcmdapi.NewConfig()
	addContext(other, "production", "https://192.0.2.1")
	other.CurrentContext = "production"
	malformed := filepath.Join(folder, "malformed")
	if err := errors.Join(clientcmd.WriteToFile(*other, production), os.WriteFile(malformed, []byte("contexts: 1"), 0o600)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CLUSTER", "")
	for name, tc := range map[string]struct{ path, want string }{
		"another cluster":   {production, `the current context is "production"`},
		"a missing file":    {filepath.Join(folder, "missing"), "run make cluster"},
		"a malformed file":  {malformed, "load the kubeconfig"},
		"the first of many": {production + string(filepath.ListSeparator) + filepath.Join(folder, "missing"), `the current context is "production"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KUBECONFIG", tc.path)
			if _, _, err := Connect(t.Context()); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %v, want %q", err, tc.want)
			}
		})
	}
}

func TestName(t *testing.T) {
	for value, want := range map[string]string{"": "lab-operator", "second": "second"} {
		t.Setenv("CLUSTER", value)
		if got := Name(); got != want {
			t.Errorf("with CLUSTER=%q: got %s, want %s", value, got, want)
		}
	}
}
