//go:build cluster

package contract

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// counts are what the suite of mistakes did.
type counts struct{ mistakes, breaks, fresh, completed atomic.Int32 }

// TestMistakes plays learners who slip and who take breaks: from wherever that leads, the lab says the way on, and a fresh
// environment can be completed. SAMPLE=n takes n exercises, others for another SEED; EXERCISE=name takes one.
func TestMistakes(t *testing.T) {
	g := expecting(t)
	folders, err := found(filepath.Join(testenv.Root(), "labs"), "", minMutants)
	g.Expect(err).NotTo(HaveOccurred())
	folders = sampled(folders, os.Getenv("EXERCISE"), os.Getenv("SAMPLE"), os.Getenv("SEED"))
	g.Expect(folders).NotTo(BeEmpty(), "no exercise is taken: EXERCISE=%s SAMPLE=%s", os.Getenv("EXERCISE"), os.Getenv("SAMPLE"))
	s, done := connect(t), &counts{}
	for _, f := range folders {
		if f.isAlone(t) {
			s.slips(t, f, done)
		}
	}
	t.Run("together", func(t *testing.T) {
		for _, f := range folders {
			if !f.isAlone(t) {
				s.slips(t, f, done)
			}
		}
	})
	t.Logf("%d exercises: %d mistakes told, %d breaks behind a task, %d fresh environments, %d labs completed",
		len(folders), done.mistakes.Load(), done.breaks.Load(), done.fresh.Load(), done.completed.Load())
}

// slips plays both learners of an exercise.
func (s *suite) slips(t *testing.T, f folder, done *counts) {
	for _, learner := range []struct {
		name  string
		plays func(*testing.T, folder, *counts)
	}{{"mistakes", s.waysOut}, {"breaks", s.breaks}} {
		t.Run(f.exercise+"/"+learner.name, func(t *testing.T) {
			if !f.isAlone(t) {
				t.Parallel()
			}
			learner.plays(t, f, done)
		})
	}
}

// breaks takes a break behind every task in turn: the work is done again up to the next, and at last to the end.
func (s *suite) breaks(t *testing.T, f folder, count *counts) {
	g := expecting(t)
	sitting := s.sit(t, f.exercise, "breaks")
	lab := sitting.untilReady(t)
	for _, task := range lab.Status.Tasks {
		out, err := sitting.run(bounded(t, solvedWithin), f.solution(), "STOP_AFTER="+task.Name)
		g.Expect(err).NotTo(HaveOccurred(), "up to task %s again\n%s\n%s", task.Name, out, sitting)
		g.Expect(sitting.task(t, task.Name).State).To(Equal(v1beta1.TaskPassed), "%s\n%s", out, sitting)
		// Behind the last task that the solution comes to, there is nothing left to be done.
		if sitting.isCompleted(t) {
			count.completed.Add(1)
			return
		}
		count.breaks.Add(1)
		sitting.startsAfresh(t)
		count.fresh.Add(1)
	}
	t.Error("every task has been passed, and the lab is not completed")
}

// isCompletedBy runs the solution to its end.
func (s *sitting) isCompletedBy(t *testing.T, f folder) {
	g := expecting(t)
	out, err := s.run(bounded(t, solvedWithin), f.solution())
	g.Expect(err).NotTo(HaveOccurred(), "%s\n%s", out, s)
	g.Eventually(func() bool { return s.isCompleted(t) }).WithTimeout(settledWithin).WithPolling(lookEvery).
		Should(BeTrue(), func() string { return out + s.String() })
}

// isCompleted tells whether every task has been passed.
func (s *sitting) isCompleted(t *testing.T) bool { return s.lab(t).Status.CompletedAt != nil }

// startsAfresh asks for another environment as a learner does, and waits until it can be worked in.
func (s *sitting) startsAfresh(t *testing.T) {
	g := expecting(t)
	ask := func(environment v1beta1.Environment) {
		patch := client.RawPatch("application/merge-patch+json", []byte(fmt.Sprintf(`{"spec":{"environment":%q}}`, environment)))
		g.Expect(s.client(t).Patch(t.Context(), &v1beta1.Lab{ObjectMeta: metaOf(s.key.Namespace, s.key.Name)}, patch)).To(Succeed())
	}
	ask(v1beta1.EnvironmentAbsent)
	g.Eventually(func() *v1beta1.LabEnvironment { return s.lab(t).Status.Environment }).WithTimeout(goneWithin).WithPolling(lookEvery).Should(BeNil())
	ask(v1beta1.EnvironmentPresent)
	g.Eventually(func() *v1beta1.LabEnvironment { return s.lab(t).Status.Environment }).WithTimeout(goneWithin).WithPolling(lookEvery).
		ShouldNot(BeNil(), func() string { return s.String() })
	s.untilReady(t)
}

// client has the learner's rights.
func (s *sitting) client(t *testing.T) client.Client {
	g := expecting(t)
	config, err := clientcmd.BuildConfigFromFlags("", s.learner.Kubeconfig)
	g.Expect(err).NotTo(HaveOccurred())
	learner, err := client.New(config, client.Options{Scheme: s.suite.client.Scheme()})
	g.Expect(err).NotTo(HaveOccurred())
	return learner
}

// setup are the objects that the exercise of a folder starts with.
func (f folder) setup() ([]*unstructured.Unstructured, error) {
	text, err := os.ReadFile(filepath.Join(f.path, "exercise.yaml"))
	if err != nil {
		return nil, err
	}
	exercise := &v1beta1.Exercise{}
	if err := yaml.UnmarshalStrict(text, exercise); err != nil {
		return nil, fmt.Errorf("%s: %w", f.path, err)
	}
	objects := make([]*unstructured.Unstructured, 0, len(exercise.Spec.Setup))
	for _, raw := range exercise.Spec.Setup {
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(raw.Raw); err != nil {
			return nil, fmt.Errorf("%s: %w", f.path, err)
		}
		objects = append(objects, object)
	}
	return objects, nil
}

// sampled takes the exercises that are asked for: one by its name, so many behind the place that a seed gives, or all.
func sampled(folders []folder, name, size, seed string) []folder {
	if name != "" {
		var one []folder
		for _, f := range folders {
			if f.exercise == name {
				one = append(one, f)
			}
		}
		return one
	}
	n, err := strconv.Atoi(size)
	if err != nil || n > len(folders) {
		return folders
	}
	first := draw(seed, len(folders))
	taken := make([]folder, 0, n)
	for i := range n {
		taken = append(taken, folders[(first+i)%len(folders)])
	}
	return taken
}

// changed are the exercises with these names, or all where there are none.
func changed(folders []folder, names []string) []folder {
	latest := slices.DeleteFunc(slices.Clone(folders), func(f folder) bool { return !slices.Contains(names, f.exercise) })
	if len(latest) == 0 {
		return folders
	}
	return latest
}

// draw is a number below n that is the same whenever the seed is.
func draw(seed string, n int) int {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(seed)) // a hash takes every byte
	return int(sum.Sum32() % uint32(n))
}
