package golden

import (
	"os"
	"path/filepath"
	"testing"
)

// recorder keeps what a test would have been told.
type recorder struct {
	testing.TB

	failed bool
}

func (*recorder) Helper()                 {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }

func TestCompare(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.golden")
	if err := os.WriteFile(path, []byte("one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for got, wantFailed := range map[string]bool{"one\n": false, "two\n": true, "": true} {
		r := &recorder{TB: t}
		Compare(r, path, got)
		if r.failed != wantFailed {
			t.Errorf("%q fails: %v, want %v", got, r.failed, wantFailed)
		}
	}
}

func TestUpdate(t *testing.T) {
	*update = true
	t.Cleanup(func() { *update = false })
	path := filepath.Join(t.TempDir(), "a.golden")
	Compare(t, path, "one\n")
	*update = false
	Compare(t, path, "one\n")
}
