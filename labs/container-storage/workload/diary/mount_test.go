package diary

import (
	"strings"
	"testing"
)

func TestMountIn(t *testing.T) {
	const table = `1 0 0:1 / / rw - overlay overlay rw
2 1 0:2 / /proc rw - proc proc rw
3 1 0:3 /kept /home/nonroot/diary rw - ext4 /dev/vda rw
4 1 0:4 / /home/nonroot/other\040place rw - tmpfs tmpfs rw
5 1 0:5
`
	for folder, want := range map[string]string{
		"/home/nonroot/diary":           "/home/nonroot/diary",
		"/home/nonroot/diary/below":     "/home/nonroot/diary",
		"/home/nonroot/diary2":          "/",
		"/home/nonroot":                 "/",
		"/home/nonroot/other place/too": "/home/nonroot/other place",
	} {
		if got, err := mountIn(strings.NewReader(table), folder); err != nil || got != want {
			t.Errorf("%s is in %q, %v, want %q", folder, got, err, want)
		}
	}
}

func TestMountOf(t *testing.T) {
	if got, err := MountOf("/proc/self"); err != nil || got != "/proc" {
		t.Errorf("/proc/self is in %q: %v", got, err)
	}
	if _, err := MountOf(t.TempDir() + "/none"); err == nil {
		t.Error("a folder that is not there is in a file system")
	}
}
