package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// endpoint is an API server as attendees reach it.
type endpoint struct {
	server string
	// replaceCA is true where ca and serverName are those of the server. Else those that the operator wrote are kept.
	replaceCA  bool
	ca         []byte
	serverName string
	// replaceName is true where serverName is in the certificate, though the CA is the operator's.
	replaceName bool
	// verified is true where the certificate of the server was looked at.
	verified bool
}

// endpoint is what was asked for by --server, or else what the workshop says, or else where the facilitator is.
func (o *kubeconfigOptions) endpoint(workshop *v1beta1.Workshop) (endpoint, error) {
	switch {
	case o.server != "":
		o.warnIfLocal(o.server)
		return endpoint{server: o.server}, nil
	case workshop.Spec.APIServer != "":
		o.warnIfLocal(workshop.Spec.APIServer)
		return endpoint{server: workshop.Spec.APIServer}, nil
	}
	to, err := own(o.cluster.config)
	if err != nil {
		return endpoint{}, err
	}
	o.warnIfLocal(to.server)
	if !to.replaceCA {
		fmt.Fprintf(o.ErrOut, "warning: your kubeconfig does not check the certificate of %s: those of attendees do, by the CA that the operator knows\n", to.server)
	}
	return to, nil
}

func (o *kubeconfigOptions) warnIfLocal(server string) {
	if isLocal(server) {
		o.warn("only this machine reaches the API server at %s: give the address for attendees by --server, or in spec.apiServer of the workshop", server)
	}
}

// own is where the facilitator's kubeconfig leads.
func own(config *rest.Config) (endpoint, error) {
	address, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return endpoint{}, fmt.Errorf("read the address of the API server in your kubeconfig: %w", err)
	}
	if address.Scheme != "https" {
		return endpoint{}, fmt.Errorf("you reach the API server without TLS at %s: give its address for attendees by --server", address)
	}
	if config.Insecure {
		return endpoint{server: address.String()}, nil
	}
	to := endpoint{server: address.String(), replaceCA: true, ca: config.CAData, serverName: config.ServerName}
	if len(to.ca) == 0 && config.CAFile != "" {
		if to.ca, err = os.ReadFile(config.CAFile); err != nil {
			return endpoint{}, fmt.Errorf("read the CA of your kubeconfig: %w", err)
		}
	}
	return to, nil
}

// aim has a kubeconfig lead to an endpoint.
func aim(kubeconfig []byte, to endpoint) ([]byte, error) {
	config, err := clientcmd.Load(kubeconfig)
	if err != nil {
		// The error is left out: it may quote what could not be read, which has a token in it.
		return nil, errors.New("it cannot be read")
	}
	context := config.Contexts[config.CurrentContext]
	if context == nil || config.Clusters[context.Cluster] == nil {
		return nil, errors.New("it leads to no cluster")
	}
	cluster := config.Clusters[context.Cluster]
	cluster.Server = to.server
	if to.replaceCA {
		cluster.CertificateAuthorityData, cluster.TLSServerName = to.ca, to.serverName
	}
	if to.replaceName {
		cluster.TLSServerName = to.serverName
	}
	aimed, err := clientcmd.Write(*config)
	if err != nil {
		return nil, errors.New("it cannot be written")
	}
	return aimed, nil
}

// checkServer holds an address to what the API asks of spec.apiServer.
func checkServer(address string) error {
	if parsed, err := url.Parse(address); err != nil || parsed.Scheme != "https" || parsed.Host == "" {
		return fmt.Errorf("--server %q is no URL as in https://203.0.113.7:6443", address)
	}
	return nil
}

// localDomains hold the names by which a machine, its containers or its virtual machines reach that machine itself.
var localDomains = []string{"localhost", "localhost.localdomain", "docker.internal", "containers.internal", "minikube.internal", "lima.internal", "orb.internal"}

// isLocal tells whether an address leads everybody to their own machine.
func isLocal(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := strings.TrimSuffix(strings.ToLower(parsed.Hostname()), ".")
	ip := net.ParseIP(host)
	return ip.IsLoopback() || ip.IsUnspecified() || slices.ContainsFunc(localDomains, func(domain string) bool {
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
}
