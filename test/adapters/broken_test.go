//go:build cluster

package adapters

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/adapters"
	"github.com/lab-operator/lab-operator/internal/evidence/poddial"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
	"github.com/lab-operator/lab-operator/test/internal/kindcluster"
)

const (
	namespace = "adapters-broken"
	pod       = "broken"
	// firstPort is that of the first server; the next ones follow.
	firstPort = 8081
	// patience is how long a look may take that does not end by its time.
	patience = time.Minute
	// late is how much longer than its time a look may take on a busy machine.
	late = 3 * time.Second
)

// modes are the ways in which a server misbehaves, in the order of their ports, and what an adapter may make of it.
var modes = []struct {
	name string
	want []string
}{
	{"slow", []string{probe.TimedOut}},
	{"close", []string{probe.Closed}},
	{"garbage", []string{probe.Malformed, probe.Closed, probe.TooLarge}},
	{"huge", []string{probe.TooLarge, probe.Malformed}},
	// It waits for the end of a request that never is one.
	{"http-500", []string{probe.Malformed, probe.Rejected, probe.Closed, probe.TimedOut}},
	// Nothing listens on the last port.
	{"", []string{probe.Refused}},
}

// probes is what each adapter is asked for; the target is added.
var probes = map[string]v1beta1.ProbeEvidence{
	"http":  {HTTP: &v1beta1.HTTPEvidence{}},
	"kafka": {Kafka: &v1beta1.KafkaEvidence{Topics: []string{"orders"}}},
	"redis": {Redis: &v1beta1.RedisEvidence{Commands: map[string]string{"a": "GET a"}}},
	"sql":   {SQL: &v1beta1.SQLEvidence{Database: "postgres", Query: "select 1"}},
}

func TestBrokenServers(t *testing.T) {
	config, admin, err := kindcluster.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = admin.Delete(context.Background(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}) // the next run deletes it as well
	})
	dialer, err := poddial.New(config, admin.RESTMapper())
	if err != nil {
		t.Fatal(err)
	}
	reach := dialer.Namespace(namespace)
	for _, adapter := range adapters.All() {
		spec, dials := probes[adapter.Name]
		if !dials {
			if adapter.Name != "helm" {
				t.Errorf("the adapter %s is not tried on broken servers", adapter.Name)
			}
			continue
		}
		for i, mode := range modes {
			name := mode.name
			if name == "" {
				name = "refused"
			}
			t.Run(adapter.Name+" "+name, func(t *testing.T) {
				t.Parallel()
				spec := spec
				spec.Target = &v1beta1.ProbeTarget{Pod: pod, Port: int32(firstPort + i)}
				if mode.name != "slow" && mode.name != "http-500" {
					// What is wrong is to be found however busy the machine is.
					spec.Timeout = &metav1.Duration{Duration: patience}
				}
				began := time.Now()
				_, err := probe.Run(t.Context(), &adapter, reach, &v1beta1.Evidence{Name: "broken", Probe: &spec})
				took := time.Since(began)
				var failure *probe.Failure
				if !errors.As(err, &failure) {
					t.Fatalf("the look ended with %v, want a failure", err)
				}
				t.Logf("%s after %s: %s", failure.Reason, took.Round(time.Millisecond), failure.Message)
				if !slices.Contains(mode.want, failure.Reason) {
					t.Errorf("it is %s: %s; want one of %v", failure.Reason, failure.Message, mode.want)
				}
				if failure.Reason == probe.TimedOut && took > probe.DefaultTimeout+late {
					t.Errorf("it took %s", took)
				}
			})
		}
	}
}

// TestTargetsThatAreNotThere has targets lead nowhere.
func TestTargetsThatAreNotThere(t *testing.T) {
	config, admin, err := kindcluster.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dialer, err := poddial.New(config, admin.RESTMapper())
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		target v1beta1.ProbeTarget
		want   string
	}{
		"no such pod":     {v1beta1.ProbeTarget{Pod: "nobody", Port: 80}, "there is no pod nobody"},
		"no such Service": {v1beta1.ProbeTarget{Service: "nobody", Port: 80}, "there is no Service nobody"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := dialer.Namespace("default").Endpoints(t.Context(), tc.target)
			var failure *probe.Failure
			if !errors.As(err, &failure) || failure.Reason != probe.NotFound || failure.Message != tc.want {
				t.Errorf("got %v, want %s: %s", err, probe.NotFound, tc.want)
			}
		})
	}
}

// run makes the pod with a server for each mode, and waits until all of them listen.
func run(ctx context.Context, admin client.Client) error {
	live := &corev1.Pod{}
	err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
		if err := client.IgnoreAlreadyExists(admin.Create(ctx, ns)); err != nil {
			return false, err
		}
		err := client.IgnoreAlreadyExists(admin.Create(ctx, servers()))
		if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) {
			return false, nil // the namespace of an earlier run is on its way out
		}
		if err != nil {
			return false, err
		}
		err = admin.Get(ctx, client.ObjectKey{Namespace: namespace, Name: pod}, live)
		return err == nil && slices.ContainsFunc(live.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		}), client.IgnoreNotFound(err)
	})
	if err != nil {
		return fmt.Errorf("run the broken servers: %w: %v", err, live.Status)
	}
	return nil
}

func servers() *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: pod},
		Spec:       corev1.PodSpec{AutomountServiceAccountToken: ptr.To(false), TerminationGracePeriodSeconds: ptr.To(int64(1))},
	}
	for i, mode := range modes {
		if mode.name == "" {
			continue
		}
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{
			Name: mode.name, Image: "lab-operator/workload:dev", ImagePullPolicy: corev1.PullIfNotPresent,
			Args: []string{"broken", "--mode=" + mode.name, fmt.Sprintf("--listen=:%d", firstPort+i)},
			ReadinessProbe: &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{
				TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(int32(firstPort + i))},
			}},
		})
	}
	return p
}
