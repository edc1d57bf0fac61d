package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEdited(t *testing.T) {
	for name, tc := range map[string]struct {
		args        []string
		wantPath    string
		wantProcess bool
	}{
		"create, as containerd's shim calls it": {
			args:     []string{"--root", "/run/runc/moby", "--log", "/b/log.json", "--log-format", "json", "create", "--bundle", "/b", "--pid-file", "/b/init.pid", "c1"},
			wantPath: "/b/config.json",
		},
		"run with a joined value":      {args: []string{"run", "--bundle=/b", "c1"}, wantPath: "/b/config.json"},
		"short flag":                   {args: []string{"create", "-b", "/b", "c1"}, wantPath: "/b/config.json"},
		"bundle is the working folder": {args: []string{"run", "c1"}, wantPath: "config.json"},
		"exec with a process file": {
			args:        []string{"--root", "/r", "exec", "--process", "/tmp/p", "--detach", "--pid-file", "/x", "c1"},
			wantPath:    "/tmp/p",
			wantProcess: true,
		},
		"exec of a plain command":                 {args: []string{"exec", "c1", "ls"}, wantProcess: true},
		"other commands":                          {args: []string{"--root", "/r", "delete", "--force", "c1"}},
		"a container that is called as a command": {args: []string{"start", "create"}},
		"a value that is called as a command":     {args: []string{"--root", "create", "state", "c1"}},
	} {
		t.Run(name, func(t *testing.T) {
			path, process := edited(tc.args)
			if path != tc.wantPath || process != tc.wantProcess {
				t.Errorf("edited = %q, %t; want %q, %t", path, process, tc.wantPath, tc.wantProcess)
			}
		})
	}
}

func TestLowerSpec(t *testing.T) {
	for name, tc := range map[string]struct{ spec, want string }{
		"capability goes from every set": {
			spec: `{"process":{"capabilities":{"bounding":["CAP_KILL","CAP_SYS_RESOURCE"],"permitted":["CAP_SYS_RESOURCE"]}}}`,
			want: `{"process":{"capabilities":{"bounding":["CAP_KILL"],"permitted":[]}}}`,
		},
		"negative score becomes 0":  {spec: `{"process":{"oomScoreAdj":-999}}`, want: `{"process":{"oomScoreAdj":0}}`},
		"positive score stays":      {spec: `{"process":{"oomScoreAdj":500}}`, want: `{"process":{"oomScoreAdj":500}}`},
		"large numbers stay exact":  {spec: `{"linux":{"limit":9223372036854775807},"process":{}}`, want: `{"linux":{"limit":9223372036854775807},"process":{}}`},
		"no process, nothing to do": {spec: `{"ociVersion":"1.0.2"}`, want: `{"ociVersion":"1.0.2"}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := lowerSpec([]byte(tc.spec))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(canonical(t, tc.want), canonical(t, string(got))); diff != "" {
				t.Errorf("spec (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLowerProcessFile(t *testing.T) {
	got, err := lowerProcessFile([]byte(`{"args":["sh"],"capabilities":{"effective":["CAP_SYS_RESOURCE"]},"oomScoreAdj":-1}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"args":["sh"],"capabilities":{"effective":[]},"oomScoreAdj":0}`; string(got) != want {
		t.Errorf("process = %s, want %s", got, want)
	}
	for _, broken := range []string{"", "null", "[]", "{"} {
		if _, err := lowerProcessFile([]byte(broken)); err == nil {
			t.Errorf("%q was accepted", broken)
		}
	}
}

// canonical decodes with exact numbers.
func canonical(t *testing.T, document string) map[string]any {
	t.Helper()
	decoded, err := decode([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}
