package metrics

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// learner is who works on the labs: their namespace and, with more to it, the names of their labs.
const learner = "lovelace"

// stage is an API server and the operator, which serves its metrics as in a cluster.
type stage struct {
	env *testenv.Environment
	// address is where the metrics are.
	address string
}

// play starts an operator.
func play(t *testing.T) *stage {
	t.Helper()
	ctrl.SetLogger(logr.Discard())
	cluster, err := testenv.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	s := &stage{env: cluster, address: free(t)}
	running, err := testenv.RunOperator(testenv.Impersonate(cluster.Config, testenv.OperatorAccount), operator.Options{MetricsAddress: s.address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := running.Stop(); err != nil {
			t.Error(err)
		}
	})
	s.install(t)
	return s
}

// free is an address that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// install puts the catalog and the learner's namespace there.
func (s *stage) install(t *testing.T) {
	t.Helper()
	file, err := os.Open(filepath.Join(testenv.Root(), "test/metrics/testdata/catalog.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	decoder := utilyaml.NewYAMLOrJSONDecoder(file, 4096)
	for range 3 {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(&object.Object); err != nil {
			t.Fatal(err)
		}
		s.create(t, object)
	}
	s.create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: learner}})
}

func (s *stage) create(t *testing.T, object client.Object) {
	t.Helper()
	if err := s.env.Client.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

// start creates a Lab.
func (s *stage) start(t *testing.T, name, topic string) *v1beta1.Lab {
	t.Helper()
	lab := &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Namespace: learner, Name: name}, Spec: v1beta1.LabSpec{Topic: topic}}
	s.create(t, lab)
	return lab
}

// until waits until a Lab is as it should be, and reads it.
func (s *stage) until(t *testing.T, lab *v1beta1.Lab, what string, is func(*v1beta1.LabStatus) bool) {
	t.Helper()
	eventually(t, what, func(ctx context.Context) (string, error) {
		if err := s.env.Client.Get(ctx, client.ObjectKeyFromObject(lab), lab); err != nil {
			return "", err
		}
		if !is(&lab.Status) {
			return "the lab says: " + lab.Status.Next, nil
		}
		return "", nil
	})
}

// patch changes an object.
func (s *stage) patch(t *testing.T, object client.Object, merge string) {
	t.Helper()
	if err := s.env.Client.Patch(t.Context(), object, client.RawPatch(client.Merge.Type(), []byte(merge))); err != nil {
		t.Fatal(err)
	}
}

// eventually waits until nothing is missing any more.
func eventually(t *testing.T, what string, look func(ctx context.Context) (missing string, err error)) {
	t.Helper()
	var missing string
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		said, err := look(ctx)
		if ctx.Err() != nil {
			// What was missing before the time was over says more.
			return false, nil
		}
		missing = said
		return said == "", err
	})
	if err != nil {
		t.Fatalf("waiting until %s: %v: %s", what, err, missing)
	}
}
