package kindcluster

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// defaultName is the name of the cluster unless make is given another one.
const defaultName = "lab-operator"

// errRefused starts every refusal. It says what to do.
var errRefused = errors.New("tests run only on the kind cluster of this project: run make cluster, and set KUBECONFIG to its file .kube/config")

// Name returns the name of the kind cluster: the value of CLUSTER, as in make CLUSTER=name, or lab-operator.
func Name() string {
	if name := os.Getenv("CLUSTER"); name != "" {
		return name
	}
	return defaultName
}

// Verify returns an error unless the current context of a kubeconfig is the one that kind writes for the cluster of this
// name: context, cluster and user are called kind-<name>, and the API server listens on a loopback address.
func Verify(kubeconfig *clientcmdapi.Config, name string) error {
	want := "kind-" + name
	if kubeconfig.CurrentContext == "" {
		return fmt.Errorf("%w: the kubeconfig is missing or has no current context", errRefused)
	}
	if kubeconfig.CurrentContext != want {
		return fmt.Errorf("%w: the current context is %q, not %q", errRefused, kubeconfig.CurrentContext, want)
	}
	current := kubeconfig.Contexts[want]
	if current == nil {
		return fmt.Errorf("%w: the kubeconfig has no context %q", errRefused, want)
	}
	if current.Cluster != want || current.AuthInfo != want {
		return fmt.Errorf("%w: context %q refers to cluster %q and user %q, not to %q", errRefused, want, current.Cluster, current.AuthInfo, want)
	}
	server := kubeconfig.Clusters[want]
	if server == nil {
		return fmt.Errorf("%w: the kubeconfig has no cluster %q", errRefused, want)
	}
	if server.ProxyURL != "" {
		return fmt.Errorf("%w: cluster %q is reached through a proxy", errRefused, want)
	}
	if !isLoopback(server.Server) {
		return fmt.Errorf("%w: the server of cluster %q is %q, not a loopback address", errRefused, want, server.Server)
	}
	return nil
}

// isLoopback reports whether a server's URL has a loopback address as its host. A host name is none: it can resolve to
// any address.
func isLoopback(server string) bool {
	address, err := url.Parse(server)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(address.Hostname())
	return err == nil && ip.IsLoopback()
}
