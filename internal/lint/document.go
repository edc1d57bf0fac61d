package lint

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	sigsyaml "sigs.k8s.io/yaml"
)

// Document is one object of a YAML file.
type Document struct {
	// File that it stands in.
	File string
	// Object is its content, with the types that JSON has.
	Object map[string]any

	root *yaml.Node
	// lines are those of the whole file.
	lines []string
	// repeated are keys that stand twice in a map.
	repeated []*yaml.Node
}

// Parse reads the documents of a file. An error says in which line it is not YAML, or no object.
func Parse(file string, data []byte) ([]*Document, error) {
	lines := strings.Split(string(data), "\n")
	var documents []*Document
	for start := 0; start < len(lines); {
		// A document begins with its separator, if it has one.
		end := start + 1
		for end < len(lines) && !isSeparator(lines[end]) {
			end++
		}
		document, err := parseOne(file, lines, start, end)
		if err != nil {
			return nil, err
		}
		if document != nil {
			documents = append(documents, document)
		}
		start = end
	}
	return documents, nil
}

func isSeparator(line string) bool {
	rest, ok := strings.CutPrefix(line, "---")
	return ok && (rest == "" || strings.ContainsRune(" \t\r", rune(rest[0])))
}

// parseOne reads the document from line start up to line end. It is nil where there are comments only.
func parseOne(file string, lines []string, start, end int) (*Document, error) {
	// The empty lines in front make all lines those of the file.
	text := []byte(strings.Repeat("\n", start) + strings.Join(lines[start:end], "\n") + "\n")
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if node.Kind == 0 || isNull(&node) {
		return nil, nil
	}
	// Values are read as kubectl does, by the older rules of YAML: yes is a bool there.
	encoded, err := sigsyaml.YAMLToJSON(bytes.TrimLeft(text, "\n"))
	if err != nil {
		return nil, fmt.Errorf("%s: the document from line %d: %w", file, node.Content[0].Line, err)
	}
	document := &Document{File: file, root: node.Content[0], lines: lines}
	if err := utiljson.Unmarshal(encoded, &document.Object); err != nil || document.Object == nil {
		return nil, fmt.Errorf("%s: line %d: this is no object: write apiVersion, kind, metadata and spec", file, document.root.Line)
	}
	document.findRepeated(document.root)
	return document, nil
}

func isNull(node *yaml.Node) bool {
	return len(node.Content) == 1 && node.Content[0].Tag == "!!null"
}

// findRepeated looks for keys that stand twice in a map. An alias is looked at where its anchor stands.
func (d *Document) findRepeated(node *yaml.Node) {
	if node.Kind == yaml.MappingNode {
		seen := map[string]bool{}
		for i := 0; i < len(node.Content); i += 2 {
			key := node.Content[i]
			if seen[key.Value] {
				d.repeated = append(d.repeated, key)
			}
			seen[key.Value] = true
		}
	}
	for _, below := range node.Content {
		d.findRepeated(below)
	}
}

// text is a string at a path of keys, empty where there is none.
func (d *Document) text(path ...string) string {
	var value any = d.Object
	for _, key := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return ""
		}
		value = object[key]
	}
	text, _ := value.(string)
	return text
}
