package contract

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

func metaOf(namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name}
}

// topicsByExercise finds for every exercise a topic that lists it.
func topicsByExercise(ctx context.Context, reader client.Reader) (map[string]string, error) {
	topics := &v1alpha1.TopicList{}
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
