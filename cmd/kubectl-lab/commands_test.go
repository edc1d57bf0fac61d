package main

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/internal/golden"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// TestCommands runs commands against a real API server. What each of them says is in testdata, as a terminal would show it.
func TestCommands(t *testing.T) {
	f := newFixture(t)
	t.Setenv("KUBECONFIG", f.facilitator(t))
	tests := map[string]struct {
		args []string
		// reveals is true where the token is what was asked for.
		reveals bool
	}{
		"results":                       {args: []string{"results", "kubecon"}},
		"results-wide":                  {args: []string{"results", "kubecon", "-o", "wide"}},
		"results-csv":                   {args: []string{"results", "kubecon", "-o", "csv"}},
		"results-json":                  {args: []string{"results", "kubecon", "-o", "json"}},
		"results-of-nobody":             {args: []string{"results", "quiet"}},
		"results-of-nobody-json":        {args: []string{"results", "quiet", "-o", "json"}},
		"results-of-no-workshop":        {args: []string{"results", "kubecom", "-n", "default"}},
		"results-without-any-right":     {args: []string{"results", "kubecon", "--as", "stranger"}},
		"results-without-labs":          {args: []string{"results", "kubecon", "--as", "helper"}},
		"kubeconfig":                    {args: []string{"kubeconfig", "kubecon", "ada"}, reveals: true},
		"kubeconfig-by-handle":          {args: []string{"kubeconfig", "kubecon", roster.Handle("Zoë Müller"), "--server", "https://lb.example.org"}, reveals: true},
		"kubeconfig-public":             {args: []string{"kubeconfig", "public", "ada"}, reveals: true},
		"kubeconfig-public-elsewhere":   {args: []string{"kubeconfig", "public", "ada", "--server", "https://lb.example.org"}, reveals: true},
		"kubeconfig-of-nobody":          {args: []string{"kubeconfig", "kubecon", "adda"}},
		"kubeconfig-deleted":            {args: []string{"kubeconfig", "kubecon", "bob"}},
		"kubeconfig-deleted-by-hearsay": {args: []string{"kubeconfig", "kubecon", "bob", "--as", "facilitator"}},
		"kubeconfig-coming":             {args: []string{"kubeconfig", "kubecon", "mallory"}},
		"kubeconfig-too-early":          {args: []string{"kubeconfig", "tomorrow", "ada"}},
		"kubeconfig-not-ours":           {args: []string{"kubeconfig", "tomorrow", "eve"}},
		"kubeconfig-without-secrets":    {args: []string{"kubeconfig", "kubecon", "ada", "--as", "helper"}},
		"all-without-secrets":           {args: []string{"kubeconfig", "kubecon", "--all", "--to", "DIR", "--as", "helper"}},
		"all-of-nobody":                 {args: []string{"kubeconfig", "quiet", "--all", "--to", "DIR"}},
		"all-too-early":                 {args: []string{"kubeconfig", "tomorrow", "--all", "--to", "DIR", "--server", "https://lb.example.org"}},
		"complete-workshop":             {args: []string{"__complete", "results", ""}},
		"complete-attendee":             {args: []string{"__complete", "kubeconfig", "kubecon", ""}},
		"complete-no-more":              {args: []string{"__complete", "kubeconfig", "kubecon", "ada", ""}},
		"complete-output":               {args: []string{"__complete", "results", "kubecon", "-o", ""}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			file, err := filepath.Abs(filepath.Join("testdata", name+".golden"))
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			said := lab(t, tc.args...)
			if strings.Contains(said.errOut, f.token) || !tc.reveals && strings.Contains(said.out, f.token) {
				t.Error("shows a token")
			}
			f.compare(t, file, tc.args, said)
		})
	}
	t.Run("all", f.handOut)
	t.Run("more than a page", f.crowd)
}

// handOut is about what is on the disk in the end, and what it is good for.
func (f *fixture) handOut(t *testing.T) {
	file, err := filepath.Abs(filepath.Join("testdata", "all.golden"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	args := []string{"kubeconfig", "kubecon", "--all", "--to", "handouts"}
	lab(t, args...)
	said := lab(t, args...) // Once more, since somebody has joined.
	zoe := roster.Handle("Zoë Müller") + ".kubeconfig"
	files := map[string]fs.FileMode{}
	entries, err := os.ReadDir("handouts")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name()] = info.Mode()
	}
	want := map[string]fs.FileMode{"ada.kubeconfig": 0o600, zoe: 0o600, rosterFile: 0o600}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if info, err := os.Stat("handouts"); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v", info, err)
	}
	list, err := os.ReadFile(filepath.Join("handouts", rosterFile))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(said.out+said.errOut+string(list), f.token) {
		t.Error("shows a token")
	}
	said.out += "--- " + rosterFile + "\n" + string(list)
	f.compare(t, file, args, said)

	// The operator's address was of no use to an attendee, and what was handed out is.
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join("handouts", "ada.kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	attendee, err := client.New(config, client.Options{Scheme: f.env.Client.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	who := &authenticationv1.SelfSubjectReview{}
	if err := attendee.Create(t.Context(), who); err != nil {
		t.Fatalf("ask who I am, by a kubeconfig that was handed out: %v", err)
	}
	account := serviceaccount.MakeUsername(roster.NamespaceName(types.NamespacedName{Namespace: workshopNamespace, Name: "kubecon"}, "ada"), guardrail.LearnerServiceAccount)
	if diff := cmp.Diff(account, who.Status.UserInfo.Username); diff != "" {
		t.Errorf("whose the kubeconfig of ada is (-want +got):\n%s", diff)
	}

	if said := lab(t, "kubeconfig", "kubecon", "ada", "-o", "one"); said.code != 0 || said.out != "" {
		t.Errorf("exits with %d, and says %s%s", said.code, said.out, said.errOut)
	}
	one, err := os.ReadFile("one")
	if err != nil {
		t.Fatal(err)
	}
	same, err := os.ReadFile(filepath.Join("handouts", "ada.kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(same), string(one)); diff != "" {
		t.Errorf("one and all differ (-all +one):\n%s", diff)
	}
}

// crowd is more than the API server is asked for at a time.
func (f *fixture) crowd(t *testing.T) {
	for i := range perPage + 1 {
		f.result("quiet", fmt.Sprint("guest-", i), "scale", 1, 0)
	}
	said := lab(t, "results", "quiet", "-o", "csv")
	if lines := strings.Count(said.out, "\n"); lines != perPage+2 {
		t.Errorf("%d lines with the header, want %d; exits with %d, and says %s", lines, perPage+2, said.code, said.errOut)
	}
}

// facilitator writes the kubeconfig of an administrator, and returns its path.
func (f *fixture) facilitator(t *testing.T) string {
	t.Helper()
	address, _, err := rest.DefaultServerUrlFor(f.env.Config)
	if err != nil {
		t.Fatal(err)
	}
	tls := f.env.Config.TLSClientConfig
	return writeKubeconfig(t,
		&clientcmdapi.Cluster{Server: address.String(), CertificateAuthorityData: tls.CAData},
		&clientcmdapi.AuthInfo{ClientCertificateData: tls.CertData, ClientKeyData: tls.KeyData})
}

// compare holds what a command said to a golden file, without what differs from one API server to the next.
func (f *fixture) compare(t *testing.T, path string, args []string, said said) {
	t.Helper()
	text := "$ kubectl lab " + strings.Join(args, " ") + "\n" + said.out
	if said.errOut != "" {
		text += "--- errors\n" + said.errOut
	}
	if said.code != 0 {
		text += fmt.Sprintf("--- exits with %d\n", said.code)
	}
	for _, secret := range []struct{ is, shown string }{
		{f.token, "TOKEN"},
		{base64.StdEncoding.EncodeToString(f.env.Config.CAData), "THE-FACILITATORS-CA"},
		{base64.StdEncoding.EncodeToString([]byte("in-cluster")), "THE-OPERATORS-CA"},
		{strings.TrimPrefix(f.env.Config.Host, "https://"), "127.0.0.1:6443"},
	} {
		text = strings.ReplaceAll(text, secret.is, secret.shown)
	}
	golden.Compare(t, path, text)
}
