package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	clocktesting "k8s.io/utils/clock/testing"
)

// said is what a command left behind.
type said struct {
	code        int
	out, errOut string
}

// lab runs a command at noon.
func lab(t *testing.T, args ...string) said {
	t.Helper()
	var out, errOut bytes.Buffer
	streams := genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &errOut}
	code := run(t.Context(), args, streams, clocktesting.NewFakePassiveClock(noon), nobodyAnswers)
	return said{code: code, out: out.String(), errOut: errOut.String()}
}

// nobodyAnswers is a network without an API server for attendees.
func nobodyAnswers(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("nobody answers")
}

func TestWhatCannotBeMeant(t *testing.T) {
	t.Setenv("KUBECONFIG", writeKubeconfig(t, &clientcmdapi.Cluster{Server: "https://192.0.2.1"}, &clientcmdapi.AuthInfo{}))
	see := ": see kubectl lab kubeconfig --help\n"
	tests := map[string]struct {
		args []string
		want string
	}{
		"no workshop":            {[]string{"results"}, "error: kubectl lab results takes WORKSHOP, and was given 0 arguments: see kubectl lab results --help\n"},
		"an unknown output":      {[]string{"results", "kubecon", "-o", "yaml"}, "error: there is no output \"yaml\", only table, wide, csv, excel, json\n"},
		"an unknown flag":        {[]string{"results", "--sort"}, "error: unknown flag: --sort: see kubectl lab results --help\n"},
		"an unknown command":     {[]string{"result"}, "error: unknown command \"result\" for \"kubectl lab\" Did you mean this? results\n"},
		"no attendee":            {[]string{"kubeconfig", "kubecon"}, "error: name an ATTENDEE of the workshop, or give --all --to DIR" + see},
		"too many attendees":     {[]string{"kubeconfig", "kubecon", "ada", "bob"}, "error: kubectl lab kubeconfig takes WORKSHOP and ATTENDEE, and was given 3 arguments" + see},
		"one attendee and all":   {[]string{"kubeconfig", "kubecon", "ada", "--all"}, "error: it is either ATTENDEE or --all" + see},
		"all without a folder":   {[]string{"kubeconfig", "kubecon", "--all"}, "error: --all needs the folder to write into, as --to DIR" + see},
		"all into one file":      {[]string{"kubeconfig", "kubecon", "--all", "--to", "x", "-o", "y"}, "error: --output is for one attendee: --all takes --to DIR" + see},
		"a folder for one":       {[]string{"kubeconfig", "kubecon", "ada", "--to", "x"}, "error: --to is for --all: one attendee takes --output FILE" + see},
		"a server without TLS":   {[]string{"kubeconfig", "kubecon", "ada", "--server", "http://192.0.2.1"}, "error: --server \"http://192.0.2.1\" is no URL as in https://203.0.113.7:6443" + see},
		"an unknown context":     {[]string{"results", "kubecon", "--context", "none"}, "error: read the kubeconfig: invalid configuration: context was not found for specified context: none\n"},
		"a kubeconfig not there": {[]string{"results", "kubecon", "--kubeconfig", "/none"}, "error: read the kubeconfig: stat /none: no such file or directory\n"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(said{code: 1, errOut: tc.want}, lab(t, tc.args...), cmp.AllowUnexported(said{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAClusterWithoutTheOperator(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	t.Setenv("KUBECONFIG", writeKubeconfig(t, &clientcmdapi.Cluster{Server: server.URL}, &clientcmdapi.AuthInfo{}))
	want := said{code: 1, errOut: "error: this cluster knows no workshops: lab-operator is not installed in it\n"}
	if diff := cmp.Diff(want, lab(t, "results", "kubecon"), cmp.AllowUnexported(said{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	nothing := said{out: ":4\n", errOut: "Completion ended with directive: ShellCompDirectiveNoFileComp\n"}
	for _, args := range [][]string{{"results", ""}, {"kubeconfig", "kubecon", ""}} {
		if diff := cmp.Diff(nothing, lab(t, append([]string{"__complete"}, args...)...), cmp.AllowUnexported(said{})); diff != "" {
			t.Errorf("completion of %v (-want +got):\n%s", args, diff)
		}
	}
}

func TestVersion(t *testing.T) {
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	system := []debug.BuildSetting{setting("GOOS", "linux"), setting("GOARCH", "amd64")}
	tests := map[string]struct {
		info debug.BuildInfo
		want string
	}{
		"of a release":        {debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "v1.2.3"}, Settings: system}, "kubectl-lab v1.2.3, go1.26.8 linux/amd64"},
		"of a clean commit":   {debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "(devel)"}, Settings: append(system, setting("vcs.revision", "abc"), setting("vcs.modified", "false"))}, "kubectl-lab (devel), commit abc, go1.26.8 linux/amd64"},
		"of a changed commit": {debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "(devel)"}, Settings: append(system, setting("vcs.revision", "abc"), setting("vcs.modified", "true"))}, "kubectl-lab (devel), commit abc with changes, go1.26.8 linux/amd64"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := version(&tc.info); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
	if got := lab(t, "version"); got.code != 0 || !strings.HasPrefix(got.out, "kubectl-lab ") || strings.Count(got.out, "\n") != 1 {
		t.Errorf("kubectl lab version: %+v", got)
	}
}

func TestTheCompletionIsOfThePlugin(t *testing.T) {
	if got := lab(t, "completion", "bash"); got.code != 0 || !strings.Contains(got.out, "__start_kubectl-lab kubectl-lab") {
		t.Errorf("exits with %d, and says %s", got.code, got.errOut)
	}
}

// writeKubeconfig returns the path of a kubeconfig whose namespace is workshops.
func writeKubeconfig(t *testing.T, cluster *clientcmdapi.Cluster, user *clientcmdapi.AuthInfo) string {
	t.Helper()
	config := kubeconfigOf(cluster, user)
	config.Contexts[config.CurrentContext].Namespace = "workshops"
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}
