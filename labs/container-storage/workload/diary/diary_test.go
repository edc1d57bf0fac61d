package diary

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func open(t *testing.T, folder, pod, life string) *Diary {
	t.Helper()
	d, err := Open(folder, pod, life)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestADiaryOutlivesItsWriter(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "made", "by", "it")
	for _, life := range []string{"one", "two"} {
		if _, err := open(t, folder, "pod-"+life, life).Write("written by " + life); err != nil {
			t.Fatal(err)
		}
	}
	got, err := open(t, folder, "pod-three", "three").Read()
	want := []Entry{{Text: "written by one", Pod: "pod-one", Life: "one"}, {Text: "written by two", Pod: "pod-two", Life: "two"}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Entry{}, "At")); err != nil || diff != "" {
		t.Errorf("%v, entries (-want +got):\n%s", err, diff)
	}
}

func TestBounds(t *testing.T) {
	d := open(t, t.TempDir(), "pod", "life")
	for _, text := range []string{"", strings.Repeat("x", maxText+1)} {
		if _, err := d.Write(text); !errors.Is(err, errText) {
			t.Errorf("a text of %d bytes: %v", len(text), err)
		}
	}
	for range maxEntries {
		if _, err := d.Write(strings.Repeat("x", maxText)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Write("one more"); !errors.Is(err, errFull) {
		t.Errorf("one entry too many: %v", err)
	}
}

func TestAFileOfSomethingElse(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, fileName), []byte("{}\nhello\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, folder, "pod", "life").Read(); err == nil || !strings.Contains(err.Error(), "line 2 of") {
		t.Errorf("reading it: %v", err)
	}
}

func TestServerAndClients(t *testing.T) {
	server := New(open(t, t.TempDir(), "pod-1", "life-1"), "/proc/self", func() { panic(http.ErrAbortHandler) })
	web := httptest.NewServer(server.Handler())
	defer web.Close()
	for _, tc := range []struct {
		args      []string
		out, fail string
	}{
		{args: []string{"read"}, out: `"entries": []`},
		{args: []string{"write", "hello"}, out: `"life": "life-1"`},
		{args: []string{"read"}, out: `"text": "hello"`},
		{args: []string{"read"}, out: `"at": "20`},
		{args: []string{"read"}, out: `"folder": "/proc/self"`},
		{args: []string{"read"}, out: `"mount": "/proc"`},
		{args: []string{"write", ""}, fail: "400 Bad Request: an entry is a text of 1 to 200 bytes"},
		{args: []string{"write"}, fail: "accepts 1 arg(s), received 0"},
		{args: []string{"crash"}, out: "the diary has crashed"},
	} {
		var out bytes.Buffer
		command := NewCommand()
		command.SilenceUsage, command.SilenceErrors = true, true
		command.SetOut(&out)
		command.SetArgs(append(tc.args, "--url="+web.URL))
		err := command.ExecuteContext(t.Context())
		if (err == nil) != (tc.fail == "") || (err != nil && !strings.Contains(err.Error(), tc.fail)) {
			t.Errorf("%v: %v, want %q", tc.args, err, tc.fail)
		}
		if !strings.Contains(out.String(), tc.out) {
			t.Errorf("%v: no %q in %s", tc.args, tc.out, out.String())
		}
	}
}

func TestProbes(t *testing.T) {
	server := New(open(t, t.TempDir(), "pod", "life"), "", nil)
	for _, tc := range []struct {
		path     string
		stopping bool
		want     int
	}{
		{"/healthz", false, 200}, {"/readyz", false, 200}, {"/metrics", false, 200}, {"/healthz", true, 200}, {"/readyz", true, 503}, {"/other", true, 404},
	} {
		if tc.stopping {
			server.Unready()
		}
		answer := httptest.NewRecorder()
		server.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, tc.path, nil))
		if answer.Code != tc.want {
			t.Errorf("%s, stopping %t: %d, want %d", tc.path, tc.stopping, answer.Code, tc.want)
		}
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, "folder"), "pod", "life"); err == nil {
		t.Error("a folder was made in a file")
	}
}
