package writelog_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lab-operator/lab-operator/internal/workload/writelog"
)

func open(t *testing.T, path string) *writelog.Log[string] {
	t.Helper()
	log, err := writelog.Open(path, writelog.Codec[string]{
		Size:   2,
		Encode: func(record string) []byte { return []byte(record) },
		Decode: func(data []byte) string { return string(data[:2]) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

func TestARecordWrittenInPartIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("aabbc"), 0o600); err != nil {
		t.Fatal(err)
	}
	log := open(t, path)
	if got := log.All(); !slices.Equal(got, []string{"aa", "bb"}) {
		t.Errorf("records %q", got)
	}
	if number, err := log.Begin("dd"); number != 3 || err != nil {
		t.Errorf("number %d, %v", number, err)
	}
	if err := log.End(1, "ee"); err != nil {
		t.Fatal(err)
	}
	want := []string{"ee", "bb", "dd"}
	if got := log.All(); !slices.Equal(got, want) {
		t.Errorf("records %q, want %q", got, want)
	}
	if got := open(t, path).All(); !slices.Equal(got, want) {
		t.Errorf("records in the file %q, want %q", got, want)
	}
}

func TestWhatCannotBeWrittenIsNotThere(t *testing.T) {
	log := open(t, filepath.Join(t.TempDir(), "folder", "log"))
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if number, err := log.Begin("aa"); err == nil || number != 0 || len(log.All()) != 0 {
		t.Errorf("number %d, %v, records %q", number, err, log.All())
	}
}
