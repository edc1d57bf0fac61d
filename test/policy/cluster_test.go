package policy

import (
	"bytes"
	"context"
	"os/exec"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// The accounts that act. Those of the operator and the learner log in with tokens, as in a cluster.
const (
	operator = "system:serviceaccount:lab-operator-system:lab-operator"
	deployer = "system:serviceaccount:lab-operator-system:lab-deployer"
	learner  = "system:serviceaccount:default:learner"
	// editor may do everything in the lab's namespace and with the Labs in default, as far as RBAC goes.
	editor = "editor"
	// facilitator may do what editor may, and administers labs.
	facilitator = "facilitator"
	// teacher administers the labs in default alone.
	teacher             = "teacher"
	administrator       = "administrator"
	garbageCollector    = "system:serviceaccount:kube-system:generic-garbage-collector"
	namespaceController = "system:serviceaccount:kube-system:namespace-controller"
	autoscaler          = "system:serviceaccount:kube-system:horizontal-pod-autoscaler"
	controllerManager   = "system:kube-controller-manager"
	scheduler           = "system:kube-scheduler"
	node                = "system:node:one"
)

const (
	operatorNamespace = "lab-operator-system"
	labNamespace      = "lab-hpa"
	attendeeNamespace = "ws-platform-ada"
)

// patience bounds how long anything may take to become effective in the API server.
const patience = 60 * time.Second

// cluster is an API server with config/default installed, and those who act on it.
type cluster struct {
	config  *rest.Config
	kubectl string
	scheme  *runtime.Scheme
	admin   client.Client
	clients map[string]client.Client
	// tokens are the configurations of those who log in with one.
	tokens map[string]*rest.Config
	lab    guardrail.Lab
}

// startCluster starts an API server with RBAC, installs config/default and gives everyone an account.
func startCluster(t *testing.T) *cluster {
	t.Helper()
	environment := &envtest.Environment{ControlPlaneStartTimeout: 4 * patience}
	config, err := environment.Start()
	if err != nil {
		t.Fatalf("start the API server: %v", err)
	}
	t.Cleanup(func() {
		if err := environment.Stop(); err != nil {
			t.Errorf("stop the API server: %v", err)
		}
	})
	config.QPS = -1
	config.WarningHandler = rest.NoWarnings{}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1beta1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	c := &cluster{config: config, kubectl: environment.ControlPlane.KubectlPath, scheme: scheme, clients: map[string]client.Client{}, tokens: map[string]*rest.Config{}}
	c.admin = c.connect(t, config)
	c.clients[administrator] = c.admin

	for _, object := range c.render(t, configDir+"/default") {
		c.install(t, object)
	}
	c.aggregateEvidence(t)

	c.logIn(t, operator, operatorNamespace, "lab-operator")
	c.install(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "learner"}})
	c.logIn(t, learner, "default", "learner")
	for _, user := range []string{falseOperator, falseDeployer, editor, facilitator, teacher, garbageCollector, namespaceController, autoscaler, controllerManager, scheduler, daemonSetController} {
		c.actAs(t, user)
	}
	c.actAs(t, node, "system:nodes")
	return c
}

// render prints a kustomization as it is installed.
func (c *cluster) render(t *testing.T, dir string) []*unstructured.Unstructured {
	t.Helper()
	command := exec.CommandContext(t.Context(), c.kubectl, "kustomize", dir)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("kubectl kustomize %s: %v: %s", dir, err, stderr.String())
	}
	var objects []*unstructured.Unstructured
	for _, document := range bytes.Split(output, []byte("\n---\n")) {
		object := &unstructured.Unstructured{}
		if err := utilyaml.Unmarshal(document, &object.Object); err != nil {
			t.Fatalf("%s: %v", dir, err)
		}
		objects = append(objects, object)
	}
	return objects
}

// install creates an object as the administrator. The kind may only just have been created itself.
func (c *cluster) install(t *testing.T, object client.Object) {
	t.Helper()
	var last error
	c.eventually(t, func() bool {
		// A field that the API does not know is an error here, not dropped.
		last = c.admin.Create(t.Context(), object, &client.CreateOptions{Raw: &metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict}})
		return !apierrors.IsNotFound(last)
	})
	if last != nil {
		t.Fatalf("install %s %s: %v", object.GetObjectKind().GroupVersionKind().Kind, object.GetName(), last)
	}
}

// operatorDeployment is the Deployment that was installed.
func (c *cluster) operatorDeployment(t *testing.T) *appsv1.Deployment {
	t.Helper()
	deployment := &appsv1.Deployment{}
	c.must(t, c.admin.Get(t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: "lab-operator"}, deployment))
	return deployment
}

// aggregateEvidence does what the controller manager does, which is not running.
func (c *cluster) aggregateEvidence(t *testing.T) {
	t.Helper()
	role := &rbacv1.ClusterRole{}
	c.must(t, c.admin.Get(t.Context(), client.ObjectKey{Name: "lab-operator-evidence"}, role))
	for _, selector := range role.AggregationRule.ClusterRoleSelectors {
		parts := &rbacv1.ClusterRoleList{}
		c.must(t, c.admin.List(t.Context(), parts, client.MatchingLabels(selector.MatchLabels)))
		for _, part := range parts.Items {
			role.Rules = append(role.Rules, part.Rules...)
		}
	}
	c.must(t, c.admin.Update(t.Context(), role))
}

// logIn gives a ServiceAccount a token and connects with it.
func (c *cluster) logIn(t *testing.T, who, namespace, name string) {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	request := &authenticationv1.TokenRequest{}
	c.must(t, c.admin.SubResource("token").Create(t.Context(), account, request))
	config := rest.AnonymousClientConfig(c.config)
	config.BearerToken = request.Status.Token
	config.QPS = -1
	config.WarningHandler = rest.NoWarnings{}
	c.tokens[who] = config
	c.clients[who] = c.connect(t, config)
	if who == operator {
		config = rest.CopyConfig(config)
		config.Impersonate.UserName = deployer
		c.clients[deployer] = c.connect(t, config)
	}
}

// actAs connects as the administrator, impersonating a user.
func (c *cluster) actAs(t *testing.T, user string, groups ...string) {
	t.Helper()
	config := rest.CopyConfig(c.config)
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: groups}
	c.clients[user] = c.connect(t, config)
}

// account is a client together with what it connects with.
type account struct {
	client.Client
	config *rest.Config
}

func (c *cluster) connect(t *testing.T, config *rest.Config) client.Client {
	t.Helper()
	connected, err := client.New(config, client.Options{Scheme: c.scheme})
	if err != nil {
		t.Fatal(err)
	}
	return account{Client: connected, config: config}
}

// eventually waits for what becomes effective in the API server without a sign.
func (c *cluster) eventually(t *testing.T, done func() bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, patience, true, func(context.Context) (bool, error) {
		return done(), nil
	})
	if err != nil {
		t.Fatalf("waited in vain: %v", err)
	}
}

func (c *cluster) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
