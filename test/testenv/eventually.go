package testenv

import (
	"testing"
	"time"
)

// pollInterval is how long Eventually waits between two calls.
const pollInterval = 20 * time.Millisecond

// Eventually waits until done returns no error, and fails the test with the last error after a
// time.
func Eventually(t *testing.T, within time.Duration, what string, done func() error) {
	t.Helper()
	deadline := time.After(within)
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		err := done()
		if err == nil {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("timed out: %s: %v", what, err)
		case <-t.Context().Done():
			t.Fatalf("the test ended before: %s: %v", what, err)
		case <-ticker.C:
		}
	}
}
