package cache

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func open(t *testing.T) Cache {
	t.Helper()
	t.Setenv("LAB_OPERATOR_CACHE", t.TempDir())
	cache, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	return cache
}

func TestMakeFillsOnce(t *testing.T) {
	cache := open(t)
	for range 2 {
		filled := 0
		dir, err := cache.Make("programs", "k1", func(dir string) error {
			filled++
			return os.WriteFile(filepath.Join(dir, "etcd"), nil, 0o755)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "etcd")); err != nil {
			t.Error(err)
		}
		if found, ok := cache.Find("programs", "k1"); !ok || found != dir {
			t.Errorf("found %s, %t; want %s", found, ok, dir)
		}
	}
}

func TestMakeLeavesNothingOfAFailure(t *testing.T) {
	cache := open(t)
	broken := errors.New("interrupted")
	if _, err := cache.Make("programs", "k1", func(string) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("error = %v, want %v", err, broken)
	}
	if _, found := cache.Find("programs", "k1"); found {
		t.Error("a failed fill was kept")
	}
	// A killed process removes nothing: the next one does.
	if err := os.MkdirAll(cache.Path("programs", ".new-killed"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Make("programs", "k2", func(string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(cache.Path("programs"))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != "k2" {
		t.Errorf("entries = %v, want k2 alone", entries)
	}
}

func TestOutdated(t *testing.T) {
	entries := []fs.FileInfo{aged{"oldest", 9}, aged{"newest", 1}, aged{"second", 2}, aged{"third", 3}}
	got := outdated(entries)
	if diff := cmp.Diff([]string{"third", "oldest"}, got); diff != "" {
		t.Errorf("outdated (-want +got):\n%s", diff)
	}
}

// aged is a file of that name, so many hours old.
type aged struct {
	name  string
	hours int
}

func (a aged) Name() string       { return a.name }
func (a aged) ModTime() time.Time { return time.Unix(0, 0).Add(-time.Duration(a.hours) * time.Hour) }
func (a aged) Size() int64        { return 0 }
func (a aged) Mode() fs.FileMode  { return fs.ModeDir }
func (a aged) IsDir() bool        { return true }
func (a aged) Sys() any           { return nil }

func TestKeyChangesWithWhatItNames(t *testing.T) {
	base := fstest.MapFS{"go.mod": {Data: []byte("module m")}, "rootfs/run": {Data: []byte("x"), Mode: 0o755}}
	key := func(files fstest.MapFS, values ...string) string {
		key, err := Key(files, []string{"go.mod", "rootfs"}, values...)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	keys := []string{
		key(base),
		key(base, "go1"),
		key(base, "g", "o1"),
		key(fstest.MapFS{"go.mod": base["go.mod"], "rootfs/run": {Data: []byte("y"), Mode: 0o755}}),
		key(fstest.MapFS{"go.mod": base["go.mod"], "rootfs/run": {Data: []byte("x"), Mode: 0o644}}),
		key(fstest.MapFS{"go.mod": base["go.mod"], "rootfs/other": {Data: []byte("x"), Mode: 0o755}}),
	}
	slices.Sort(keys)
	if distinct := slices.Compact(slices.Clone(keys)); len(distinct) != len(keys) {
		t.Errorf("keys are not distinct: %v", keys)
	}

	beside := fstest.MapFS{"go.mod": base["go.mod"], "rootfs/run": base["rootfs/run"], "README.md": {Data: []byte("words")}, "rootfs/run_test.go": {Data: []byte("tests")}}
	if key(beside) != key(base) {
		t.Error("a file that nothing is built from changed the key")
	}
	if _, err := Key(base, []string{"missing"}); err == nil {
		t.Error("a missing file was accepted")
	}
}

func TestRemember(t *testing.T) {
	cache := open(t)
	found := 0
	find := func() (string, error) {
		found++
		return "scratch", nil
	}
	for range 3 {
		got, err := cache.Remember("base", time.Hour, find)
		if err != nil || got != "scratch" {
			t.Errorf("answer = %q, %v", got, err)
		}
	}
	if found != 1 {
		t.Errorf("found out %d times, want once", found)
	}
	broken := errors.New("interrupted")
	if _, err := cache.Remember("other", time.Hour, func() (string, error) { return "", broken }); !errors.Is(err, broken) {
		t.Errorf("error = %v, want %v", err, broken)
	}
	if _, err := cache.Remember("other", time.Hour, find); err != nil || found != 2 {
		t.Errorf("a failure was remembered: %v, found out %d times", err, found)
	}
}

func TestFresh(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	for name, tc := range map[string]struct {
		age  time.Duration
		want bool
	}{
		"new":             {age: time.Minute, want: true},
		"too old":         {age: 2 * time.Hour},
		"from the future": {age: -time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fresh(answer{Found: now.Add(-tc.age)}, now, time.Hour); got != tc.want {
				t.Errorf("fresh = %t, want %t", got, tc.want)
			}
		})
	}
}
