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
//
// A new metric is a field, a line of New that declares and registers it, and a method that tells of it.
type Metrics struct {
	cfg        Config
	collectors []prometheus.Collector
	// beginning makes the series of an exercise, which count from zero.
	beginning []func(topic, exercise string)

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
	m := &Metrics{cfg: cfg, collectors: []prometheus.Collector{newLabs(cfg)}}
	m.checkDuration = m.histogram("check_duration_seconds",
		"How long one evaluation of all open tasks of a lab took. Nothing is read from anywhere in that time.",
		0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2)
	m.statusDelay = m.histogram("status_delay_seconds",
		"How long after a change in a lab's namespace or services was heard of the status that shows it was written.",
		0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
	m.provisioning = m.histogram("provisioning_duration_seconds",
		"How long after a Lab was created its exercise was first set up, which includes waiting for a topic that was not there.",
		0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600)
	m.tasksPassed = m.exerciseCounter("tasks_passed_total",
		"Tasks that were passed for the first time in their lab.")
	m.labsCompleted = m.exerciseCounter("labs_completed_total",
		"Labs that were completed.")
	m.answersGraded = m.topicCounter("answers_graded_total",
		"Answers that were graded: Right, Wrong, or the wrong one that used the last attempt. A repeated answer is not counted again.",
		"state", gradedStates())
	m.errors = m.counter("platform_errors_total",
		"What went wrong through no fault of a learner: labs that stalled, reconciles that are tried again, looks at services that could not be taken.",
		[]string{"kind", "reason"}, platformErrors()...)
	m.statusWrites = m.counter("status_writes_total",
		"Requests to write the status of a Lab, by what came of them.",
		[]string{"result"}, []string{writeDone}, []string{writeConflict}, []string{writeFailed})
	return m
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
	for _, c := range m.collectors {
		c.Describe(to)
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	for _, c := range m.collectors {
		c.Collect(to)
	}
}
