// Package progress tells on the terminal what is being done and for how long.
package progress

import (
	"fmt"
	"io"
	"time"
)

// Reporter writes one line a step, with the time since it was made.
type Reporter struct {
	out   io.Writer
	start time.Time
	now   func() time.Time
}

// New returns a reporter that starts counting now.
func New(out io.Writer) *Reporter {
	return &Reporter{out: out, start: time.Now(), now: time.Now}
}

// Step says what begins.
func (r *Reporter) Step(format string, args ...any) {
	elapsed := r.now().Sub(r.start).Round(time.Second)
	fmt.Fprintf(r.out, "%6s  %s\n", elapsed, fmt.Sprintf(format, args...))
}
