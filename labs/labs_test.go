package labs

import (
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/check"
)

func TestEveryExerciseCompiles(t *testing.T) {
	files, err := filepath.Glob("*/exercise.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d exercises, error %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Dir(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var exercise v1alpha1.Exercise
			if err := yaml.UnmarshalStrict(data, &exercise); err != nil {
				t.Fatal(err)
			}
			if exercise.Name != filepath.Dir(file) {
				t.Errorf("the exercise is named %s, its folder %s", exercise.Name, filepath.Dir(file))
			}
			_, problems := check.Compile(&exercise.Spec)
			for _, problem := range problems {
				t.Error(problem)
			}
		})
	}
}
