package manifests_test

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/nodeimage"
	"github.com/lab-operator/lab-operator/hack/cluster/manifests"
)

func TestObjectsAreNamed(t *testing.T) {
	objects, err := manifests.Objects()
	if err != nil {
		t.Fatal(err)
	}
	for i, object := range objects {
		if object.GetKind() == "" || object.GetName() == "" {
			t.Errorf("object %d has no kind or no name", i)
		}
	}
}

// The image built here is found under the reference that is pulled elsewhere.
func TestMetricsServerIsThePinnedOne(t *testing.T) {
	source, err := nodeimage.FindSource()
	if err != nil {
		t.Fatal(err)
	}
	versions, err := source.Versions()
	if err != nil {
		t.Fatal(err)
	}
	objects, err := manifests.Objects()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(objects, func(o *unstructured.Unstructured) bool { return o.GetKind() == "Deployment" })
	if i < 0 {
		t.Fatal("no Deployment")
	}
	containers, _, err := unstructured.NestedSlice(objects[i].Object, "spec", "template", "spec", "containers")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := containers[0].(map[string]any)["image"], nodeimage.MetricsServerImage(versions); got != want {
		t.Errorf("image = %v, want %s as pinned in hack/node/go.mod", got, want)
	}
}
