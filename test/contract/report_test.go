//go:build cluster

package contract

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// failures are what was expected and not so, by test. Hundreds of lines of other tests come after the line in which one
// failed, so all are told again at the end.
var failures struct {
	mu   sync.Mutex
	told []string
}

// TestMain tells at the end of everything what failed, and why.
func TestMain(m *testing.M) {
	// What clients log besides is of no use here.
	log.SetLogger(logr.Discard())
	code := m.Run()
	for _, failure := range failures.told {
		fmt.Printf("\n######## %s\n", failure)
	}
	os.Exit(code)
}

// expecting makes assertions whose failure is told at the end, too.
func expecting(t *testing.T) *gomega.WithT {
	return gomega.NewWithT(teller{t})
}

type teller struct{ *testing.T }

func (t teller) Fatalf(format string, args ...any) {
	t.Helper()
	t.Logf(format, args...)
	tell(t.Name(), end(fmt.Sprintf(format, args...), 60))
	t.FailNow()
}

func tell(test, what string) {
	failures.mu.Lock()
	defer failures.mu.Unlock()
	failures.told = append(failures.told, test+"\n"+what)
}

// scene is what the pods of a namespace are like, and what they logged last: it is gone when the test has ended.
func (s *suite) scene(namespace string) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	clients, err := kubernetes.NewForConfig(s.config)
	if err != nil {
		return err.Error()
	}
	pods, err := clients.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{Limit: 20})
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, pod := range pods.Items {
		fmt.Fprintf(&b, "%s %s since %s\n", pod.Name, pod.Status.Phase, pod.CreationTimestamp.UTC().Format(time.TimeOnly))
		for _, condition := range pod.Status.Conditions {
			if condition.Status != corev1.ConditionTrue && condition.Message != "" {
				fmt.Fprintf(&b, "  not %s: %s\n", condition.Type, condition.Message)
			}
		}
		for _, container := range pod.Status.ContainerStatuses {
			fmt.Fprintf(&b, "  %s ready %t, %d restarts, %s\n", container.Name, container.Ready, container.RestartCount, container.State.String())
		}
		lines := int64(12)
		logged, err := clients.CoreV1().Pods(namespace).GetLogs(pod.Name, &corev1.PodLogOptions{TailLines: &lines}).DoRaw(ctx)
		if err != nil {
			logged = []byte(err.Error())
		}
		fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(end(string(logged), int(lines)), "\n", "\n    "))
	}
	return b.String()
}

// end is the last lines of a long text: a script's output ends with what went wrong.
func end(text string, most int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}
