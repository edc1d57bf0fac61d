// Package install installs, deletes, reinstalls and uninstalls the operator with kubectl and the scripts of hack, on an API
// server without nodes, with the operator as a process beside it.
package install

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/test/internal/replica"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// patience bounds how long anything may take.
const patience = 2 * time.Minute

// subject is the name of the exercise and of its topic.
const subject = "install"

// site is an API server with the tools to install something in it.
type site struct {
	*testenv.Environment
	program    string
	kubeconfig string
}

func start(t *testing.T) *site {
	t.Helper()
	ctrl.SetLogger(logr.Discard())
	w, err := testenv.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Stop(); err != nil {
			t.Errorf("stop the API server: %v", err)
		}
	})
	s := &site{Environment: w, kubeconfig: filepath.Join(t.TempDir(), "admin")}
	if err := replica.Kubeconfig(w.Config, s.kubeconfig); err != nil {
		t.Fatal(err)
	}
	if s.program, err = replica.Build(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	return s
}

// run runs a command in the checkout as somebody who administers the cluster, and returns what it says.
func (s *site) run(ctx context.Context, env []string, args ...string) (string, error) {
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if args[0] == "kubectl" {
		args[0] = filepath.Join(assets, "kubectl")
	}
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Dir = testenv.Root()
	command.Env = append(os.Environ(), append([]string{"KUBECONFIG=" + s.kubeconfig, "PATH=" + assets + ":" + os.Getenv("PATH")}, env...)...)
	output, err := command.CombinedOutput()
	return string(output), err
}

// must runs a command that has to succeed.
func (s *site) must(t *testing.T, args ...string) string {
	t.Helper()
	output, err := s.run(t.Context(), nil, args...)
	if err != nil {
		t.Fatalf("%s: %v:\n%s", strings.Join(args, " "), err, output)
	}
	return output
}

// install applies dist/install.yaml, and waits until its policies hold.
func (s *site) install(t *testing.T) {
	t.Helper()
	// A kind that has just been made is not served at once.
	testenv.Eventually(t, patience, "dist/install.yaml is applied", func() error {
		output, err := s.run(t.Context(), nil, "kubectl", "apply", "--server-side", "--force-conflicts", "-f", "dist/install.yaml")
		if err != nil {
			return fmt.Errorf("%w: %s", err, output)
		}
		return nil
	})
	if err := s.AggregateRoles(t.Context()); err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, patience, "the policies hold", func() error {
		for policy, args := range map[string][]string{
			"lab-operator-uninstall":  {"kubectl", "delete", "crd", "labresults.learning.lab-operator.dev", "--dry-run=server"},
			"lab-operator-namespaces": {"kubectl", "label", "namespace", "default", "--dry-run=server", v1beta1.LabUIDLabel + "=forged"},
		} {
			if output, err := s.run(t.Context(), nil, args...); err == nil || !strings.Contains(output, policy) {
				return fmt.Errorf("%s refuses nothing: %s", policy, output)
			}
		}
		return nil
	})
}

// operator starts the operator in a namespace.
func (s *site) operator(t *testing.T, account, namespace string) *replica.Replica {
	t.Helper()
	config, err := replica.LogIn(t.Context(), s.Client, s.Config, account)
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig := filepath.Join(t.TempDir(), "operator")
	if err := replica.Kubeconfig(config, kubeconfig); err != nil {
		t.Fatal(err)
	}
	operator, err := replica.Start(s.program, kubeconfig, namespace)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the operator logged:\n%s", operator.Log())
		}
		if err := operator.Kill(); err != nil {
			t.Error(err)
		}
	})
	return operator
}

// pretend gives the operator's Deployment the status that a cluster with nodes would.
func (s *site) pretend(t *testing.T) {
	t.Helper()
	deployment := &appsv1.Deployment{}
	if err := s.Client.Get(t.Context(), client.ObjectKey{Namespace: testenv.OperatorNamespace, Name: "lab-operator"}, deployment); err != nil {
		t.Fatal(err)
	}
	deployment.Status = appsv1.DeploymentStatus{
		ObservedGeneration: deployment.Generation, Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1, AvailableReplicas: 1,
	}
	if err := s.Client.Status().Update(t.Context(), deployment); err != nil {
		t.Fatal(err)
	}
}

// publish installs an exercise that sets up an object, and its topic without questions.
func (s *site) publish(t *testing.T) {
	t.Helper()
	for _, entry := range []client.Object{
		&v1beta1.Exercise{
			ObjectMeta: metav1.ObjectMeta{Name: subject},
			Spec: v1beta1.ExerciseSpec{
				Title: "Install", Incident: "The operator is installed.",
				Setup:    []runtime.RawExtension{{Raw: []byte(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"setup"}}`)}},
				Evidence: []v1beta1.Evidence{{Name: "setup", Object: &v1beta1.ObjectEvidence{APIVersion: "v1", Kind: "ConfigMap", Name: "setup"}}},
				Tasks: []v1beta1.Task{{
					Name: "wait", Title: "Wait", Instructions: "Wait.", Points: 1,
					Checks: []v1beta1.Check{{Expression: "setup.data.done == 'yes'", Expected: "it is done"}},
				}},
			},
		},
		&v1beta1.Topic{ObjectMeta: metav1.ObjectMeta{Name: subject}, Spec: v1beta1.TopicSpec{Title: "Install", Exercises: []string{subject}}},
	} {
		if err := s.Client.Create(t.Context(), entry); err != nil {
			t.Fatal(err)
		}
	}
}

// untilLabReady makes a Lab, unless it is there, and waits until it is ready.
func (s *site) untilLabReady(t *testing.T, name string) {
	t.Helper()
	lab := &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}, Spec: v1beta1.LabSpec{Topic: subject, Exercise: subject}}
	if err := client.IgnoreAlreadyExists(s.Client.Create(t.Context(), lab)); err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, patience, "Lab "+name+" is ready", func() error {
		if err := s.Client.Get(t.Context(), client.ObjectKeyFromObject(lab), lab); err != nil {
			return err
		}
		for _, condition := range lab.Status.Conditions {
			if condition.Type == v1beta1.ConditionReady && condition.Status == metav1.ConditionTrue {
				return nil
			}
		}
		return fmt.Errorf("%s: %v", lab.Status.Phase, lab.Status.Conditions)
	})
}

// untilReady waits until the operator is healthy and ready.
func untilReady(t *testing.T, operator *replica.Replica) { t.Helper(); untilProbes(t, operator, true) }

// untilNotReady waits until the operator is healthy and not ready.
func untilNotReady(t *testing.T, operator *replica.Replica) {
	t.Helper()
	untilProbes(t, operator, false)
}

func untilProbes(t *testing.T, operator *replica.Replica, want bool) {
	t.Helper()
	testenv.Eventually(t, patience, fmt.Sprintf("the operator is healthy, and ready: %t", want), func() error {
		if operator.Ended() {
			t.Fatal("the operator has ended")
		}
		healthy, _ := operator.Probe(t.Context(), "/healthz")
		ready, answer := operator.Probe(t.Context(), "/readyz")
		if healthy != http.StatusOK || ready == 0 || want != (ready == http.StatusOK) {
			return fmt.Errorf("/healthz is %d, /readyz %d %s", healthy, ready, answer)
		}
		return nil
	})
}

// untilLogged waits for words in the operator's log.
func untilLogged(t *testing.T, operator *replica.Replica, words string) {
	t.Helper()
	testenv.Eventually(t, patience, "the operator logs: "+words, func() error {
		if !strings.Contains(operator.Log(), words) {
			return errors.New("it does not")
		}
		return nil
	})
}
