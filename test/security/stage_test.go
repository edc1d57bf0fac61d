//go:build cluster

package security

import (
	"context"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/learner"
	"github.com/lab-operator/lab-operator/test/internal/kindcluster"
	"github.com/lab-operator/lab-operator/test/testenv"
)

const (
	// malloryHome and aliceHome are the namespaces of the Labs of the one who attacks and of the one who only works.
	malloryHome = "sec-mallory"
	aliceHome   = "sec-alice"
	// mallory is the account of the attacker.
	mallory = "system:serviceaccount:" + malloryHome + ":learner"
	// rangeName is that of the exercise, its topic, and the Labs of both.
	rangeName = "sec-range"
	// patience bounds how long the cluster may take for anything.
	patience = 25 * time.Second
	lookEach = 100 * time.Millisecond
)

// person is a learner with a lab.
type person struct {
	kubeconfig string
	config     *rest.Config
	client     client.WithWatch
	// lab is the Lab, environment the namespace in which its learner works.
	lab         types.NamespacedName
	environment string
}

// stage is where the attacks take place.
type stage struct {
	config  *rest.Config
	admin   client.WithWatch
	mallory *person
	alice   *person
}

// setTheStage gives two learners a lab each. It takes away what an earlier run left, and in the end all that it made.
func setTheStage(t *testing.T) *stage {
	t.Helper()
	config, admin, err := kindcluster.Connect(t.Context())
	must(t, err)
	logf.SetLogger(logr.Discard())
	config.WarningHandler = rest.NoWarnings{}
	s := &stage{config: config, admin: admin}
	s.clear(t)
	t.Cleanup(func() { s.clear(t) })
	for _, object := range rangeObjects() {
		s.make(t, object)
	}
	dir := t.TempDir()
	s.mallory, s.alice = s.createLearner(t, malloryHome, dir), s.createLearner(t, aliceHome, dir)
	for _, p := range []*person{s.mallory, s.alice} {
		s.make(t, labOf(p.lab, rangeName))
	}
	for _, p := range []*person{s.mallory, s.alice} {
		p.environment = s.untilReady(t, p.lab).Status.Namespace
		s.untilRuns(t, p.environment, "bare")
	}
	return s
}

// createLearner creates a learner with exactly the rights that learners get.
func (s *stage) createLearner(t *testing.T, home, dir string) *person {
	t.Helper()
	created, err := learner.Create(t.Context(), s.admin, s.config, home, dir)
	must(t, err)
	config, err := clientcmd.BuildConfigFromFlags("", created.Kubeconfig)
	must(t, err)
	return &person{
		kubeconfig: created.Kubeconfig, config: unhurried(config), client: s.connect(t, config),
		lab: types.NamespacedName{Namespace: home, Name: rangeName},
	}
}

// unhurried is a configuration whose client does not hold requests back, nor print warnings.
func unhurried(config *rest.Config) *rest.Config {
	config.QPS, config.WarningHandler = -1, rest.NoWarnings{}
	return config
}

func (s *stage) connect(t *testing.T, config *rest.Config) client.WithWatch {
	t.Helper()
	connected, err := client.NewWithWatch(unhurried(config), client.Options{Scheme: s.admin.Scheme()})
	must(t, err)
	return connected
}

// clear removes all that the suite makes, and waits until the labs and what was made for them are gone.
func (s *stage) clear(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.WithoutCancel(t.Context()), 4*time.Minute)
	defer stop()
	for _, home := range []string{malloryHome, aliceHome, authorHome} {
		must(t, client.IgnoreNotFound(s.admin.DeleteAllOf(ctx, &v1beta1.Lab{}, client.InNamespace(home))))
	}
	must(t, client.IgnoreNotFound(s.admin.Delete(ctx, labOf(types.NamespacedName{Namespace: "default", Name: victimLab}, rangeName))))
	err := wait.PollUntilContextCancel(ctx, lookEach, true, func(ctx context.Context) (bool, error) {
		labs, left := &v1beta1.LabList{}, 0
		if err := s.admin.List(ctx, labs); err != nil {
			return false, err
		}
		for _, lab := range labs.Items {
			if isOurs(lab.Namespace) || lab.Name == victimLab {
				left++
			}
		}
		return left == 0, nil
	})
	if err != nil {
		t.Errorf("the labs do not go: %v", err)
	}
	mine := client.MatchingLabels{suiteLabel: "true"}
	for _, kind := range []client.Object{&v1beta1.Topic{}, &v1beta1.Exercise{}} {
		must(t, s.admin.DeleteAllOf(ctx, kind, mine))
	}
	must(t, s.admin.DeleteAllOf(ctx, &v1beta1.AnswerKey{}, mine, client.InNamespace(testenv.OperatorNamespace)))
	for _, name := range []string{malloryHome, aliceHome, authorHome, victimNamespace} {
		s.removeNamespace(ctx, t, name)
	}
}

func isOurs(namespace string) bool {
	return namespace == malloryHome || namespace == aliceHome || namespace == authorHome
}

func (s *stage) removeNamespace(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	must(t, client.IgnoreNotFound(s.admin.Delete(ctx, namespace)))
	err := wait.PollUntilContextCancel(ctx, lookEach, true, func(ctx context.Context) (bool, error) {
		return apierrors.IsNotFound(s.admin.Get(ctx, client.ObjectKeyFromObject(namespace), namespace)), nil
	})
	if err != nil {
		t.Errorf("namespace %s does not go: %v", name, err)
	}
}

// make creates an object as the administrator.
func (s *stage) make(t *testing.T, object client.Object) {
	t.Helper()
	if err := s.admin.Create(t.Context(), object); err != nil {
		t.Fatalf("make %s: %v", object.GetName(), err)
	}
}

// lab reads a Lab as the administrator.
func (s *stage) lab(t *testing.T, key types.NamespacedName) *v1beta1.Lab {
	t.Helper()
	lab := &v1beta1.Lab{}
	must(t, s.admin.Get(t.Context(), key, lab))
	return lab
}

func (s *stage) untilReady(t *testing.T, key types.NamespacedName) *v1beta1.Lab {
	t.Helper()
	var lab *v1beta1.Lab
	eventually(t, "Lab "+key.String()+" is ready", func() bool {
		lab = s.lab(t, key)
		return meta.IsStatusConditionTrue(lab.Status.Conditions, v1beta1.ConditionReady)
	})
	return lab
}

func (s *stage) untilRuns(t *testing.T, namespace, pod string) {
	t.Helper()
	found := &corev1.Pod{}
	eventually(t, "pod "+pod+" runs", func() bool {
		err := s.admin.Get(t.Context(), types.NamespacedName{Namespace: namespace, Name: pod}, found)
		return err == nil && found.Status.Phase == corev1.PodRunning
	})
}

// eventually waits for what the cluster does in its own time.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), lookEach, patience, true, func(context.Context) (bool, error) { return done(), nil })
	if err != nil {
		t.Fatalf("waited in vain until %s: %v", what, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
