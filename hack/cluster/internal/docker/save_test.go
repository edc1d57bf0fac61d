package docker

import (
	"strings"
	"testing"
)

func TestSaveArgs(t *testing.T) {
	for name, tc := range map[string]struct {
		daemon  Daemon
		want    string
		wantErr string
	}{
		"docker's own store":                   {Daemon{Architecture: "amd64", API: "1.41"}, "docker save a b", ""},
		"docker's own store, of a new docker":  {Daemon{Architecture: "amd64", API: "1.52"}, "docker save a b", ""},
		"containerd's store":                   {Daemon{Architecture: "arm64", API: "1.48", Containerd: true}, "docker save --platform linux/arm64 a b", ""},
		"containerd's store, of a new docker":  {Daemon{Architecture: "amd64", API: "1.52", Containerd: true}, "docker save --platform linux/amd64 a b", ""},
		"containerd's store, of an old docker": {Daemon{Architecture: "amd64", API: "1.47", Containerd: true}, "", "update docker to 28 or later"},
		"containerd's store, and no version":   {Daemon{Architecture: "amd64", Containerd: true}, "", "update docker to 28 or later"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tc.daemon.SaveArgs("a", "b")
			if (err == nil) != (tc.wantErr == "") || err != nil && !strings.Contains(err.Error(), tc.wantErr) {
				t.Errorf("the error is %v, want %q", err, tc.wantErr)
			}
			if args := strings.Join(got, " "); args != tc.want {
				t.Errorf("the command is %q, want %q", args, tc.want)
			}
		})
	}
}
