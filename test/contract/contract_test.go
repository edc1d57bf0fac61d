//go:build cluster

package contract

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	. "github.com/onsi/gomega"

	"golang.org/x/sync/semaphore"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/internal/evidence/adapters"
	"github.com/lab-operator/lab-operator/internal/recording"
	"github.com/lab-operator/lab-operator/test/internal/kindcluster"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// suite is what all runs share.
type suite struct {
	config *rest.Config
	client client.WithWatch
	topics map[string]string // by exercise, the first topic that lists it
	room   *semaphore.Weighted
	// recorder is shown what the operator sees, nil where nothing is recorded.
	recorder *recording.Recorder

	mu      sync.Mutex
	deleted []types.UID // Labs whose environments are going
}

// row is what the table at the end says of an exercise.
type row struct {
	exercise          string
	tasks             int
	ready, complete   time.Duration
	ways, mutants     int
	led, caught       atomic.Int32 // how many of the other ways completed the lab, and of the near misses did not
	nothingLeftBehind bool
}

// roomForLabs is the memory, in bytes, that the labs which run at the same time may use in all, and largestShare what one of them
// takes of it at the most. It stands for what a machine of two cores starts at once: three brokers or drivers of Spark, or six
// small servers.
const (
	roomForLabs  = 6 << 30
	largestShare = roomForLabs / 3
)

// minMutants is how many near misses an exercise of the catalog has at least. One of an adapter has one for each lie.
const minMutants = 3

// folder is where an exercise stands.
type folder struct {
	path, exercise string
	minMutants     int
}

func TestExercises(t *testing.T) {
	g := expecting(t)
	shown, err := found("adapters", "adapter-", 1)
	g.Expect(err).NotTo(HaveOccurred())
	for _, adapter := range adapters.All() {
		g.Expect(shown).To(ContainElement(folder{filepath.Join("adapters", adapter.Name), "adapter-" + adapter.Name, 1}), "an adapter is shown at work by an exercise")
	}
	folders, err := found(filepath.Join(testenv.Root(), "labs"), "", minMutants)
	g.Expect(err).NotTo(HaveOccurred())
	if only := os.Getenv("EXERCISE"); only != "" {
		shown = sampled(shown, only, "", "")
		folders = slices.Concat(sampled(folders, only, "", ""), shown)
		g.Expect(folders).NotTo(BeEmpty(), "no exercise matches EXERCISE=%s", only)
	} else {
		taken := sampled(folders, "", os.Getenv("SAMPLE"), os.Getenv("SEED"))
		latest := sampled(changed(folders, strings.Fields(os.Getenv("CHANGED"))), "", "1", os.Getenv("SEED"))
		if !slices.Contains(taken, latest[0]) {
			taken[0] = latest[0]
		}
		folders = slices.Concat(taken, shown)
	}
	if len(shown) > 0 {
		g.Expect(publish(t, shown)).To(Succeed())
	}
	s := connect(t)
	s.startOperator(t)
	rows := make([]*row, len(folders))
	for i, f := range folders {
		rows[i] = &row{exercise: f.exercise}
		if f.isAlone(t) {
			t.Run(f.exercise+"/solution", func(t *testing.T) { s.solutionCompletes(t, f, rows[i]) })
		}
	}
	// The others share the machine, as many at a time as go test -parallel says and as there is room for.
	t.Run("together", func(t *testing.T) {
		for i, f := range folders {
			t.Run(f.exercise, func(t *testing.T) {
				t.Parallel()
				s.holds(t, f, rows[i])
			})
		}
	})
	t.Run("leftovers", s.nothingIsLeft)
	t.Log("\n" + table(rows))
}

func connect(t *testing.T) *suite {
	g := expecting(t)
	config, admin, err := kindcluster.Connect(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	topics, err := topicsByExercise(t.Context(), admin)
	g.Expect(err).NotTo(HaveOccurred())
	return &suite{config: config, client: admin, topics: topics, room: semaphore.NewWeighted(roomForLabs)}
}

// holds runs the solution, where it has not been run alone, the other right ways and the near misses.
func (s *suite) holds(t *testing.T, f folder, r *row) {
	if !f.isAlone(t) {
		t.Run("solution", func(t *testing.T) {
			t.Parallel()
			s.solutionCompletes(t, f, r)
		})
	}
	ways := f.scripts(t, "solutions")
	r.ways = len(ways)
	for _, script := range ways {
		t.Run("solutions/"+scriptName(script), func(t *testing.T) {
			if !f.isAlone(t) {
				t.Parallel()
			}
			s.otherWayCompletes(t, f, script)
			if !t.Failed() {
				r.led.Add(1)
			}
		})
	}
	scripts := f.scripts(t, "mutants")
	expecting(t).Expect(len(scripts)).To(BeNumerically(">=", f.minMutants), "an exercise has near misses")
	r.mutants = len(scripts)
	for _, script := range scripts {
		t.Run(scriptName(script), func(t *testing.T) {
			if !f.isAlone(t) {
				t.Parallel()
			}
			s.mutantIsCaught(t, f, script)
			if !t.Failed() {
				r.caught.Add(1)
			}
		})
	}
}

// found lists the folders of exercises below another.
func found(root, prefix string, minMutants int) ([]folder, error) {
	files, err := filepath.Glob(filepath.Join(root, "*", "exercise.yaml"))
	if err != nil {
		return nil, err
	}
	folders := make([]folder, 0, len(files))
	for _, file := range files {
		path := filepath.Dir(file)
		folders = append(folders, folder{path, prefix + filepath.Base(path), minMutants})
	}
	return folders, nil
}

func (f folder) solution() string { return filepath.Join(f.path, "solution.sh") }

// isAlone tells whether the solution measures the machine, and has it for itself: its head says so.
func (f folder) isAlone(t *testing.T) bool {
	text, err := os.ReadFile(f.solution())
	expecting(t).Expect(err).NotTo(HaveOccurred())
	return bytes.Contains(text, []byte("\n# alone: "))
}

func table(rows []*row) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "EXERCISE\tTASKS\tREADY\tCOMPLETE\tOTHER WAYS\tMUTANTS CAUGHT\tLEFTOVERS")
	for _, r := range rows {
		left := "none"
		if !r.nothingLeftBehind {
			left = "some, or not looked at"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%d/%d\t%d/%d\t%s\n", r.exercise, r.tasks, r.ready.Round(time.Second/10), r.complete.Round(time.Second),
			r.led.Load(), r.ways, r.caught.Load(), r.mutants, left)
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
