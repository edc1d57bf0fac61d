package dockerd

import (
	"os"
	"path/filepath"
	"strconv"
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

func TestRemoveStale(t *testing.T) {
	own, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Skip("no /proc here")
	}
	running := strings.TrimSpace(string(own))
	for name, tc := range map[string]struct {
		content, program string
		wantKept         bool
	}{
		"the program runs":              {content: strconv.Itoa(os.Getpid()), program: running, wantKept: true},
		"its number is another's":       {content: strconv.Itoa(os.Getpid()), program: "dockerd"},
		"nobody has the number":         {content: "99999999", program: "dockerd"},
		"cut off when the machine fell": {content: "", program: "dockerd"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "pid")
			if err := os.WriteFile(file, []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := removeStale(file, tc.program); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(file); (err == nil) != tc.wantKept {
				t.Errorf("kept = %t, want %t", err == nil, tc.wantKept)
			}
		})
	}
	if err := removeStale(filepath.Join(t.TempDir(), "none"), "dockerd"); err != nil {
		t.Errorf("no file: %v", err)
	}
}
