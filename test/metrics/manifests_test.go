package metrics

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/lab-operator/lab-operator/test/testenv"
)

// rule is an alert of the PrometheusRule.
type rule struct {
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// spec is that of the PrometheusRule, in the form of a file of rules.
type spec struct {
	Groups []struct {
		Name  string `json:"name"`
		Rules []rule `json:"rules"`
	} `json:"groups"`
}

// built is what kustomize makes of a folder, by kind: each has one object of a kind.
func built(t *testing.T, folder string) map[string]*unstructured.Unstructured {
	t.Helper()
	objects, err := testenv.Kustomize(folder)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*unstructured.Unstructured{}
	for _, object := range objects {
		found[object.GetKind()] = object
	}
	return found
}

// decoded reads an object into its type.
func decoded[T any](t *testing.T, object *unstructured.Unstructured) T {
	t.Helper()
	var typed T
	if object == nil {
		t.Fatalf("there is no %T", typed)
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &typed); err != nil {
		t.Fatal(err)
	}
	return typed
}

// rules are the alerts, and their file.
func rules(t *testing.T) (alerts []rule, file string) {
	t.Helper()
	object := built(t, "config/prometheus")["PrometheusRule"]
	if object == nil {
		t.Fatal("there is no PrometheusRule")
	}
	data, err := json.Marshal(object.Object["spec"])
	if err != nil {
		t.Fatal(err)
	}
	var all spec
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, group := range all.Groups {
		alerts = append(alerts, group.Rules...)
	}
	// JSON is YAML, too.
	return alerts, write(t, "rules.yaml", data)
}

// write puts a file into a folder that goes away with the test.
func write(t *testing.T, name string, content []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// read reads a file of the project.
func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(testenv.Root(), path))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
