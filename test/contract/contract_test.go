// Package contract holds every exercise to its contract on a real cluster: at the start no task has passed; the
// solution, with a learner's rights, completes the lab; every near miss leaves its task open and says why;
// deleting the lab leaves nothing. An exercise is a folder under labs/. EXERCISE=name runs one alone.
package contract

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	. "github.com/onsi/gomega"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

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

func TestExercises(t *testing.T) {
	g := NewWithT(t)
	ctx := t.Context()
	config, admin, err := world.Connect(ctx)
	g.Expect(err).NotTo(HaveOccurred())
	s := &suite{config: config, client: admin}
	s.topics, err = topicsByExercise(ctx, admin)
	g.Expect(err).NotTo(HaveOccurred())

	exercises, err := found()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(exercises).NotTo(BeEmpty(), "no exercise matches EXERCISE=%s", os.Getenv("EXERCISE"))
	rows := make([]*row, len(exercises))
	for i, exercise := range exercises {
		rows[i] = &row{exercise: exercise}
		t.Run(exercise, func(t *testing.T) { s.holds(t, exercise, rows[i]) })
	}
	t.Log("\n" + table(rows))
}

// holds runs the solution alone, so that nothing disturbs what it measures, and then the near misses together.
func (s *suite) holds(t *testing.T, exercise string, r *row) {
	folder := filepath.Join(world.Root(), "labs", exercise)
	t.Run("solution", func(t *testing.T) { s.solutionCompletes(t, exercise, filepath.Join(folder, "solution.sh"), r) })
	scripts, err := filepath.Glob(filepath.Join(folder, "mutants", "*.sh"))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(len(scripts)).To(BeNumerically(">=", 3), "an exercise has at least three near misses")
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

// found lists the folders of exercises, or the one that is asked for.
func found() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(world.Root(), "labs", "*", "exercise.yaml"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		if only := os.Getenv("EXERCISE"); only == "" || only == name {
			names = append(names, name)
		}
	}
	return names, nil
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
