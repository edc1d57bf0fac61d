package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// listTime is how long the list of Labs may take. It comes from memory, unless the cache is being filled.
const listTime = 5 * time.Second

// labs counts the Labs that there are, when it is asked.
type labs struct {
	cfg     Config
	phases  *prometheus.Desc
	stalled *prometheus.Desc
	oldest  *prometheus.Desc
}

func newLabs(cfg Config) labs {
	gauge := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
	}
	return labs{
		cfg:     cfg,
		phases:  gauge("labs", "Labs by phase. A Lab that has none yet is Pending.", "phase"),
		stalled: gauge("labs_stalled", "Labs that wait for their author or the platform, by the reason of their condition Stalled.", "reason"),
		oldest: gauge("oldest_unprovisioned_lab_seconds",
			"Age of the oldest Lab that has never been set up, though it has not stalled; zero where there is none."),
	}
}

// Describe implements prometheus.Collector.
func (l *labs) Describe(to chan<- *prometheus.Desc) {
	to <- l.phases
	to <- l.stalled
	to <- l.oldest
}

// Collect implements prometheus.Collector. Where labs cannot be counted nothing is told of them: to fail would be to
// tell nothing at all.
func (l *labs) Collect(to chan<- prometheus.Metric) {
	select {
	case <-l.cfg.Working:
	default:
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), listTime)
	defer cancel()
	found := &v1alpha1.LabList{}
	// The Labs are the cache's own: they are only read here, and not copied for each scrape.
	if err := l.cfg.Labs.List(ctx, found, client.UnsafeDisableDeepCopy); err != nil {
		return
	}
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	sum := l.count(found.Items)
	for phase, labs := range sum.phases {
		gauge(l.phases, float64(labs), string(phase))
	}
	for reason, labs := range sum.stalled {
		gauge(l.stalled, float64(labs), reason)
	}
	gauge(l.oldest, sum.oldest.Seconds())
}

// sums are what is told of all Labs together.
type sums struct {
	phases  map[v1alpha1.LabPhase]int
	stalled map[string]int
	oldest  time.Duration
}

// count goes over the Labs. What is counted by is there even where its count is zero.
func (l *labs) count(all []v1alpha1.Lab) sums {
	sum := sums{stalled: map[string]int{}, phases: map[v1alpha1.LabPhase]int{
		v1alpha1.LabPending: 0, v1alpha1.LabProvisioning: 0, v1alpha1.LabInProgress: 0, v1alpha1.LabCompleted: 0, v1alpha1.LabAbsent: 0,
	}}
	for _, reason := range stalledReasons() {
		sum.stalled[reason] = 0
	}
	for i := range all {
		lab := &all[i]
		phase := lab.Status.Phase
		if phase == "" {
			phase = v1alpha1.LabPending
		}
		sum.phases[phase]++
		stalled := meta.FindStatusCondition(lab.Status.Conditions, v1alpha1.ConditionStalled)
		switch {
		case stalled != nil && stalled.Status == metav1.ConditionTrue:
			sum.stalled[stalled.Reason]++
		case waits(lab):
			sum.oldest = max(sum.oldest, l.cfg.Clock.Since(lab.CreationTimestamp.Time))
		}
	}
	return sum
}

// waits tells whether a Lab is still to be set up for the first time.
func waits(lab *v1alpha1.Lab) bool {
	return lab.Status.StartedAt == nil && lab.DeletionTimestamp.IsZero() && lab.Spec.Environment != v1alpha1.EnvironmentAbsent
}
