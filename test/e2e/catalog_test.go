//go:build cluster

package e2e

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// echo is an exercise that says what a ConfigMap holds, and so shows how fast the operator sees a change.
const echo = "e2e-echo"

// installEcho puts the exercise echo and a topic of the same name into the catalog for the time of a spec.
func installEcho(ctx context.Context) {
	GinkgoHelper()
	exercise := &v1beta1.Exercise{
		ObjectMeta: metav1.ObjectMeta{Name: echo},
		Spec: v1beta1.ExerciseSpec{
			Title: "Say something",
			Evidence: []v1beta1.Evidence{{
				Name: "note", Object: &v1beta1.ObjectEvidence{APIVersion: "v1", Kind: "ConfigMap", Name: "note"},
			}},
			Tasks: []v1beta1.Task{{
				Name: "say", Title: "Say the word", Instructions: "Write the word into the ConfigMap note.",
				Checks: []v1beta1.Check{{
					Expression: "note.data.word == 'never'", Expected: "the word is never", Observed: "'the word is ' + note.data.word",
				}},
			}},
		},
	}
	topic := &v1beta1.Topic{ObjectMeta: metav1.ObjectMeta{Name: echo}, Spec: v1beta1.TopicSpec{Title: "Echo", Exercises: []string{echo}}}
	for _, object := range []client.Object{exercise, topic} {
		Expect(client.IgnoreAlreadyExists(cluster.Create(ctx, object))).To(Succeed())
		DeferCleanup(func(ctx context.Context) { Expect(client.IgnoreNotFound(cluster.Delete(ctx, object))).To(Succeed()) })
	}
}

// write puts a word where echo looks.
func write(ctx context.Context, namespace, word string) {
	GinkgoHelper()
	note := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "note"}, Data: map[string]string{"word": word}}
	// Update first: the quota counts a create that is refused because the object exists, until it looks again.
	err := cluster.Update(ctx, note)
	if apierrors.IsNotFound(err) {
		err = cluster.Create(ctx, note)
	}
	Expect(err).NotTo(HaveOccurred())
}
