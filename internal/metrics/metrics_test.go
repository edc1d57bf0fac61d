package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/metrics"
	"github.com/lab-operator/lab-operator/test/scrape"
)

// listed are Labs that a cache holds.
type listed struct {
	client.Reader
	labs []v1beta1.Lab
	err  error
}

func (l *listed) List(_ context.Context, into client.ObjectList, _ ...client.ListOption) error {
	into.(*v1beta1.LabList).Items = l.labs
	return l.err
}

// start is when the tests take place.
var start = time.Unix(1_800_000_000, 0)

// stage is an operator's metrics that are being served.
type stage struct {
	*metrics.Metrics
	clock *clocktesting.FakePassiveClock
	url   string
}

// serve starts the metrics of an operator that works, or waits to.
func serve(t *testing.T, labs client.Reader, works bool) *stage {
	t.Helper()
	registry := prometheus.NewRegistry()
	working := make(chan struct{})
	if works {
		close(working)
	}
	s := &stage{clock: clocktesting.NewFakePassiveClock(start)}
	s.Metrics = metrics.New(metrics.Config{Registerer: registry, Labs: labs, Working: working, Clock: s.clock})
	if err := registry.Register(s.Metrics); err != nil {
		t.Fatal(err)
	}
	url, stop := scrape.Serve(registry)
	t.Cleanup(stop)
	s.url = url
	return s
}

func (s *stage) scrape(t *testing.T) scrape.Samples {
	t.Helper()
	samples, err := scrape.Get(t.Context(), s.url)
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

func TestLabs(t *testing.T) {
	at := func(age time.Duration) metav1.ObjectMeta {
		return metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(start.Add(-age))}
	}
	began := metav1.NewTime(start)
	stalled := []metav1.Condition{{Type: v1beta1.ConditionStalled, Status: metav1.ConditionTrue, Reason: v1beta1.ReasonTopicNotFound}}
	calm := []metav1.Condition{{Type: v1beta1.ConditionStalled, Status: metav1.ConditionFalse, Reason: v1beta1.ReasonNone}}
	leaving := at(8 * time.Hour)
	leaving.DeletionTimestamp = &began
	labs := &listed{labs: []v1beta1.Lab{
		{ObjectMeta: at(time.Second)},
		{ObjectMeta: at(time.Minute), Status: v1beta1.LabStatus{Phase: v1beta1.LabProvisioning, Conditions: calm}},
		{ObjectMeta: at(time.Hour), Status: v1beta1.LabStatus{Phase: v1beta1.LabPending, Conditions: stalled}},
		{ObjectMeta: at(2 * time.Hour), Status: v1beta1.LabStatus{Phase: v1beta1.LabInProgress, StartedAt: &began, Conditions: calm}},
		{ObjectMeta: at(3 * time.Hour), Status: v1beta1.LabStatus{Phase: v1beta1.LabCompleted, StartedAt: &began, Conditions: calm}},
		{ObjectMeta: at(4 * time.Hour), Spec: v1beta1.LabSpec{Environment: v1beta1.EnvironmentAbsent}, Status: v1beta1.LabStatus{Phase: v1beta1.LabAbsent}},
		{ObjectMeta: leaving, Status: v1beta1.LabStatus{Phase: v1beta1.LabPending}},
	}}
	got := serve(t, labs, true).scrape(t)
	want := scrape.Samples{
		`lab_operator_labs{phase="Pending"}`: 3, `lab_operator_labs{phase="Provisioning"}`: 1, `lab_operator_labs{phase="InProgress"}`: 1,
		`lab_operator_labs{phase="Completed"}`: 1, `lab_operator_labs{phase="Absent"}`: 1,
	}
	if diff := cmp.Diff(want, got.Named("lab_operator_labs")); diff != "" {
		t.Errorf("labs (-want +got):\n%s", diff)
	}
	if got := got[`lab_operator_oldest_unprovisioned_lab_seconds`]; got != 60 {
		t.Errorf("the oldest lab that is still to be set up is %v s old, want 60: others stalled, are Absent or leave", got)
	}
	if n := got[`lab_operator_labs_stalled{reason="TopicNotFound"}`]; n != 1 {
		t.Errorf("%v labs have no topic, want 1", n)
	}
	zero, there := got[`lab_operator_labs_stalled{reason="Forbidden"}`]
	if zero != 0 || !there {
		t.Errorf("no zero is told of labs that lack rights: %v", got.Named("lab_operator_labs_stalled"))
	}
}

func TestLabsAreNotToldOf(t *testing.T) {
	tests := map[string]struct {
		labs  client.Reader
		works bool
	}{
		"by a replica that waits, which would count them twice": {&listed{}, false},
		"where they cannot be listed":                           {&listed{err: errors.New("the cache is being filled")}, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := serve(t, tc.labs, tc.works).scrape(t)
			for series := range got {
				if strings.HasPrefix(series, "lab_operator_labs{") || strings.HasPrefix(series, "lab_operator_oldest") {
					t.Errorf("told: %s", series)
				}
			}
			if _, told := got[`lab_operator_status_writes_total{result="written"}`]; !told {
				t.Error("nothing is told of the rest")
			}
		})
	}
}

func TestVerbs(t *testing.T) {
	labs := schema.GroupResource{Resource: "labs"}
	made := &apierrors.StatusError{ErrStatus: metav1.Status{Code: http.StatusTeapot, Reason: "MadeUpByAWebhook"}}
	tests := map[string]struct {
		tell func(m *metrics.Metrics)
		want scrape.Samples
	}{
		"a task is passed": {
			func(m *metrics.Metrics) { m.TaskPassed("kubernetes", "hpa") },
			scrape.Samples{`lab_operator_tasks_passed_total{exercise="hpa",topic="kubernetes"}`: 1},
		},
		"a lab is completed": {
			func(m *metrics.Metrics) { m.LabCompleted("kubernetes", "hpa") },
			scrape.Samples{`lab_operator_labs_completed_total{exercise="hpa",topic="kubernetes"}`: 1},
		},
		"an answer is graded": {
			func(m *metrics.Metrics) { m.AnswerGraded("kubernetes", v1beta1.QuestionWrong) },
			scrape.Samples{`lab_operator_answers_graded_total{state="Wrong",topic="kubernetes"}`: 1},
		},
		"a lab stalls": {
			func(m *metrics.Metrics) { m.Stalled(v1beta1.ReasonForbidden) },
			scrape.Samples{`lab_operator_platform_errors_total{kind="stalled",reason="Forbidden"}`: 1},
		},
		"a reconcile ends well": {func(m *metrics.Metrics) { m.Retried(nil) }, scrape.Samples{}},
		"the API server has too much to do": {
			func(m *metrics.Metrics) {
				m.Retried(fmt.Errorf("apply: %w", apierrors.NewTooManyRequestsError("wait")))
			},
			scrape.Samples{`lab_operator_platform_errors_total{kind="retry",reason="TooManyRequests"}`: 1},
		},
		"the API server does not answer": {
			func(m *metrics.Metrics) { m.Retried(fmt.Errorf("apply: %w", context.DeadlineExceeded)) },
			scrape.Samples{`lab_operator_platform_errors_total{kind="retry",reason="Network"}`: 1},
		},
		"a reason that nobody knows makes no series": {
			func(m *metrics.Metrics) { m.Retried(made) },
			scrape.Samples{`lab_operator_platform_errors_total{kind="retry",reason="Other"}`: 1},
		},
		"looks that could not be taken": {
			func(m *metrics.Metrics) { m.ProbeFailed(true); m.ProbeFailed(false); m.ProbeFailed(false) },
			scrape.Samples{
				`lab_operator_platform_errors_total{kind="probe",reason="Lasting"}`: 1,
				`lab_operator_platform_errors_total{kind="probe",reason="Passing"}`: 2,
			},
		},
		"writes of a status that fail": {
			func(m *metrics.Metrics) {
				m.StatusWritten(apierrors.NewConflict(labs, "hpa", nil), start)
				m.StatusWritten(errors.New("no route"), start)
			},
			scrape.Samples{`lab_operator_status_writes_total{result="conflict"}`: 1, `lab_operator_status_writes_total{result="failed"}`: 1},
		},
		"a write that follows no change in the evidence": {
			func(m *metrics.Metrics) { m.StatusWritten(nil, time.Time{}) },
			scrape.Samples{`lab_operator_status_writes_total{result="written"}`: 1},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, &listed{}, true)
			before := s.scrape(t)
			tc.tell(s.Metrics)
			if diff := cmp.Diff(tc.want, s.scrape(t).Since(before)); diff != "" {
				t.Errorf("added (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTimes(t *testing.T) {
	s := serve(t, &listed{}, true)
	lab := types.NamespacedName{Namespace: "ann", Name: "hpa"}
	s.EvidenceChanged(lab)
	s.clock.SetTime(start.Add(time.Second))
	s.EvidenceChanged(lab)
	changed := s.TakeChange(lab)
	if !changed.Equal(start) {
		t.Errorf("the change that waits is of %v, want the first", changed)
	}
	if again := s.TakeChange(lab); !again.IsZero() {
		t.Errorf("it is taken a second time: %v", again)
	}
	s.StatusWritten(nil, changed)
	s.Provisioned(start.Add(-2 * time.Second))
	s.Evaluated("kubernetes", "hpa", 30*time.Millisecond)
	got := s.scrape(t)
	want := scrape.Samples{
		"lab_operator_status_delay_seconds_sum": 1, "lab_operator_status_delay_seconds_count": 1,
		"lab_operator_provisioning_duration_seconds_sum": 3, "lab_operator_provisioning_duration_seconds_count": 1,
		"lab_operator_check_duration_seconds_sum": 0.03, "lab_operator_check_duration_seconds_count": 1,
		`lab_operator_tasks_passed_total{exercise="hpa",topic="kubernetes"}`:      0,
		`lab_operator_labs_completed_total{exercise="hpa",topic="kubernetes"}`:    0,
		`lab_operator_answers_graded_total{state="Exhausted",topic="kubernetes"}`: 0,
		`lab_operator_answers_graded_total{state="Right",topic="kubernetes"}`:     0,
		`lab_operator_answers_graded_total{state="Wrong",topic="kubernetes"}`:     0,
	}
	maps.DeleteFunc(got, func(series string, _ float64) bool { _, wanted := want[series]; return !wanted })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("times, and zeros to count from (-want +got):\n%s", diff)
	}
}

func TestOperatorsInOneProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewRegistry()
		newMetrics := func() *metrics.Metrics {
			return metrics.New(metrics.Config{Registerer: registry, Labs: &listed{}, Working: make(chan struct{}), Clock: clocktesting.NewFakePassiveClock(start)})
		}
		ctx, stop := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() { first <- newMetrics().Start(ctx) }()
		synctest.Wait()
		if err := newMetrics().Start(t.Context()); err == nil || !strings.Contains(err.Error(), "give each a registry of its own") {
			t.Errorf("the second beside the first: %v", err)
		}
		stop()
		if err := <-first; err != nil {
			t.Errorf("the first: %v", err)
		}
		if left, err := registry.Gather(); len(left) > 0 || err != nil {
			t.Errorf("it left behind: %v, %v", left, err)
		}
		ctx, stop = context.WithCancel(t.Context())
		stop()
		if err := newMetrics().Start(ctx); err != nil {
			t.Errorf("the second behind the first: %v", err)
		}
	})
}
