package chaos

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// countsFile is the environment variable that names a file for what the suites have counted: go test shows nothing of
// tests that pass.
const countsFile = "LAB_COUNTS_FILE"

var counts sync.Mutex

// count tells what a suite has done, in one line.
func count(t *testing.T, format string, args ...any) {
	t.Helper()
	line := "chaos: " + fmt.Sprintf(format, args...)
	t.Log(line)
	name := os.Getenv(countsFile)
	if name == "" {
		return
	}
	counts.Lock()
	defer counts.Unlock()
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = fmt.Fprintln(file, line)
	}
	if err != nil {
		t.Errorf("note what was counted: %v", err)
		return
	}
	if err := file.Close(); err != nil {
		t.Errorf("note what was counted: %v", err)
	}
}
