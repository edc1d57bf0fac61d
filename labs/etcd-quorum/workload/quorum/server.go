package quorum

import "github.com/lab-operator/lab-operator/internal/workload/writelog"

// newServer tells what a writer knows.
func newServer(writer *Writer) *writelog.Server[State] {
	return &writelog.Server[State]{State: writer.State, Gauges: map[string]func(State) int{
		"acknowledged": func(s State) int { return s.Acknowledged },
		"refused":      func(s State) int { return s.Refused },
		"unknown":      func(s State) int { return s.Unknown },
	}}
}
