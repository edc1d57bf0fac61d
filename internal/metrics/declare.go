package metrics

import "github.com/prometheus/client_golang/prometheus"

const namespace = "lab_operator"

// histogram declares and registers a histogram.
func (m *Metrics) histogram(name, help string, buckets ...float64) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets})
	m.collectors = append(m.collectors, h)
	return h
}

// counter declares and registers a counter. The series are those that are known from the start: they begin at zero, since
// what counts from nothing shows no increase at its first step.
func (m *Metrics) counter(name, help string, labels []string, series ...[]string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.collectors = append(m.collectors, c)
	for _, values := range series {
		c.WithLabelValues(values...)
	}
	return c
}

// exerciseCounter declares a counter by exercise. It begins at zero when the exercise is first evaluated.
func (m *Metrics) exerciseCounter(name, help string) *prometheus.CounterVec {
	c := m.counter(name, help, []string{"topic", "exercise"})
	m.beginning = append(m.beginning, func(topic, exercise string) { c.WithLabelValues(topic, exercise) })
	return c
}

// topicCounter declares a counter by topic and a label with known values. They begin at zero when an exercise of the topic is
// first evaluated.
func (m *Metrics) topicCounter(name, help, label string, values []string) *prometheus.CounterVec {
	c := m.counter(name, help, []string{"topic", label})
	m.beginning = append(m.beginning, func(topic, _ string) {
		for _, value := range values {
			c.WithLabelValues(topic, value)
		}
	})
	return c
}
