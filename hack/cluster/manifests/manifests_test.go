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
	agent, err := manifests.NetworkAgent()
	if err != nil {
		t.Fatal(err)
	}
	objects = append(objects, agent...)
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
	if got, want := imageOf(t, manifests.Objects, "Deployment"), nodeimage.MetricsServerImage(versions); got != want {
		t.Errorf("image = %v, want %s as pinned in hack/node/go.mod", got, want)
	}
}

// The image of the agent is in the node, under that reference alone.
func TestTheNetworkAgentIsTheNodes(t *testing.T) {
	if got := imageOf(t, manifests.NetworkAgent, "DaemonSet"); got != nodeimage.AgentImage {
		t.Errorf("image = %v, want %s", got, nodeimage.AgentImage)
	}
}

// imageOf is the image of the first container of the first workload of a kind.
func imageOf(t *testing.T, read func() ([]*unstructured.Unstructured, error), kind string) any {
	t.Helper()
	objects, err := read()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(objects, func(o *unstructured.Unstructured) bool { return o.GetKind() == kind })
	if i < 0 {
		t.Fatalf("no %s", kind)
	}
	containers, _, err := unstructured.NestedSlice(objects[i].Object, "spec", "template", "spec", "containers")
	if err != nil {
		t.Fatal(err)
	}
	return containers[0].(map[string]any)["image"]
}
