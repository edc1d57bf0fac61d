package dockerd

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestRemoveStale(t *testing.T) {
	own, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Fatal(err)
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
