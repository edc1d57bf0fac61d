package catalog

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// standard is a value that the API server fills in where an author leaves a field out.
type standard struct {
	// path of the field in the content of a revision. [] is each item of a list.
	path string
	// value as it stands in generic JSON.
	value any
}

// defaults lists those of the custom resource definitions, an inner field before the one that it is in.
//
// A field with its default is left out before hashing. So a field with a default that a later version adds changes the
// hash of no content, and labs on it are not outdated. The price: the default of a field can never change, as that would
// give content that nobody edited another name.
func defaults() []standard {
	return []standard{
		{"exercise.difficulty", "Intermediate"},
		{"exercise.estimatedMinutes", json.Number("30")},
		{"exercise.podSecurity", "restricted"},
		{"exercise.quota.cpu", "1"},
		{"exercise.quota.memory", "512Mi"},
		{"exercise.quota.pods", json.Number("12")},
		{"exercise.quota.storage", "1Gi"},
		{"exercise.quota.defaultRequests", true},
		{"exercise.quota", map[string]any{}},
		{"exercise.params[].range.step", json.Number("1")},
		{"exercise.evidence[].list.limit", json.Number("100")},
		{"exercise.evidence[].probe.http.method", "GET"},
		{"exercise.evidence[].probe.http.path", "/"},
		{"exercise.evidence[].probe.http.samples", json.Number("1")},
		{"exercise.evidence[].probe.sql.database", "postgres"},
		{"exercise.tasks[].points", json.Number("1")},
		{"exercise.tasks[].mode", "Once"},
		{"questions[].reveal", "Always"},
		{"questions[].attempts", json.Number("3")},
		{"questions[].difficulty", "Intermediate"},
	}
}

// leaveOutDefaults takes every field out of the content that has its default.
func leaveOutDefaults(content map[string]any) {
	for _, d := range defaults() {
		visit(content, d.path, func(object map[string]any, field string) {
			if value, given := object[field]; given && reflect.DeepEqual(value, d.value) {
				delete(object, field)
			}
		})
	}
}

// fillInDefaults gives every field of the content that is left out its default: what was stored before a field existed has
// what the API server gives to an Exercise.
func fillInDefaults(content map[string]any) {
	for _, d := range slices.Backward(defaults()) {
		visit(content, d.path, func(object map[string]any, field string) {
			if _, given := object[field]; !given {
				object[field] = d.value
			}
		})
	}
}

// visit calls do with every object that can have the field of a path.
func visit(object map[string]any, path string, do func(object map[string]any, field string)) {
	first, rest, isInner := strings.Cut(path, ".")
	if !isInner {
		do(object, first)
		return
	}
	name, isList := strings.CutSuffix(first, "[]")
	if !isList {
		if inner, ok := object[name].(map[string]any); ok {
			visit(inner, rest, do)
		}
		return
	}
	items, _ := object[name].([]any)
	for _, item := range items {
		if inner, ok := item.(map[string]any); ok {
			visit(inner, rest, do)
		}
	}
}
