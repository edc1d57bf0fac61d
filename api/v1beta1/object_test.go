package v1beta1_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// absent as a value takes the field away.
type absent struct{}

// document reads testdata/<kind>.yaml: a valid object that uses every field of its kind.
func document(t *testing.T, kind string) *unstructured.Unstructured {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", kind+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal(text, &object.Object); err != nil {
		t.Fatalf("testdata/%s.yaml: %v", kind, err)
	}
	// YAML has float64 for every number, the API server's own types have int64.
	object.Object = runtime.DeepCopyJSON(integers(object.Object).(map[string]any))
	return object
}

func integers(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key := range value {
			value[key] = integers(value[key])
		}
		return value
	case []any:
		for i := range value {
			value[i] = integers(value[i])
		}
		return value
	case float64:
		if value == float64(int64(value)) {
			return int64(value)
		}
		return value
	case int:
		return int64(value)
	default:
		return value
	}
}

// set puts a value at a path such as spec.tasks[0].name, whose parents must exist.
func set(t *testing.T, object *unstructured.Unstructured, path string, value any) {
	t.Helper()
	if err := setAt(object.Object, stepsOf(path), value); err != nil {
		t.Fatalf("setting %s: %v", path, err)
	}
}

// get reads the value at a path, nil where there is none.
func get(object *unstructured.Unstructured, path string) any {
	var value any = object.Object
	for _, key := range stepsOf(path) {
		switch parent := value.(type) {
		case map[string]any:
			value = parent[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(parent) {
				return nil
			}
			value = parent[i]
		default:
			return nil
		}
	}
	return value
}

func stepsOf(path string) []string {
	return strings.Split(strings.NewReplacer("[", ".", "]", "").Replace(path), ".")
}

func setAt(parent any, steps []string, value any) error {
	key, last := steps[0], len(steps) == 1
	switch parent := parent.(type) {
	case map[string]any:
		if !last {
			return setAt(parent[key], steps[1:], value)
		}
		if _, remove := value.(absent); remove {
			delete(parent, key)
		} else {
			parent[key] = integers(value)
		}
		return nil
	case []any:
		i, err := strconv.Atoi(key)
		if err != nil || i >= len(parent) {
			return fmt.Errorf("%q is no index of a list of %d", key, len(parent))
		}
		if !last {
			return setAt(parent[i], steps[1:], value)
		}
		parent[i] = integers(value)
		return nil
	default:
		return fmt.Errorf("%q is not within a map or a list", key)
	}
}

// text is so many characters, fit for names as for prose.
func text(length int) string {
	return strings.Repeat("x", length)
}

// many is a list of so many items, made from their index.
func many(length int, item func(i int) any) []any {
	list := make([]any, length)
	for i := range list {
		list[i] = item(i)
	}
	return list
}

// entries is a map of so many keys, all with the same value.
func entries(length int, value any) map[string]any {
	all := make(map[string]any, length)
	for i := range length {
		all[fmt.Sprintf("k%d", i)] = value
	}
	return all
}

// resource is the client for a kind, in the namespace default where the kind has one.
func resource(t *testing.T, object *unstructured.Unstructured) dynamic.ResourceInterface {
	t.Helper()
	client, err := dynamic.NewForConfig(apiServer)
	if err != nil {
		t.Fatal(err)
	}
	plural := strings.ToLower(object.GetKind()) + "s"
	all := client.Resource(v1beta1.GroupVersion.WithResource(plural))
	if namespace := object.GetNamespace(); namespace != "" {
		return all.Namespace(namespace)
	}
	return all
}
