package progress

import (
	"fmt"
	"strings"

	"sigs.k8s.io/kind/pkg/log"
)

// KindLogger lets kind report its steps as ours.
func (r *Reporter) KindLogger() log.Logger { return kindLogger{r} }

type kindLogger struct{ reporter *Reporter }

func (l kindLogger) Warn(message string)               { l.line("warning: " + message) }
func (l kindLogger) Warnf(format string, args ...any)  { l.Warn(fmt.Sprintf(format, args...)) }
func (l kindLogger) Error(message string)              { l.line("error: " + message) }
func (l kindLogger) Errorf(format string, args ...any) { l.Error(fmt.Sprintf(format, args...)) }

// V hides kind's details: they are in its errors when something fails.
func (l kindLogger) V(level log.Level) log.InfoLogger {
	if level > 0 {
		return log.NoopInfoLogger{}
	}
	return l
}

func (l kindLogger) Info(message string)              { l.line(message) }
func (l kindLogger) Infof(format string, args ...any) { l.Info(fmt.Sprintf(format, args...)) }
func (l kindLogger) Enabled() bool                    { return true }

// line keeps what begins ("•") and drops the tick that repeats it when done.
func (l kindLogger) line(message string) {
	message = strings.TrimSpace(message)
	if message == "" || strings.HasPrefix(message, "✓") {
		return
	}
	l.reporter.Step("kind: %s", strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(message, "•"), "...")))
}
