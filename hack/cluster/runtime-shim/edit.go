package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

const sysResource = "CAP_SYS_RESOURCE"

// edited returns the file to edit before runc gets these arguments: the bundle's
// configuration for create and run, the process file (process is true) for exec.
func edited(args []string) (path string, process bool) {
	command := ""
	values := map[string]string{}
	for i := 0; i < len(args); i++ {
		flag, value, joined := strings.Cut(args[i], "=")
		switch name := strings.TrimLeft(flag, "-"); {
		case !strings.HasPrefix(flag, "-"):
			if command == "" {
				command = flag
			}
		case joined:
			values[name] = value
		case takesValue(name) && i+1 < len(args):
			i++
			values[name] = args[i]
		}
	}
	switch command {
	case "create", "run":
		bundle := values["bundle"]
		if bundle == "" {
			bundle = values["b"]
		}
		return filepath.Join(bundle, "config.json"), false
	case "exec":
		if values["process"] != "" {
			return values["process"], true
		}
		return values["p"], true
	}
	return "", false
}

// takesValue knows runc's flags that are followed by a value, as far as they may
// stand before or beside those that matter.
func takesValue(name string) bool {
	return slices.Contains([]string{
		"bundle", "b", "process", "p", "root", "log", "log-format", "criu", "rootless",
		"pid-file", "console-socket", "preserve-fds", "cwd", "env", "e", "user", "u",
		"additional-gids", "g", "process-label", "apparmor", "cap", "c", "cgroup",
	}, name)
}

// lowerSpec edits a container's configuration.
func lowerSpec(content []byte) ([]byte, error) {
	spec, err := decode(content)
	if err != nil {
		return nil, err
	}
	process, ok := spec["process"].(map[string]any)
	if !ok {
		return content, nil
	}
	lower(process)
	return json.Marshal(spec)
}

// lowerProcessFile edits the description of one process to add to a container.
func lowerProcessFile(content []byte) ([]byte, error) {
	process, err := decode(content)
	if err != nil {
		return nil, err
	}
	lower(process)
	return json.Marshal(process)
}

// lower removes from a process what needs CAP_SYS_RESOURCE, and leaves the rest as
// it is: fields unknown here are kept, since the document is edited, not parsed.
func lower(process map[string]any) {
	if sets, ok := process["capabilities"].(map[string]any); ok {
		for name, set := range sets {
			if list, ok := set.([]any); ok {
				sets[name] = slices.DeleteFunc(list, func(capability any) bool { return capability == sysResource })
			}
		}
	}
	if score, ok := process["oomScoreAdj"].(json.Number); ok && strings.HasPrefix(score.String(), "-") {
		process["oomScoreAdj"] = json.Number("0")
	}
}

// decode keeps numbers as they are written: device numbers and limits exceed what
// a float can hold.
func decode(content []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var document map[string]any
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	if document == nil {
		return nil, fmt.Errorf("not a JSON object")
	}
	return document, nil
}
