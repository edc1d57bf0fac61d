package labs

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/controllers/lab"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/recording"
)

// run is a recorded run of a script, and the exercise as it is now.
type run struct {
	recorded *recording.Recording
	pinned   *catalog.Compiled
	script   string // its text
	size     int    // of the file, in bytes
}

// TestReplay holds every exercise to its contract on what the operator saw of real runs: at the start no task has passed; a
// solution passes every task and answers the questions; a near miss leaves its task open and says why.
func TestReplay(t *testing.T) {
	all := load(t)
	for _, exercise := range slices.Sorted(maps.Keys(all.exercises)) {
		pins := sync.OnceValues(func() (map[string]*catalog.Compiled, error) { return all.compile(all.exercises[exercise]) })
		for _, script := range scripts(t, exercise) {
			t.Run(exercise+"/"+strings.TrimSuffix(script, ".sh"), func(t *testing.T) {
				t.Parallel()
				pinned, err := pins()
				if err != nil {
					t.Fatal(err)
				}
				for _, problem := range readRun(t, exercise, script).problems(t.Context(), pinned) {
					t.Error(problem)
				}
			})
		}
	}
}

// TestRecordingsAreFresh names the recordings that are missing, or were made from something else than there is now.
func TestRecordingsAreFresh(t *testing.T) {
	stale := map[string][]string{}
	for exercise := range load(t).exercises {
		wanted := map[string]bool{}
		for _, script := range scripts(t, exercise) {
			wanted[recordingOf(exercise, script)] = true
			origin, err := recording.Origin(exercise, script)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(recordingOf(exercise, script)); err != nil || readRun(t, exercise, script).recorded.Head.Origin != origin {
				stale[exercise] = append(stale[exercise], script)
			}
		}
		for _, pattern := range []string{"*", "*/*"} {
			for _, file := range matches(t, filepath.Join(exercise, recording.Folder, pattern+recording.Extension)) {
				if !wanted[file] {
					t.Errorf("%s is of no script: delete it", file)
				}
			}
		}
	}
	for _, exercise := range slices.Sorted(maps.Keys(stale)) {
		t.Errorf("not recorded since setup, evidence, params, quota, podSecurity, the script, what it sources, or the workload changed: %s. Run make record EXERCISE=%s",
			strings.Join(stale[exercise], ", "), exercise)
	}
}

// sizeLimit is what half of the recordings may have at the most, in bytes.
const sizeLimit = 64 << 10

// secrets is what must never be in a recording: tokens of service accounts and private keys.
var secrets = regexp.MustCompile(`eyJhbGciOi|PRIVATE KEY-----`)

func TestRecordingsAreSmallAndTellNoSecret(t *testing.T) {
	var sizes []int
	for exercise := range load(t).exercises {
		for _, script := range scripts(t, exercise) {
			r := readRun(t, exercise, script)
			sizes = append(sizes, r.size)
			for i, frame := range r.recorded.Frames {
				for name, item := range frame.Evidence {
					if secrets.Match(item.Value) {
						t.Errorf("%s: evidence %s of frame %d holds a secret", recordingOf(exercise, script), name, i+1)
					}
				}
			}
		}
	}
	slices.Sort(sizes)
	sum := 0
	for _, size := range sizes {
		sum += size
	}
	if median := sizes[len(sizes)/2]; median > sizeLimit {
		t.Errorf("the median of the recordings has %d bytes, over %d", median, sizeLimit)
	}
	t.Logf("%d recordings of %d bytes in all, the largest of %d", len(sizes), sum, sizes[len(sizes)-1])
}

// scripts are the solution of an exercise, its other right ways and its near misses.
func scripts(t *testing.T, exercise string) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"solution.sh", "solutions/*.sh", "mutants/*.sh"} {
		for _, file := range matches(t, filepath.Join(exercise, pattern)) {
			found = append(found, strings.TrimPrefix(filepath.ToSlash(file), exercise+"/"))
		}
	}
	return found
}

func recordingOf(exercise, script string) string {
	return filepath.Join(exercise, recording.Folder, strings.TrimSuffix(script, ".sh")+recording.Extension)
}

func readRun(t *testing.T, exercise, script string) *run {
	t.Helper()
	file := recordingOf(exercise, script)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v. Record it: make record EXERCISE=%s", err, exercise)
	}
	text, err := os.ReadFile(filepath.Join(exercise, script))
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := recording.Decode(data)
	if err != nil {
		t.Fatalf("%s: %v. Record it again: make record EXERCISE=%s", file, err, exercise)
	}
	return &run{recorded: recorded, script: string(text), size: len(data)}
}

// compile compiles an exercise with each topic that lists it, as an API server would have filled in defaults.
func (e *everything) compile(exercise *v1beta1.Exercise) (map[string]*catalog.Compiled, error) {
	compiled := map[string]*catalog.Compiled{}
	for name, topic := range e.topics {
		if !slices.Contains(topic.Spec.Exercises, exercise.Name) {
			continue
		}
		pin := catalog.Pin{Language: check.CurrentLanguage(), Bundle: catalog.NewBundle(exercise, topic, e.keys[name])}
		stored, err := pin.Encode()
		if err != nil {
			return nil, err
		}
		if pin, err = catalog.DecodePin(pin.Bundle.Name(), stored); err != nil {
			return nil, err
		}
		pinned, problems := catalog.Compile(pin)
		if len(problems) > 0 {
			return nil, fmt.Errorf("%v", problems)
		}
		compiled[name] = pinned
	}
	return compiled, nil
}

// problems lists what a run fails to do that the contract demands, by the revision for its topic.
func (r *run) problems(ctx context.Context, pinned map[string]*catalog.Compiled) []string {
	head := r.recorded.Head
	if r.pinned = pinned[head.Topic]; r.pinned == nil {
		return []string{fmt.Sprintf("topic %s does not list the exercise any more: make record EXERCISE=%s", head.Topic, head.Exercise)}
	}
	if strings.HasPrefix(head.Script, "mutants/") {
		return r.isCaught(ctx)
	}
	return r.completes(ctx, head.Script == "solution.sh")
}

// play judges the run, and shows each status. The start ends with the first moment at which the learner could work.
func (r *run) play(ctx context.Context, show func(now time.Time, status *v1beta1.LabStatus, isStart bool)) error {
	replay := lab.NewReplay(r.pinned, r.recorded.Head)
	return r.recorded.Play(func(m recording.Moment) (time.Duration, error) {
		isStart := !replay.Ready()
		status, again, err := replay.Look(ctx, m)
		if err == nil {
			show(m.Now, status, isStart)
		}
		return again, err
	})
}

// completes lists what a right way fails to achieve.
func (r *run) completes(ctx context.Context, answersQuestions bool) (problems []string) {
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	var last *v1beta1.LabStatus
	err := r.play(ctx, func(_ time.Time, status *v1beta1.LabStatus, isStart bool) {
		if isStart && status.TasksPassed > 0 {
			complain("%d tasks are passed before anything was done", status.TasksPassed)
		}
		last = status
	})
	if err != nil {
		complain("%v", err)
	}
	if last == nil {
		return problems
	}
	for _, task := range last.Tasks {
		if task.State != v1beta1.TaskPassed {
			complain("task %s is %s: expected %q, observed %q", task.Name, task.State, task.Expected, task.Observed)
		}
	}
	if last.CompletedAt == nil {
		complain("the lab is not completed")
	}
	if answersQuestions && last.ScorePercent != 100 {
		complain("the score is %d %%: %+v", last.ScorePercent, last.Questions)
	}
	return problems
}

func passed(status *v1beta1.LabStatus, task string) time.Time {
	for _, found := range status.Tasks {
		if found.Name == task && found.PassedAt != nil {
			return found.PassedAt.Time
		}
	}
	return time.Time{}
}

// claim is a line in the head of a near miss, as test/contract reads it.
var claim = regexp.MustCompile(`(?m)^# (task|says): (.+)$`)

func (r *run) claims() map[string]string {
	claims := map[string]string{}
	for _, line := range claim.FindAllStringSubmatch(r.script, -1) {
		claims[line[1]] = line[2]
	}
	return claims
}

// isCaught lists where a near miss does not do what its head claims.
func (r *run) isCaught(ctx context.Context) (problems []string) {
	claims := r.claims()
	if claims["task"] == "" || claims["says"] == "" {
		return []string{"its first lines lack '# task: NAME' or '# says: PART OF THE MESSAGE'"}
	}
	said := map[string]bool{}
	passedAt := time.Time{}
	err := r.play(ctx, func(now time.Time, status *v1beta1.LabStatus, _ bool) {
		for _, text := range wordsOf(status, claims["task"]) {
			said[text] = true
		}
		if passedAt.IsZero() && !passed(status, claims["task"]).IsZero() {
			passedAt = now
		}
	})
	if err != nil {
		problems = append(problems, err.Error())
	}
	if !passedAt.IsZero() {
		problems = append(problems, fmt.Sprintf("task %s passes %s after the start", claims["task"], passedAt.Sub(r.recorded.Frames[0].Now).Round(time.Second/10)))
	}
	for text := range said {
		if strings.Contains(text, claims["says"]) {
			return problems
		}
	}
	return append(problems, fmt.Sprintf("task %s never says %q. It says:\n%s", claims["task"], claims["says"], strings.Join(slices.Sorted(maps.Keys(said)), "\n")))
}

// wordsOf are what a learner reads of a task that is open.
func wordsOf(status *v1beta1.LabStatus, task string) []string {
	var words []string
	for _, found := range status.Tasks {
		if found.Name == task {
			words = append(words, found.Expected, found.Observed)
		}
	}
	if current := status.Current.Task; current != nil && current.Name == task {
		for _, verdict := range current.Checks {
			if verdict.State != v1beta1.CheckPassed {
				words = append(words, verdict.Expected, verdict.Observed)
			}
		}
	}
	return words
}
