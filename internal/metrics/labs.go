package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// listTime is how long the list of Labs may take. It comes from memory, unless the cache is being filled.
const listTime = 5 * time.Second

// labs counts the Labs that there are, when it is asked.
type labs struct {
	cfg    Config
	gauges []gauge
}

// gauge is one number, or one for each value of a label, of all Labs together.
type gauge struct {
	desc   *prometheus.Desc
	values func(sum sums, tell teller)
}

// teller takes a value of a gauge, with the value of its label if it has one.
type teller func(value float64, label ...string)

func newLabs(cfg Config) *labs {
	l := &labs{cfg: cfg}
	declare := func(name, help string, labels []string, values func(sum sums, tell teller)) {
		l.gauges = append(l.gauges, gauge{prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil), values})
	}
	declare("labs", "Labs by phase. A Lab that has none yet is Pending.", []string{"phase"},
		func(sum sums, tell teller) {
			for phase, labs := range sum.phases {
				tell(float64(labs), string(phase))
			}
		})
	declare("labs_stalled", "Labs that wait for their author or the platform, by the reason of their condition Stalled.", []string{"reason"},
		func(sum sums, tell teller) {
			for reason, labs := range sum.stalled {
				tell(float64(labs), reason)
			}
		})
	declare("oldest_unprovisioned_lab_seconds",
		"Age of the oldest Lab that has never been set up, though it has not stalled; zero where there is none.", nil,
		func(sum sums, tell teller) { tell(sum.oldest.Seconds()) })
	return l
}

// Describe implements prometheus.Collector.
func (l *labs) Describe(to chan<- *prometheus.Desc) {
	for _, g := range l.gauges {
		to <- g.desc
	}
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
	found := &v1beta1.LabList{}
	// The Labs are the cache's own: they are only read here, and not copied for each scrape.
	if err := l.cfg.Labs.List(ctx, found, client.UnsafeDisableDeepCopy); err != nil {
		return
	}
	sum := l.count(found.Items)
	for _, g := range l.gauges {
		g.values(sum, func(value float64, label ...string) {
			to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, value, label...)
		})
	}
}

// sums are what is told of all Labs together.
type sums struct {
	phases  map[v1beta1.LabPhase]int
	stalled map[string]int
	oldest  time.Duration
}

// count goes over the Labs. What is counted by is there even where its count is zero.
func (l *labs) count(all []v1beta1.Lab) sums {
	sum := sums{stalled: map[string]int{}, phases: map[v1beta1.LabPhase]int{
		v1beta1.LabPending: 0, v1beta1.LabProvisioning: 0, v1beta1.LabInProgress: 0, v1beta1.LabCompleted: 0, v1beta1.LabAbsent: 0,
	}}
	for _, reason := range stalledReasons() {
		sum.stalled[reason] = 0
	}
	for i := range all {
		lab := &all[i]
		phase := lab.Status.Phase
		if phase == "" {
			phase = v1beta1.LabPending
		}
		sum.phases[phase]++
		stalled := meta.FindStatusCondition(lab.Status.Conditions, v1beta1.ConditionStalled)
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
func waits(lab *v1beta1.Lab) bool {
	return lab.Status.StartedAt == nil && lab.DeletionTimestamp.IsZero() && lab.Spec.Environment != v1beta1.EnvironmentAbsent
}
