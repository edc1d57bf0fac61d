package faults

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// countsFile is the environment variable that names a file for the counts of all suites: go test
// prints nothing of tests that pass.
const countsFile = "LAB_COUNTS_FILE"

var reportMu sync.Mutex

// report logs what a test has done, in one line.
func report(t *testing.T, format string, args ...any) {
	t.Helper()
	line := "faults: " + fmt.Sprintf(format, args...)
	t.Log(line)
	name := os.Getenv(countsFile)
	if name == "" {
		return
	}
	reportMu.Lock()
	defer reportMu.Unlock()
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = fmt.Fprintln(file, line)
	}
	if err != nil {
		t.Errorf("write the counts: %v", err)
		return
	}
	if err := file.Close(); err != nil {
		t.Errorf("write the counts: %v", err)
	}
}
