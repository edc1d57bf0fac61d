package policy

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// configDir is where the manifests are, seen from here.
const configDir = "../../config"

// manifests reads what a kustomization lists, and those that it lists, in order. It transforms nothing.
func manifests(t *testing.T, dir string) []*unstructured.Unstructured {
	t.Helper()
	var kustomization struct {
		Resources []string `json:"resources"`
	}
	if err := yaml.Unmarshal(readFile(t, filepath.Join(dir, "kustomization.yaml")), &kustomization); err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	var objects []*unstructured.Unstructured
	for _, resource := range kustomization.Resources {
		path := filepath.Join(dir, resource)
		if filepath.Ext(path) != ".yaml" {
			objects = append(objects, manifests(t, path)...)
			continue
		}
		decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(readFile(t, path)), 4096)
		for {
			object := &unstructured.Unstructured{}
			err := decoder.Decode(&object.Object)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			objects = append(objects, object)
		}
	}
	return objects
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// ofKind decodes the objects of one kind, by name. A field that the type does not have fails the test.
func ofKind[T any](t *testing.T, objects []*unstructured.Unstructured, kind string) map[string]T {
	t.Helper()
	found := map[string]T{}
	for _, object := range objects {
		if object.GetKind() != kind {
			continue
		}
		var typed T
		if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, &typed, true); err != nil {
			t.Fatalf("%s %s: %v", kind, object.GetName(), err)
		}
		found[object.GetName()] = typed
	}
	if len(found) == 0 {
		t.Fatalf("there is no %s", kind)
	}
	return found
}
