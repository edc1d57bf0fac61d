package upgrade

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// Names in the fixtures.
const (
	levels   = "levels" // the exercise of Labs in default, and its topic
	settings = "settings"
	diary    = "diary"
)

// learner works on a Lab.
type learner struct {
	*testing.T
	site *site
	key  client.ObjectKey
}

func (l *learner) lab() (*v1beta1.Lab, error) {
	lab := &v1beta1.Lab{}
	return lab, l.site.Client.Get(l.Context(), l.key, lab)
}

func (l *learner) eventually(reached func(*v1beta1.LabStatus) bool) {
	l.Helper()
	testenv.Eventually(l.T, patience, l.key.String(), func() error {
		lab, err := l.lab()
		if err == nil && (lab.Status.ObservedGeneration != lab.Generation || !reached(&lab.Status)) {
			err = fmt.Errorf("the status is %+v", lab.Status)
		}
		return err
	})
}

// until waits until so many tasks and questions are done.
func (l *learner) until(tasks, questions string) {
	l.Helper()
	l.eventually(func(status *v1beta1.LabStatus) bool {
		return status.Summary.Tasks == tasks && status.Summary.Questions == questions
	})
}

func (l *learner) patch(patch string) {
	l.Helper()
	lab := &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Namespace: l.key.Namespace, Name: l.key.Name}}
	if err := l.site.Client.Patch(l.Context(), lab, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		l.Fatal(err)
	}
}

func (l *learner) answer(answers string) {
	l.Helper()
	l.patch(`{"spec":{"answers":` + answers + `}}`)
}

func (l *learner) namespace() string {
	l.Helper()
	lab, err := l.lab()
	if err != nil {
		l.Fatal(err)
	}
	return lab.Status.Namespace
}

// work changes the ConfigMap of the exercise.
func (l *learner) work(data string) {
	l.Helper()
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace(), Name: settings}}
	if err := l.site.Client.Patch(l.Context(), object, client.RawPatch(types.MergePatchType, []byte(`{"data":`+data+`}`))); err != nil {
		l.Fatal(err)
	}
}

// write adds a diary with a text.
func (l *learner) write(text string) {
	l.Helper()
	if err := l.site.Client.Create(l.Context(), &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace(), Name: diary, Labels: map[string]string{"kind": diary}},
		Data:       map[string]string{"text": text},
	}); err != nil {
		l.Fatal(err)
	}
}
