package metrics

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// Evaluated tells of one evaluation of a lab's checks. From then on its exercise is among the series that count.
func (m *Metrics) Evaluated(topic, exercise string, took time.Duration) {
	m.checkDuration.Observe(took.Seconds())
	for _, begin := range m.beginning {
		begin(topic, exercise)
	}
}

// Provisioned tells of a lab, created then, whose exercise has been set up for the first time.
func (m *Metrics) Provisioned(created time.Time) {
	m.provisioning.Observe(m.cfg.Clock.Since(created).Seconds())
}

// TaskPassed tells of a task that was passed for the first time in its lab.
func (m *Metrics) TaskPassed(topic, exercise string) {
	m.tasksPassed.WithLabelValues(topic, exercise).Inc()
}

// LabCompleted tells of a lab that was completed.
func (m *Metrics) LabCompleted(topic, exercise string) {
	m.labsCompleted.WithLabelValues(topic, exercise).Inc()
}

// AnswerGraded tells of an answer and the state that its question came to by it.
func (m *Metrics) AnswerGraded(topic string, state v1beta1.QuestionState) {
	m.answersGraded.WithLabelValues(topic, string(state)).Inc()
}

// Stalled tells of a lab that stalled, by the reason of the condition.
func (m *Metrics) Stalled(reason string) {
	m.errors.WithLabelValues(kindStalled, reason).Inc()
}

// Retried tells of a reconcile that ended with an error and is tried again. Without an error it tells of nothing.
func (m *Metrics) Retried(err error) {
	if err != nil {
		m.errors.WithLabelValues(kindRetry, retryReason(err)).Inc()
	}
}

// ProbeFailed tells of a look at a service that could not be taken, through no fault of the learner.
func (m *Metrics) ProbeFailed(lasting bool) {
	reason := probePassing
	if lasting {
		reason = probeLasting
	}
	m.errors.WithLabelValues(kindProbe, reason).Inc()
}

// StatusWritten tells of a request to write a status and of what came of it. Changed is when the operator heard of the
// change in the evidence that the status follows, zero where it follows none.
func (m *Metrics) StatusWritten(err error, changed time.Time) {
	m.statusWrites.WithLabelValues(writeResult(err)).Inc()
	if err == nil && !changed.IsZero() {
		m.statusDelay.Observe(m.cfg.Clock.Since(changed).Seconds())
	}
}

// EvidenceChanged tells that something changed for a lab, before the lab is reconciled for it.
func (m *Metrics) EvidenceChanged(lab types.NamespacedName) {
	m.changes.LoadOrStore(lab, m.cfg.Clock.Now())
}

// TakeChange is when the first change was heard of that no reconcile has taken yet, zero where there is none.
func (m *Metrics) TakeChange(lab types.NamespacedName) time.Time {
	taken, _ := m.changes.LoadAndDelete(lab)
	changed, _ := taken.(time.Time)
	return changed
}
