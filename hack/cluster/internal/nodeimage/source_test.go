package nodeimage

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseVersions(t *testing.T) {
	const pins = `module m

require (
	github.com/containerd/containerd/v2 v2.4.2 // indirect
	k8s.io/kubernetes v1.37.2 // indirect
	sigs.k8s.io/metrics-server v0.9.0 // indirect
)
`
	got, err := parseVersions([]byte(pins))
	if err != nil {
		t.Fatal(err)
	}
	want := Versions{Kubernetes: "v1.37.2", Containerd: "v2.4.2", MetricsServer: "v0.9.0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	if _, err := parseVersions([]byte("module m\n")); err == nil {
		t.Error("a module without Kubernetes was accepted")
	}
}

func TestParsePackages(t *testing.T) {
	got := parsePackages("# why\nsystemd\n\nrunc jq # both\n")
	if diff := cmp.Diff([]string{"systemd", "runc", "jq"}, got); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
}

func TestLdflagsTellTheVersion(t *testing.T) {
	flags := ldflags(Versions{Kubernetes: "v1.37.2", Containerd: "v2.4.2"})
	for _, want := range []string{"version.gitVersion=v1.37.2", "version.gitMajor=1", "version.gitMinor=37", "containerd/v2/version.Version=v2.4.2"} {
		if !strings.Contains(flags, want) {
			t.Errorf("flags lack %s: %s", want, flags)
		}
	}
}
