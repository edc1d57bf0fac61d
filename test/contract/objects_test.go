//go:build cluster

package contract

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/test/internal/kindcluster"
)

func metaOf(namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name}
}

// publish puts exercises that are no part of the catalog into the cluster, in a topic of their own, until the test ends.
func publish(t *testing.T, folders []folder) error {
	_, admin, err := kindcluster.Connect(t.Context())
	if err != nil {
		return err
	}
	topic := &v1beta1.Topic{ObjectMeta: metaOf("", "adapters"), Spec: v1beta1.TopicSpec{Title: "What adapters see"}}
	topic.SetGroupVersionKind(v1beta1.GroupVersion.WithKind("Topic"))
	objects := []client.Object{topic}
	for _, f := range folders {
		text, err := os.ReadFile(filepath.Join(f.path, "exercise.yaml"))
		if err != nil {
			return err
		}
		exercise := &v1beta1.Exercise{}
		if err := yaml.UnmarshalStrict(text, exercise); err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
		topic.Spec.Exercises = append(topic.Spec.Exercises, exercise.Name)
		objects = append(objects, exercise)
	}
	for _, object := range objects {
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
		if err != nil {
			return err
		}
		// What is not given is not ours to own: the API server fills in its defaults.
		applied := client.ApplyConfigurationFromUnstructured(&unstructured.Unstructured{Object: content})
		if err := admin.Apply(t.Context(), applied, client.FieldOwner("contract"), client.ForceOwnership); err != nil {
			return err
		}
		t.Cleanup(func() {
			_ = admin.Delete(context.Background(), object) // the next run applies it again
		})
	}
	return nil
}

// topicsByExercise finds for every exercise a topic that lists it.
func topicsByExercise(ctx context.Context, reader client.Reader) (map[string]string, error) {
	topics := &v1beta1.TopicList{}
	if err := reader.List(ctx, topics); err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, topic := range topics.Items {
		for _, exercise := range topic.Spec.Exercises {
			if found[exercise] == "" {
				found[exercise] = topic.Name
			}
		}
	}
	return found, nil
}
