// Package replica runs cmd/manager as a process, for tests that end it, stop it or cut it off.
package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// Build compiles cmd/manager into a folder, and returns the program.
func Build(ctx context.Context, folder string) (string, error) {
	program := filepath.Join(folder, "manager")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/manager")
	build.Dir = testenv.Root()
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build cmd/manager: %w: %s", err, output)
	}
	return program, nil
}

// LogIn is the way to the API server with a token of the operator's ServiceAccount in a namespace.
func LogIn(ctx context.Context, admin client.Client, config *rest.Config, namespace string) (*rest.Config, error) {
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: guardrail.OperatorServiceAccount}}
	request := &authenticationv1.TokenRequest{}
	if err := admin.SubResource("token").Create(ctx, account, request); err != nil {
		return nil, fmt.Errorf("get a token for the operator: %w", err)
	}
	config = rest.AnonymousClientConfig(config)
	config.BearerToken = request.Status.Token
	return config, nil
}

// Kubeconfig writes a way to an API server into a file.
func Kubeconfig(config *rest.Config, path string) error {
	const name = "replica"
	kubeconfig := clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{name: {Server: config.Host, CertificateAuthorityData: config.CAData}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{name: {
			Token: config.BearerToken, ClientCertificateData: config.CertData, ClientKeyData: config.KeyData,
		}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	}
	if err := clientcmd.WriteToFile(kubeconfig, path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// Replica is a running process.
type Replica struct {
	command *exec.Cmd
	probes  string
	ended   chan struct{}
	err     error

	mu  sync.Mutex
	log bytes.Buffer
}

// Start runs the program with a kubeconfig in a namespace.
func Start(program, kubeconfig, namespace string, args ...string) (*Replica, error) {
	probes, err := freeAddress()
	if err != nil {
		return nil, err
	}
	r := &Replica{probes: probes, ended: make(chan struct{})}
	r.command = exec.Command(program, append([]string{
		"--namespace", namespace, "--metrics-bind-address", "0", "--health-probe-bind-address", probes,
	}, args...)...)
	r.command.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	r.command.Stdout, r.command.Stderr = r, r
	if err := r.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	go func() {
		r.err = r.command.Wait()
		close(r.ended)
	}()
	return r, nil
}

// Write takes what the process logs.
func (r *Replica) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(line)
}

// Log is what the process has logged.
func (r *Replica) Log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.String()
}

// Signal sends a signal to the process.
func (r *Replica) Signal(signal syscall.Signal) error { return r.command.Process.Signal(signal) }

// Ended tells whether the process has ended.
func (r *Replica) Ended() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// Kill ends the process at once, unless it has ended, and waits for that.
func (r *Replica) Kill() error {
	if err := r.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill the replica: %w", err)
	}
	<-r.ended
	return nil
}

// Probe asks a path of the probes, and returns the status and the answer. The status is 0 where nobody answers.
func (r *Replica) Probe(ctx context.Context, path string) (status int, answer string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.probes+path, nil)
	if err != nil {
		return 0, err.Error()
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(body)
}

// freeAddress is one that nobody listens on at the moment.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
