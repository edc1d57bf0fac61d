//go:build fixtures

package upgrade

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/internal/quiz"
	"github.com/lab-operator/lab-operator/internal/roster"
	"github.com/lab-operator/lab-operator/test/fixture"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// Names that only the fixtures need.
const (
	choice = "choice" // the question with options
	notes  = "notes"  // the exercise of the workshop, and its topic
)

// exercise has every feature that a pin or a status keeps something of.
func exercise() *v1beta1.Exercise {
	return &v1beta1.Exercise{
		ObjectMeta: metav1.ObjectMeta{Name: levels},
		Spec: v1beta1.ExerciseSpec{
			Title: "Raise the level", Description: "The level is too low.", Difficulty: v1beta1.DifficultyBeginner, EstimatedMinutes: 5,
			Params: []v1beta1.Param{{Name: "floor", Range: &v1beta1.ParamRange{Min: 3, Max: 9}}},
			Setup: []runtime.RawExtension{
				fixture.ConfigMap(settings, map[string]string{"level": "1", "language": "none", "text": "hello"}),
			},
			Evidence: []v1beta1.Evidence{
				fixture.ConfigMapEvidence(settings),
				{Name: "diaries", List: &v1beta1.ListEvidence{APIVersion: "v1", Kind: "ConfigMap", Selector: map[string]string{"kind": diary}}},
			},
			Tasks: []v1beta1.Task{{
				Name: "plain", Title: "Raise the level", Instructions: "Set the level to $(params.floor) at least.", Points: 1,
				Checks: []v1beta1.Check{{
					Expression: "int(settings.data.level) >= params.floor", Expected: "the level is at least $(params.floor)", Observed: "'it is ' + settings.data.level",
				}},
				Hints: []v1beta1.Hint{{After: metav1.Duration{Duration: 24 * time.Hour}, Text: "Use kubectl patch."}},
			}, {
				Name: "held", Title: "Greet for a while", Instructions: "Say hi.", Points: 2, DependsOn: []string{"plain"},
				HoldFor: &metav1.Duration{Duration: 200 * time.Millisecond}, Outputs: map[string]string{"text": "settings.data.text"},
				Checks: []v1beta1.Check{{Expression: "settings.data.text.startsWith('hi')", Expected: "the greeting says hi", Observed: "'it says ' + settings.data.text"}},
			}, {
				Name: "kept", Title: "Keep a language", Instructions: "Choose English.", Points: 1, Mode: v1beta1.TaskContinuous,
				Checks: []v1beta1.Check{{Expression: "settings.data.language == 'en'", Expected: "the language is en", Observed: "'it is ' + settings.data.language"}},
			}, {
				Name: "last", Title: "Write it down", Instructions: "Note what the greeting was.", Points: 1, DependsOn: []string{"held"},
				Checks: []v1beta1.Check{{Expression: "diaries.exists(d, d.data.text == done.held.text)", Expected: "a diary quotes the greeting", Observed: "string(diaries.size()) + ' diaries'"}},
			}},
		},
	}
}

// catalog is the exercise of the labs, and another one for the workshop.
func catalog() []client.Object {
	question := func(id, task string, form v1beta1.QuestionType, options ...v1beta1.Option) v1beta1.Question {
		return v1beta1.Question{ID: id, InterviewQuestion: "What about " + id + "?", Prompt: "Which " + id + "?", Type: form,
			Options: options, Exercise: levels, Task: task, Attempts: 2}
	}
	later := question("later", "held", v1beta1.QuestionTypeNumber)
	later.Reveal = v1beta1.RevealAfterTask
	topic := fixture.Topic(levels, "Levels",
		question(choice, "plain", v1beta1.QuestionTypeChoice, v1beta1.Option{Name: "one", Text: "The first"}, v1beta1.Option{Name: "two", Text: "The second"}, v1beta1.Option{Name: "three", Text: "The third"}),
		question("number", "plain", v1beta1.QuestionTypeNumber),
		question("live", "plain", v1beta1.QuestionTypeText),
		later,
	)
	key := fixture.AnswerKey(levels,
		v1beta1.Answer{ID: choice, Choice: "two", ModelAnswer: "The second.", OptionFeedback: []v1beta1.OptionFeedback{{Option: "one", Text: "That is too early."}}},
		v1beta1.Answer{ID: "number", Number: &v1beta1.NumberAnswer{Value: "42"}, ModelAnswer: "42.", Feedback: "Count again."},
		v1beta1.Answer{ID: "live", Live: &v1beta1.LiveAnswer{Expression: "settings.data.text"}, ModelAnswer: "What the settings say."},
		v1beta1.Answer{ID: "later", Number: &v1beta1.NumberAnswer{Value: "7"}, ModelAnswer: "7."},
	)
	other := exercise()
	other.Name, other.Spec.Title, other.Spec.Tasks = notes, "Take notes", other.Spec.Tasks[:2]
	count := question("count", "plain", v1beta1.QuestionTypeNumber)
	count.Exercise = notes
	return []client.Object{
		exercise(), other, key, topic,
		fixture.AnswerKey(notes, v1beta1.Answer{ID: "count", Number: &v1beta1.NumberAnswer{Value: "3"}, ModelAnswer: "3."}),
		fixture.Topic(notes, "Notes", count),
	}
}

// letter is what the learner of a lab types for an option.
func letter(lab, option string) string {
	topic := catalog()[3].(*v1beta1.Topic)
	return quiz.Letters(metav1.NamespaceDefault+"/"+lab, topic.Spec.Questions[0])[option]
}

// TestFixtures writes the state of this checkout into a new folder.
func TestFixtures(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	began := time.Now().Truncate(time.Second)
	s := startSite(t)
	if err := fixture.Publish(t.Context(), s.Client, catalog()...); err != nil {
		t.Fatal(err)
	}
	running, err := testenv.RunOperator(testenv.Impersonate(s.Config, testenv.OperatorAccount), operator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := running.Stop(); err != nil {
			t.Error(err)
		}
	}()

	for name, reach := range map[string]func(l *learner){
		"fresh":  func(*learner) {},
		"midway": func(l *learner) { l.work(`{"level":"9","text":"hi there"}`); l.until("2/4", "0/4") },
		"wrong":  func(l *learner) { l.answer(`{"number":41}`); l.attempted("number", 1) },
		"right":  func(l *learner) { l.answer(`{"live":"hello"}`); l.until("0/4", "1/4") },
		"exhausted": func(l *learner) {
			l.answer(fmt.Sprintf(`{"choice":%q}`, letter("exhausted", "one")))
			l.attempted(choice, 1)
			l.answer(fmt.Sprintf(`{"choice":%q}`, letter("exhausted", "three")))
			l.attempted(choice, 2)
		},
		"completed": func(l *learner) {
			l.work(`{"level":"9","text":"hi there","language":"en"}`)
			l.until("3/4", "0/4")
			l.write("hi there")
			l.until("4/4", "0/4")
			l.answer(`{"later":7}`)
			l.until("4/4", "1/4")
		},
		"absent": func(l *learner) {
			l.work(`{"level":"9"}`)
			l.until("1/4", "0/4")
			l.patch(`{"spec":{"environment":"Absent"}}`)
			l.eventually(func(status *v1beta1.LabStatus) bool {
				return status.Phase == v1beta1.LabAbsent && status.Environment == nil
			})
		},
	} {
		l := &learner{site: s, T: t, key: client.ObjectKey{Namespace: metav1.NamespaceDefault, Name: name}}
		if err := s.Client.Create(t.Context(), &v1beta1.Lab{
			ObjectMeta: metav1.ObjectMeta{Namespace: l.key.Namespace, Name: name}, Spec: v1beta1.LabSpec{Topic: levels}}); err != nil {
			t.Fatal(err)
		}
		l.ready()
		reach(l)
	}
	s.holdWorkshop(t, began)
	s.awaitQuiet(t)
	state, err := s.collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	written := t.TempDir()
	if err := save(written, presentCRDs(t), state, began); err != nil {
		t.Fatal(err)
	}
	newest, next := folders(t)
	if sameFiles(t, written, newest) {
		t.Logf("%s is up to date", newest)
		return
	}
	if err := os.CopyFS(next, os.DirFS(written)); err != nil {
		t.Fatal(err)
	}
	t.Logf("wrote %d objects into %s", len(state), next)
}

// holdWorkshop opens a workshop of two attendees, of whom one has begun.
func (s *site) holdWorkshop(t *testing.T, began time.Time) {
	t.Helper()
	workshop := &v1beta1.Workshop{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: "class"},
		Spec: v1beta1.WorkshopSpec{
			Attendees:    []v1beta1.Attendee{{Name: "Ada Lovelace"}, {Name: "ben"}},
			LabTemplates: []v1beta1.LabTemplate{{Name: "first", Spec: v1beta1.LabSpec{Topic: notes}}},
			ClosesAt:     metav1.NewTime(began.Add(48 * time.Hour)), APIServer: "https://203.0.113.7:6443",
		},
	}
	if err := s.Client.Create(t.Context(), workshop); err != nil {
		t.Fatal(err)
	}
	key := client.ObjectKeyFromObject(workshop)
	for _, attendee := range workshop.Spec.Attendees {
		handle := roster.Handle(attendee.Name)
		l := &learner{site: s, T: t, key: client.ObjectKey{Namespace: roster.NamespaceName(key, handle), Name: "first"}}
		l.ready()
		if handle == "ben" {
			l.work(`{"level":"9"}`)
			l.answer(`{"count":4}`)
			l.attempted("count", 1)
			l.until("1/2", "0/1")
		}
	}
	testenv.Eventually(t, patience, "both attendees are ready, and one has begun", func() error {
		if err := s.Client.Get(t.Context(), key, workshop); err != nil {
			return err
		}
		if workshop.Status.Ready != 2 || workshop.Status.MedianScorePercent == nil {
			return fmt.Errorf("the status is %+v", workshop.Status)
		}
		return nil
	})
}

// folders are the last folder of fixtures and the one after it.
func folders(t *testing.T) (newest, next string) {
	t.Helper()
	for n := 1; ; n++ {
		next = filepath.Join("testdata", fmt.Sprintf("%s-%d", v1beta1.GroupVersion.Version, n))
		if _, err := os.Stat(next); os.IsNotExist(err) {
			return newest, next
		}
		newest = next
	}
}

// sameFiles tells whether another folder has all files of one.
func sameFiles(t *testing.T, one, other string) bool {
	t.Helper()
	entries, err := os.ReadDir(one)
	if err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(entries, func(entry os.DirEntry) bool {
		a, err := os.ReadFile(filepath.Join(one, entry.Name()))
		b, otherErr := os.ReadFile(filepath.Join(other, entry.Name()))
		return err != nil || otherErr != nil || !bytes.Equal(a, b)
	})
}

// attempted waits until a question has so many attempts.
func (l *learner) attempted(question string, times int) {
	l.eventually(func(status *v1beta1.LabStatus) bool {
		return slices.ContainsFunc(status.Questions, func(q v1beta1.QuestionStatus) bool { return q.ID == question && len(q.Attempts) == times })
	})
}

// ready waits until the lab can be worked in.
func (l *learner) ready() {
	l.eventually(func(status *v1beta1.LabStatus) bool { return status.Phase == v1beta1.LabInProgress })
}

// awaitQuiet waits until nothing has changed for a while.
func (s *site) awaitQuiet(t *testing.T) {
	t.Helper()
	var last string
	var since time.Time
	testenv.Eventually(t, patience, "nothing changes", func() error {
		latest := &corev1.NamespaceList{} // its resource version is that of the whole server
		if err := s.Client.List(t.Context(), latest); err != nil {
			return err
		}
		if latest.ResourceVersion != last {
			last, since = latest.ResourceVersion, time.Now()
		}
		if time.Since(since) < 2*time.Second {
			return fmt.Errorf("the last change is %s old", time.Since(since))
		}
		return nil
	})
}
