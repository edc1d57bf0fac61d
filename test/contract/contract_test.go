// Package contract holds every exercise to its contract on a real cluster: at the start no task has passed; the
// solution, with a learner's rights, completes the lab; every near miss leaves its task open and says why;
// deleting the lab leaves nothing. An exercise is a folder under labs/. EXERCISE=name runs one alone.
//
// The exercises in adapters/ are no part of the catalog: each shows of one evidence adapter that it sees what is so, what
// is not so yet, and what only looks so.
package contract

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	. "github.com/onsi/gomega"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/internal/evidence/adapters"
	"github.com/lab-operator/lab-operator/test/world"
)

// suite is what all runs share.
type suite struct {
	config *rest.Config
	client client.WithWatch
	topics map[string]string // by exercise, the first topic that lists it
}

// row is what the table at the end says of an exercise.
type row struct {
	exercise          string
	tasks             int
	ready, complete   time.Duration
	mutants, caught   int
	nothingLeftBehind bool
}

// minMutants is how many near misses an exercise of the catalog has at least.
const minMutants = 3

func TestExercises(t *testing.T) {
	g := NewWithT(t)
	s := connect(t)
	folders, err := found(filepath.Join(world.Root(), "labs"))
	g.Expect(err).NotTo(HaveOccurred())
	only := os.Getenv("EXERCISE")
	if only != "" {
		folders = slices.DeleteFunc(folders, func(folder string) bool { return filepath.Base(folder) != only })
	}
	g.Expect(folders).NotTo(BeEmpty(), "no exercise matches EXERCISE=%s", only)
	rows := make([]*row, len(folders))
	for i, folder := range folders {
		rows[i] = &row{exercise: filepath.Base(folder)}
		t.Run(rows[i].exercise, func(t *testing.T) { s.holds(t, folder, minMutants, rows[i]) })
	}
	t.Log("\n" + table(rows))
}

func TestAdapters(t *testing.T) {
	g := NewWithT(t)
	if os.Getenv("EXERCISE") != "" {
		t.Skip("EXERCISE asks for one exercise of the catalog")
	}
	folders, err := found("adapters")
	g.Expect(err).NotTo(HaveOccurred())
	for _, adapter := range adapters.All() {
		g.Expect(folders).To(ContainElement(filepath.Join("adapters", adapter.Name)), "an adapter is shown at work by an exercise")
	}
	g.Expect(publish(t, folders)).To(Succeed())
	s := connect(t)
	rows := make([]*row, len(folders))
	t.Run("together", func(t *testing.T) {
		for i, folder := range folders {
			rows[i] = &row{exercise: "adapter-" + filepath.Base(folder)}
			t.Run(filepath.Base(folder), func(t *testing.T) {
				t.Parallel()
				s.holds(t, folder, 1, rows[i])
			})
		}
	})
	t.Log("\n" + table(rows))
}

func connect(t *testing.T) *suite {
	g := NewWithT(t)
	config, admin, err := world.Connect(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	topics, err := topicsByExercise(t.Context(), admin)
	g.Expect(err).NotTo(HaveOccurred())
	return &suite{config: config, client: admin, topics: topics}
}

// holds runs the solution alone, so that nothing disturbs what it measures, and then the near misses together.
func (s *suite) holds(t *testing.T, folder string, mutants int, r *row) {
	exercise := r.exercise
	t.Run("solution", func(t *testing.T) { s.solutionCompletes(t, exercise, filepath.Join(folder, "solution.sh"), r) })
	scripts, err := filepath.Glob(filepath.Join(folder, "mutants", "*.sh"))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(len(scripts)).To(BeNumerically(">=", mutants), "an exercise has near misses")
	r.mutants = len(scripts)
	caught := make([]bool, len(scripts))
	t.Run("mutants", func(t *testing.T) {
		for i, script := range scripts {
			t.Run(strings.TrimSuffix(filepath.Base(script), ".sh"), func(t *testing.T) {
				t.Parallel()
				s.mutantIsCaught(t, exercise, script)
				caught[i] = !t.Failed()
			})
		}
	})
	for _, yes := range caught {
		if yes {
			r.caught++
		}
	}
}

// found lists the folders of exercises below another.
func found(root string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(root, "*", "exercise.yaml"))
	if err != nil {
		return nil, err
	}
	folders := make([]string, 0, len(files))
	for _, file := range files {
		folders = append(folders, filepath.Dir(file))
	}
	return folders, nil
}

func table(rows []*row) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "EXERCISE\tTASKS\tREADY\tCOMPLETE\tMUTANTS CAUGHT\tLEFTOVERS")
	for _, r := range rows {
		left := "none"
		if !r.nothingLeftBehind {
			left = "some, or not looked at"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%d/%d\t%s\n", r.exercise, r.tasks, r.ready.Round(time.Second/10), r.complete.Round(time.Second), r.caught, r.mutants, left)
	}
	_ = w.Flush() // a strings.Builder does not fail
	return b.String()
}

// bounded ends a script that does not end by itself.
func bounded(t *testing.T, limit time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}
