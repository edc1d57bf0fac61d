// Package learner creates the identity of a learner, with the rights of a learner and no more, and
// runs scripts with it: for tests and for the demo.
package learner

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	applyrbacv1 "k8s.io/client-go/applyconfigurations/rbac/v1"

	"github.com/lab-operator/lab-operator/internal/guardrail"
)

const (
	// labsRole lets a learner read and answer Labs in the own namespace.
	labsRole = "lab-operator-learner-labs"
	// tokenLifetime is how long the token of a learner is valid.
	tokenLifetime = 4 * time.Hour
	// terminationTimeout is how long a namespace of an earlier run can take to terminate.
	terminationTimeout = 3 * time.Minute
)

// Learner has the ServiceAccount that the labs of a namespace are for.
type Learner struct {
	// Kubeconfig is the path of a file with the learner's token.
	Kubeconfig string
}

// Create creates a learner in a namespace. It creates the namespace too if it is missing, and waits
// while it is terminating. The kubeconfig goes into dir.
func Create(ctx context.Context, admin client.Client, config *rest.Config, namespace, dir string) (*Learner, error) {
	account := guardrail.LearnerServiceAccount
	objects := []runtime.ApplyConfiguration{
		applycorev1.Namespace(namespace),
		applycorev1.ServiceAccount(account, namespace),
		applyrbacv1.RoleBinding(labsRole, namespace).
			WithRoleRef(applyrbacv1.RoleRef().WithAPIGroup(rbacv1.GroupName).WithKind("ClusterRole").WithName(labsRole)).
			WithSubjects(applyrbacv1.Subject().WithKind(rbacv1.ServiceAccountKind).WithName(account).WithNamespace(namespace)),
	}
	err := wait.PollUntilContextTimeout(ctx, time.Second, terminationTimeout, true, func(ctx context.Context) (bool, error) {
		for _, object := range objects {
			err := admin.Apply(ctx, object, client.FieldOwner("learner"), client.ForceOwnership)
			// What an earlier run left is still going, or has gone just now.
			if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) || apierrors.IsNotFound(err) {
				return false, nil
			}
			if err != nil {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil {
		return nil, fmt.Errorf("create a learner in %s: %w", namespace, err)
	}
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: ptr.To(int64(tokenLifetime.Seconds()))}}
	who := &corev1.ServiceAccount{}
	who.Namespace, who.Name = namespace, account
	if err := admin.SubResource("token").Create(ctx, who, request); err != nil {
		return nil, fmt.Errorf("request a token for the learner in %s: %w", namespace, err)
	}
	path := filepath.Join(dir, namespace+".kubeconfig")
	if err := clientcmd.WriteToFile(kubeconfig(config, request.Status.Token), path); err != nil {
		return nil, fmt.Errorf("write the learner's kubeconfig: %w", err)
	}
	return &Learner{Kubeconfig: path}, nil
}

// Run executes a script as the learner of a Lab, whose workloads are in the namespace environment. Its output
// goes to out. It sees the variables environ, each NAME=VALUE, besides those of this process.
func (l *Learner) Run(ctx context.Context, script string, lab types.NamespacedName, environment string, out io.Writer, environ ...string) error {
	cmd := exec.CommandContext(ctx, "bash", script)
	cmd.Env = append(os.Environ(),
		"KUBECONFIG="+l.Kubeconfig, "LAB="+lab.Name, "LAB_NAMESPACE="+lab.Namespace, "NAMESPACE="+environment)
	cmd.Env = append(cmd.Env, environ...)
	cmd.Stdout, cmd.Stderr = out, out
	// A script that is stopped gets the time to say where it was.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run %s: %w", script, err)
	}
	return nil
}

func kubeconfig(config *rest.Config, token string) clientcmdapi.Config {
	made := *clientcmdapi.NewConfig()
	made.Clusters["lab"] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData, CertificateAuthority: config.CAFile}
	made.AuthInfos["learner"] = &clientcmdapi.AuthInfo{Token: token}
	made.Contexts["learner"] = &clientcmdapi.Context{Cluster: "lab", AuthInfo: "learner"}
	made.CurrentContext = "learner"
	return made
}
