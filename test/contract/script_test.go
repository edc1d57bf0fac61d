//go:build cluster

package contract

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// scripts lists the scripts of a folder within that of an exercise.
func (f folder) scripts(t *testing.T, within string) []string {
	scripts, err := filepath.Glob(filepath.Join(f.path, within, "*.sh"))
	expecting(t).Expect(err).NotTo(HaveOccurred())
	return scripts
}

func scriptName(script string) string { return strings.TrimSuffix(filepath.Base(script), ".sh") }

var claim = regexp.MustCompile(`^# (task|says): (.+)$`)

// claims reads from the head of a near miss which task it leaves open, and a part of what that task says.
func claims(t *testing.T, script string) (task, says string) {
	file, err := os.Open(script)
	expecting(t).Expect(err).NotTo(HaveOccurred())
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if m := claim.FindStringSubmatch(lines.Text()); m != nil {
			switch m[1] {
			case "task":
				task = m[2]
			case "says":
				says = m[2]
			}
		}
	}
	expecting(t).Expect(task).NotTo(BeEmpty(), "%s has no line '# task: NAME'", script)
	expecting(t).Expect(says).NotTo(BeEmpty(), "%s has no line '# says: PART OF THE MESSAGE'", script)
	return task, says
}
