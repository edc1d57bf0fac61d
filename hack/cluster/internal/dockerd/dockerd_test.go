package dockerd

import (
	"strings"
	"testing"
)

func TestStartable(t *testing.T) {
	for name, tc := range map[string]struct {
		goos, dockerHost string
		uid              int
		wantErr          string
	}{
		"root on Linux":     {goos: "linux"},
		"somebody on Linux": {goos: "linux", uid: 1000, wantErr: "systemctl start docker"},
		"not Linux":         {goos: "darwin", uid: 501, wantErr: "Docker Desktop"},
		"another machine's": {goos: "linux", dockerHost: "tcp://builder:2376", wantErr: "DOCKER_HOST"},
	} {
		t.Run(name, func(t *testing.T) {
			err := startable(tc.goos, tc.uid, tc.dockerHost)
			if (err != nil) != (tc.wantErr != "") {
				t.Fatalf("error = %v, want %q", err, tc.wantErr)
			}
			if err != nil && !strings.Contains(err.Error(), tc.wantErr) {
				t.Errorf("error = %v, want it to say %q", err, tc.wantErr)
			}
		})
	}
}
