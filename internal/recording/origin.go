package recording

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// originLength is how many characters of the hash are kept: enough that two are never the same by chance.
const originLength = 16

// sharedWorkload is what the workloads of all exercises build on, from the folder of one.
const sharedWorkload = "../../internal/workload"

// determines are the fields of an Exercise that decide on what is seen. Images are among them, by their tags. The rest decides
// on what it comes to, and a recording is judged anew.
var determines = []string{"setup", "evidence", "params", "quota", "podSecurity"}

// sourced matches a line by which a script takes in another, relative to its own folder.
var sourced = regexp.MustCompile(`(?m)^\s*(?:source|\.) "\$\(dirname "\$\{BASH_SOURCE\[0\]\}"\)/([^"]+)"`)

// Origin is the hash of what a run of a script depends on: what decides in exercise.yaml, the script and those that it
// sources, without their comments, and the workload of the exercise with what it shares with others. Folder is that of the exercise, and script is relative
// to it.
func Origin(folder, script string) (string, error) {
	sum := sha256.New()
	add := func(name string, data []byte) { fmt.Fprintf(sum, "%s %d\n%s\n", name, len(data), data) }
	data, err := os.ReadFile(filepath.Join(folder, "exercise.yaml"))
	if err != nil {
		return "", fmt.Errorf("read the exercise: %w", err)
	}
	var exercise struct {
		Spec map[string]json.RawMessage `json:"spec"`
	}
	if err := yaml.Unmarshal(data, &exercise); err != nil {
		return "", fmt.Errorf("read the exercise: %w", err)
	}
	for _, field := range determines {
		add(field, exercise.Spec[field])
	}
	files, err := closure(filepath.Join(folder, filepath.FromSlash(script)))
	if err != nil {
		return "", err
	}
	workload, err := sources(filepath.Join(folder, "workload"))
	if err != nil {
		return "", err
	}
	if len(workload) > 0 {
		shared, err := sources(filepath.Join(folder, sharedWorkload))
		if err != nil {
			return "", err
		}
		workload = append(workload, shared...)
	}
	for _, file := range slices.Concat(files, workload) {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read what a run depends on: %w", err)
		}
		name, err := filepath.Rel(folder, file)
		if err != nil {
			return "", fmt.Errorf("read what a run depends on: %w", err)
		}
		if filepath.Ext(file) == ".sh" {
			text = withoutComments(text)
		}
		add(filepath.ToSlash(name), text)
	}
	return hex.EncodeToString(sum.Sum(nil))[:originLength], nil
}

// closure is a script and all that it sources, each once.
func closure(script string) ([]string, error) {
	files := []string{script}
	for i := 0; i < len(files); i++ {
		text, err := os.ReadFile(files[i])
		if err != nil {
			return nil, fmt.Errorf("read a script: %w", err)
		}
		for _, found := range sourced.FindAllSubmatch(text, -1) {
			if next := filepath.Join(filepath.Dir(files[i]), string(found[1])); !slices.Contains(files, next) {
				files = append(files, next)
			}
		}
	}
	return files, nil
}

// sources are the files of a workload but its tests, none where there is no workload.
func sources(folder string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !entry.IsDir() && !strings.HasSuffix(path, "_test.go") {
			files = append(files, path)
		}
		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("list the workload: %w", err)
	}
	return files, nil
}

// withoutComments drops what does not change a run: empty lines, and those that are comments but for the first.
func withoutComments(script []byte) []byte {
	var out bytes.Buffer
	for lines := bufio.NewScanner(bytes.NewReader(script)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line != "" && (!strings.HasPrefix(line, "#") || strings.HasPrefix(line, "#!")) {
			out.WriteString(lines.Text() + "\n")
		}
	}
	return out.Bytes()
}
