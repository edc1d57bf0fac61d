// Package metrics is what Prometheus is told of the operator. No label names a learner, a lab or a namespace: there are
// as many series as the catalog has exercises, however many learn.
package metrics

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// Config is what Metrics need. All fields are required.
type Config struct {
	// Registerer is where they are served from while Start runs.
	Registerer prometheus.Registerer
	// Labs lists the Labs, from a cache: it is asked at every scrape.
	Labs client.Reader
	// Working is closed when this replica becomes the one that works. Others do not tell of labs, which would be counted
	// twice.
	Working <-chan struct{}
	// Clock is what ages are measured by.
	Clock clock.PassiveClock
}

// Metrics of one operator. Its methods can be called from any goroutine.
type Metrics struct {
	cfg  Config
	labs labs

	checkDuration prometheus.Histogram
	statusDelay   prometheus.Histogram
	provisioning  prometheus.Histogram
	tasksPassed   *prometheus.CounterVec
	labsCompleted *prometheus.CounterVec
	answersGraded *prometheus.CounterVec
	errors        *prometheus.CounterVec
	statusWrites  *prometheus.CounterVec

	// changes is since when a change in the evidence of a lab waits for a reconcile: a time.Time by types.NamespacedName.
	changes sync.Map
}

// New makes metrics that nobody is served before Start.
func New(cfg Config) *Metrics {
	m := &Metrics{
		cfg:  cfg,
		labs: newLabs(cfg),
		checkDuration: histogram("check_duration_seconds",
			"How long one evaluation of all open tasks of a lab took. Nothing is read from anywhere in that time.",
			0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2),
		statusDelay: histogram("status_delay_seconds",
			"How long after a change in a lab's namespace or services was heard of the status that shows it was written.",
			0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
		provisioning: histogram("provisioning_duration_seconds",
			"How long after a Lab was created its exercise was first set up, which includes waiting for a topic that was not there.",
			0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600),
		tasksPassed: counter("tasks_passed_total",
			"Tasks that were passed for the first time in their lab.", "topic", "exercise"),
		labsCompleted: counter("labs_completed_total",
			"Labs that were completed.", "topic", "exercise"),
		answersGraded: counter("answers_graded_total",
			"Answers that were graded: Right, Wrong, or the wrong one that used the last attempt. A repeated answer is not counted again.", "topic", "state"),
		errors: counter("platform_errors_total",
			"What went wrong through no fault of a learner: labs that stalled, reconciles that are tried again, looks at services that could not be taken.", "kind", "reason"),
		statusWrites: counter("status_writes_total",
			"Requests to write the status of a Lab, by what came of them.", "result"),
	}
	m.known()
	return m
}

// known brings counters whose labels are known to zero: what counts from nothing shows no increase at its first step.
func (m *Metrics) known() {
	for _, reason := range stalledReasons() {
		m.errors.WithLabelValues(kindStalled, reason)
	}
	for _, reason := range retryReasons() {
		m.errors.WithLabelValues(kindRetry, reason)
	}
	for _, reason := range []string{probeLasting, probePassing} {
		m.errors.WithLabelValues(kindProbe, reason)
	}
	for _, result := range []string{writeDone, writeConflict, writeFailed} {
		m.statusWrites.WithLabelValues(result)
	}
}

// gradedStates are those that an answer can be graded with.
func gradedStates() []v1alpha1.State {
	return []v1alpha1.State{v1alpha1.StateRight, v1alpha1.StateWrong, v1alpha1.StateExhausted}
}

// NeedLeaderElection is false: a replica that waits tells how it is, too.
func (m *Metrics) NeedLeaderElection() bool { return false }

// Start serves the metrics until the context ends. It fails where another operator's are served from the same place.
func (m *Metrics) Start(ctx context.Context) error {
	if err := m.cfg.Registerer.Register(m); err != nil {
		if errors.As(err, &prometheus.AlreadyRegisteredError{}) {
			return errors.New("another operator in this process serves its metrics from the same registry: give each a registry of its own")
		}
		return fmt.Errorf("register the metrics: %w", err)
	}
	<-ctx.Done()
	m.cfg.Registerer.Unregister(m)
	return nil
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, c := range m.all() {
		c.Describe(to)
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	for _, c := range m.all() {
		c.Collect(to)
	}
}

func (m *Metrics) all() []prometheus.Collector {
	return []prometheus.Collector{
		&m.labs, m.checkDuration, m.statusDelay, m.provisioning,
		m.tasksPassed, m.labsCompleted, m.answersGraded, m.errors, m.statusWrites,
	}
}

const namespace = "lab_operator"

func histogram(name, help string, buckets ...float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets})
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}
