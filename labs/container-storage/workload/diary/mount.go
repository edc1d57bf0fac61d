package diary

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// mountTable is where the kernel lists what is mounted for a process.
const mountTable = "/proc/self/mountinfo"

// escapes are how the kernel writes what would end a field.
var escapes = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// MountOf returns where the file system is mounted that a folder is in, as the kernel sees it: "/" where that is the
// container's own. A path in a manifest can be written in many ways, of which the kernel knows one.
func MountOf(folder string) (string, error) {
	resolved, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return "", fmt.Errorf("find the folder: %w", err)
	}
	table, err := os.Open(mountTable)
	if err != nil {
		return "", fmt.Errorf("find what is mounted: %w", err)
	}
	defer table.Close()
	return mountIn(table, resolved)
}

// mountIn finds the longest mount point above a folder in a table.
func mountIn(table io.Reader, folder string) (string, error) {
	found := ""
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 5 {
			continue
		}
		point := escapes.Replace(fields[4])
		if len(point) >= len(found) && (point == "/" || folder == point || strings.HasPrefix(folder, point+"/")) {
			found = point
		}
	}
	if err := lines.Err(); err != nil {
		return "", fmt.Errorf("read what is mounted: %w", err)
	}
	return found, nil
}
