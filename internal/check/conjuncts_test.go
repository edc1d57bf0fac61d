package check

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestConjuncts(t *testing.T) {
	inspector := Inspect(&v1beta1.ExerciseSpec{Evidence: []v1beta1.Evidence{
		{Name: "web", Object: &v1beta1.ObjectEvidence{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"}},
		{Name: "pods", List: &v1beta1.ListEvidence{APIVersion: "v1", Kind: "Pod"}},
	}})
	for text, want := range map[string][]string{
		"web.spec.replicas == 1":                                   {"web.spec.replicas == 1"},
		"has(web.spec) && web.spec.replicas > 1 && size(pods) > 2": {"has(web.spec)", "web.spec.replicas > 1", "size(pods) > 2"},
		"size(pods) > 1 && (web.spec.a || web.spec.b)":             {"size(pods) > 1", "web.spec.a || web.spec.b"},
		"size(pods) > 1 || web.spec.a && web.spec.b":               {"size(pods) > 1 || web.spec.a && web.spec.b"},
		"pods.all(p, p.a && p.b) && web.?spec.a.orValue(false)":    {"pods.all(p, p.a && p.b)", "web.?spec.a.orValue(false)"},
	} {
		got, err := inspector.Conjuncts(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
		for _, part := range got {
			if inspector.Expression(part) == nil {
				t.Errorf("%s is no expression any more", part)
			}
		}
	}
	if _, err := inspector.Conjuncts("web.spec &&"); err == nil {
		t.Error("what is no expression is taken apart")
	}
}
