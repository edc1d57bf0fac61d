//go:build cluster

package contract

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/learner"
)

const (
	readyWithin   = 3 * time.Minute
	solvedWithin  = 20 * time.Minute
	mutantWithin  = 5 * time.Minute
	settledWithin = 90 * time.Second
	goneWithin    = 3 * time.Minute
	lookEvery     = 500 * time.Millisecond
	judgedWithin  = 15 * time.Second // in addition to holdFor of a task and the interval and timeout of its probes
)

// solutionCompletes plays the model learner.
func (s *suite) solutionCompletes(t *testing.T, f folder, r *row) {
	g := expecting(t)
	sitting := s.sit(t, f.exercise, "solution")
	began := time.Now()
	lab := sitting.untilReady(t)
	r.tasks, r.ready = len(lab.Status.Tasks), time.Since(began)
	for _, task := range lab.Status.Tasks {
		g.Expect(task.State).NotTo(Equal(v1beta1.TaskPassed), "task %s is passed before anything was done", task.Name)
	}
	began = time.Now()
	out, err := sitting.run(bounded(t, solvedWithin), f.solution())
	g.Expect(err).NotTo(HaveOccurred(), "%s\n%s", out, sitting)
	g.Eventually(func() *v1beta1.Lab { return sitting.lab(t) }).WithTimeout(settledWithin).WithPolling(lookEvery).
		Should(HaveField("Status.CompletedAt", Not(BeNil())), func() string { return sitting.String() })
	r.complete = time.Since(began)
	g.Eventually(func() *v1beta1.Lab { return sitting.lab(t) }).WithTimeout(settledWithin).WithPolling(lookEvery).
		Should(HaveField("Status.ScorePercent", BeEquivalentTo(100)), "the solution answers the questions, too")
	t.Logf("completed:\n%s", sitting)
	sitting.keep(t, f, f.solution())
	sitting.leavesNothing(t)
	r.nothingLeftBehind = !t.Failed()
}

// otherWayCompletes plays a learner who gets there by another way than the model learner. The questions are the solution's.
func (s *suite) otherWayCompletes(t *testing.T, f folder, script string) {
	g := expecting(t)
	sitting := s.sit(t, f.exercise, "way-"+scriptName(script))
	sitting.untilReady(t)
	out, err := sitting.run(bounded(t, solvedWithin), script)
	g.Expect(err).NotTo(HaveOccurred(), "%s\n%s", out, sitting)
	g.Eventually(func() *v1beta1.Lab { return sitting.lab(t) }).WithTimeout(settledWithin).WithPolling(lookEvery).
		Should(HaveField("Status.CompletedAt", Not(BeNil())), func() string { return out + sitting.String() })
	t.Logf("completed:\n%s", sitting)
	sitting.keep(t, f, script)
	sitting.isLeftToGo(t)
}

// mutantIsCaught plays a learner who nearly got it.
func (s *suite) mutantIsCaught(t *testing.T, f folder, script string) {
	g := expecting(t)
	task, says := claims(t, script)
	sitting := s.sit(t, f.exercise, scriptName(script))
	sitting.untilReady(t)
	g.Expect(sitting.task(t, task).Name).NotTo(BeEmpty(), "the exercise has no task %s", task)

	// The sentence may come and go while the script runs: all that the learner could read counts.
	read := sitting.listen(t, task)
	out, err := sitting.run(bounded(t, mutantWithin), script)
	g.Expect(err).NotTo(HaveOccurred(), "%s\n%s", out, sitting)
	// It must not pass when its script has ended, either.
	g.Consistently(func() v1beta1.TaskState { return sitting.task(t, task).State }).WithTimeout(s.passesWithin(t, f.exercise, task)).WithPolling(lookEvery).
		ShouldNot(Equal(v1beta1.TaskPassed), func() string { return out + sitting.String() })
	g.Expect(read()).To(ContainElement(ContainSubstring(says)), "task %s should have said so to the learner\n%s", task, sitting)
	t.Logf("caught: %s says %q", task, says)
	sitting.keep(t, f, script)
	sitting.isLeftToGo(t)
}

// passesWithin is how long it takes at most to observe that a task passes: its holdFor, the slowest probe, and what a busy
// machine needs.
func (s *suite) passesWithin(t *testing.T, exercise, task string) time.Duration {
	found := &v1beta1.Exercise{}
	expecting(t).Expect(s.client.Get(t.Context(), types.NamespacedName{Name: exercise}, found)).To(Succeed())
	within := judgedWithin
	for _, one := range found.Spec.Tasks {
		if one.Name == task && one.HoldFor != nil {
			within += one.HoldFor.Duration
		}
	}
	var slowest time.Duration
	for _, one := range found.Spec.Evidence {
		if one.Probe == nil {
			continue
		}
		var due time.Duration
		for _, given := range []*metav1.Duration{one.Probe.Interval, one.Probe.Timeout} {
			if given != nil {
				due += given.Duration
			}
		}
		slowest = max(slowest, due)
	}
	return within + slowest
}

// isLeftToGo deletes the Lab. What it leaves behind is looked at when all are done: the next lab does not wait for these pods
// to end.
func (s *sitting) isLeftToGo(t *testing.T) {
	expecting(t).Expect(s.suite.client.Delete(t.Context(), s.lab(t))).To(Succeed())
	s.suite.mu.Lock()
	defer s.suite.mu.Unlock()
	s.suite.deleted = append(s.suite.deleted, s.uid)
}

// nothingIsLeft waits until the environments of all other ways and near misses have gone.
func (s *suite) nothingIsLeft(t *testing.T) {
	for _, uid := range s.deleted {
		expecting(t).Eventually(func(g Gomega) { s.leftNothing(t.Context(), g, uid) }).
			WithTimeout(goneWithin).WithPolling(lookEvery).Should(Succeed())
	}
}

// sitting is one Lab of one learner.
type sitting struct {
	suite   *suite
	key     types.NamespacedName
	uid     types.UID
	learner *learner.Learner
}

func (s *suite) sit(t *testing.T, exercise, who string) *sitting {
	g := expecting(t)
	s.takeRoom(t, exercise)
	namespace := fmt.Sprintf("contract-%s-%s", exercise, who)
	somebody, err := learner.Create(t.Context(), s.client, s.config, namespace, t.TempDir())
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() {
		_ = s.client.Delete(context.Background(), &corev1.Namespace{ObjectMeta: metaOf("", namespace)}) // the next run makes it again
	})
	lab := &v1beta1.Lab{ObjectMeta: metaOf(namespace, "lab"), Spec: v1beta1.LabSpec{Topic: s.topics[exercise], Exercise: exercise}}
	g.Expect(client.IgnoreNotFound(s.client.Delete(t.Context(), lab.DeepCopy()))).To(Succeed())
	g.Eventually(func() error { return s.client.Get(t.Context(), client.ObjectKeyFromObject(lab), &v1beta1.Lab{}) }).
		WithTimeout(goneWithin).WithPolling(lookEvery).ShouldNot(Succeed(), "a lab of an earlier run has to go")
	g.Expect(s.client.Create(t.Context(), lab)).To(Succeed())
	sitting := &sitting{suite: s, key: client.ObjectKeyFromObject(lab), uid: lab.UID, learner: somebody}
	t.Cleanup(func() {
		if t.Failed() {
			tell(t.Name()+", its pods at the end", s.scene(sitting.environment()))
		}
	})
	return sitting
}

// takeRoom waits until there is room for a lab of an exercise, which has it until the end of the test.
func (s *suite) takeRoom(t *testing.T, exercise string) {
	found := &v1beta1.Exercise{}
	expecting(t).Expect(s.client.Get(t.Context(), types.NamespacedName{Name: exercise}, found)).To(Succeed())
	need := min(found.Spec.Quota.Memory.Value(), largestShare)
	expecting(t).Expect(s.room.Acquire(t.Context(), need)).To(Succeed())
	t.Cleanup(func() { s.room.Release(need) })
}

func (s *sitting) lab(t *testing.T) *v1beta1.Lab {
	lab := &v1beta1.Lab{}
	if err := s.suite.client.Get(t.Context(), s.key, lab); err != nil {
		t.Logf("read %s: %v", s.key, err)
	}
	return lab
}

// environment is the namespace that the exercise runs in.
func (s *sitting) environment() string {
	lab := &v1beta1.Lab{}
	if err := s.suite.client.Get(context.Background(), s.key, lab); err != nil {
		return "none"
	}
	return lab.Status.Namespace
}

// task is empty where the exercise has no such task.
func (s *sitting) task(t *testing.T, name string) v1beta1.TaskStatus {
	for _, task := range s.lab(t).Status.Tasks {
		if task.Name == name {
			return task
		}
	}
	return v1beta1.TaskStatus{}
}

func (s *sitting) untilReady(t *testing.T) *v1beta1.Lab {
	var lab *v1beta1.Lab
	expecting(t).Eventually(func() bool {
		lab = s.lab(t)
		return meta.IsStatusConditionTrue(lab.Status.Conditions, v1beta1.ConditionReady)
	}).WithTimeout(readyWithin).WithPolling(100*time.Millisecond).Should(BeTrue(), func() string { return s.String() })
	return lab
}

func (s *sitting) run(ctx context.Context, script string, environ ...string) (string, error) {
	var out bytes.Buffer
	lab := &v1beta1.Lab{}
	if err := s.suite.client.Get(ctx, s.key, lab); err != nil {
		return "", err
	}
	err := s.learner.Run(ctx, script, s.key, lab.Status.Namespace, &out, environ...)
	return out.String(), err
}

// listen collects what a task says from now on.
func (s *sitting) listen(t *testing.T, task string) (read func() []string) {
	ctx, stop := context.WithCancel(t.Context())
	said, done := map[string]bool{}, make(chan struct{})
	var mu sync.Mutex
	note := func() {
		mu.Lock()
		defer mu.Unlock()
		status := &s.lab(t).Status
		for _, found := range status.Tasks {
			if found.Name == task {
				said[found.Expected], said[found.Observed] = true, true
			}
		}
		if status.Current.Task == nil || status.Current.Task.Name != task {
			return
		}
		for _, verdict := range status.Current.Task.Checks {
			if verdict.State != v1beta1.CheckPassed {
				said[verdict.Expected], said[verdict.Observed] = true, true
			}
		}
	}
	go func() {
		defer close(done)
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				note()
			}
		}
	}()
	return func() []string {
		stop()
		<-done
		texts := make([]string, 0, len(said))
		for text := range said {
			texts = append(texts, text)
		}
		return texts
	}
}

// leavesNothing deletes the Lab and looks for what was made for it.
func (s *sitting) leavesNothing(t *testing.T) {
	g := expecting(t)
	lab := s.lab(t)
	g.Expect(s.suite.client.Delete(t.Context(), lab)).To(Succeed())
	g.Eventually(func() error { return s.suite.client.Get(t.Context(), s.key, &v1beta1.Lab{}) }).
		WithTimeout(goneWithin).WithPolling(lookEvery).Should(MatchError(ContainSubstring("not found")))
	s.suite.leftNothing(t.Context(), g, s.uid)
}

// leftNothing expects that nothing is there of what was made for a Lab.
func (s *suite) leftNothing(ctx context.Context, g Gomega, lab types.UID) {
	ours := client.MatchingLabels{v1beta1.LabUIDLabel: string(lab)}
	namespaces := &corev1.NamespaceList{}
	g.Expect(s.client.List(ctx, namespaces, ours)).To(Succeed())
	g.Expect(namespaces.Items).To(BeEmpty())
}

// String is what the learner would read, for the message of a failed test.
func (s *sitting) String() string {
	lab := &v1beta1.Lab{}
	if err := s.suite.client.Get(context.Background(), s.key, lab); err != nil {
		return err.Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s tasks %s questions %s score %s\nnext: %s\n", s.key, lab.Status.Phase,
		lab.Status.Summary.Tasks, lab.Status.Summary.Questions, lab.Status.Summary.Score, lab.Status.Next)
	for _, condition := range lab.Status.Conditions {
		fmt.Fprintf(&b, "  %s=%s %s: %s\n", condition.Type, condition.Status, condition.Reason, condition.Message)
	}
	for _, task := range lab.Status.Tasks {
		fmt.Fprintf(&b, "  %s %s: expected %q, observed %q\n", task.Name, task.State, task.Expected, task.Observed)
	}
	for _, notice := range lab.Status.Notices {
		fmt.Fprintf(&b, "  notice: %s\n", notice)
	}
	return b.String()
}
