package lint

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// listKeys are the fields by which the elements of lists are named, as in spec.questions[k8s-04].
var listKeys = []string{"id", "name", "option", "api", "topic"}

// line is where a field stands, or what of it there is: the key of an entry, or the beginning of an element.
func (d *Document) line(field string) int {
	line, _ := d.find(field)
	return line
}

// has tells whether a field is written in the document. Defaults are not.
func (d *Document) has(field string) bool {
	_, node := d.find(field)
	return node != nil
}

// lineOfText is where line n of a text stands, counted from 1, as far as the style of the text keeps lines.
func (d *Document) lineOfText(field string, n int) int {
	line, node := d.find(field)
	if node != nil && node.Kind == yaml.ScalarNode && node.Style == yaml.LiteralStyle && n > 0 {
		return node.Line + n
	}
	return line
}

// find goes down to a field. The node is nil when the document does not have all of the path; the line is that of what
// it has.
func (d *Document) find(field string) (int, *yaml.Node) {
	node, line := d.root, d.root.Line
	for _, step := range fieldSteps(field) {
		if node.Kind == yaml.AliasNode {
			node = node.Alias
		}
		key, below := step.in(node)
		if below == nil {
			return line, nil
		}
		node, line = below, key.Line
	}
	return line, node
}

// around are the lines of a field and of the elements of lists that it is in.
func (d *Document) around(field string) []int {
	lines := []int{d.line(field)}
	for i, r := range field {
		if r == ']' {
			lines = append(lines, d.line(field[:i+1]))
		}
	}
	return lines
}

// fieldStep is one part of the path of a field: a key, or what stands in brackets.
type fieldStep struct {
	text    string
	bracket bool
}

// in finds the value of a step, and the node whose line is the place of the value.
func (s fieldStep) in(node *yaml.Node) (at, value *yaml.Node) {
	switch node.Kind {
	case yaml.MappingNode:
		return entry(node, s.text)
	case yaml.SequenceNode:
		if !s.bracket {
			return nil, nil
		}
		if i, err := strconv.Atoi(s.text); err == nil && i >= 0 && i < len(node.Content) {
			return node.Content[i], node.Content[i]
		}
		for _, element := range node.Content {
			if isNamed(element, s.text) {
				return element, element
			}
		}
	}
	return nil, nil
}

// isNamed tells whether an element of a list has a name.
func isNamed(element *yaml.Node, name string) bool {
	if element.Kind == yaml.AliasNode {
		element = element.Alias
	}
	if element.Kind == yaml.ScalarNode {
		return element.Value == name
	}
	return slices.ContainsFunc(listKeys, func(key string) bool {
		_, value := entry(element, key)
		return value != nil && value.Kind == yaml.ScalarNode && value.Value == name
	})
}

// entry finds an entry of a map, also in maps that are merged into it.
func entry(node *yaml.Node, key string) (at, value *yaml.Node) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i], node.Content[i+1]
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Tag == "!!merge" {
			return entry(node.Content[i+1], key)
		}
	}
	return nil, nil
}

// fieldSteps takes the path of a field apart, as in spec.tasks[0].outputs[uid].
func fieldSteps(field string) []fieldStep {
	var steps []fieldStep
	for field != "" {
		switch field[0] {
		case '.':
			field = field[1:]
		case '[':
			end := strings.IndexByte(field, ']')
			if end < 0 {
				return steps
			}
			steps = append(steps, fieldStep{text: field[1:end], bracket: true})
			field = field[end+1:]
		default:
			end := strings.IndexAny(field, ".[")
			if end < 0 {
				end = len(field)
			}
			steps = append(steps, fieldStep{text: field[:end]})
			field = field[end:]
		}
	}
	return steps
}

// joinField puts paths of fields together.
func joinField(parent, below string) string {
	if parent == "" || below == "" || below[0] == '[' {
		return parent + below
	}
	return parent + "." + below
}
