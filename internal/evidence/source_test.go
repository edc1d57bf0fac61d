package evidence

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestSources(t *testing.T) {
	tests := map[string]struct {
		evidence  []v1beta1.Evidence
		want      []Source
		wantError string
	}{
		"an object and a list": {
			evidence: []v1beta1.Evidence{
				{Name: "hpa", Object: &v1beta1.ObjectEvidence{APIVersion: "autoscaling/v2", Kind: "HorizontalPodAutoscaler", Name: "web"}},
				{Name: "pods", List: &v1beta1.ListEvidence{APIVersion: "v1", Kind: "Pod", Selector: map[string]string{"app": "web"}, Limit: 7}},
			},
			want: []Source{
				{Name: "hpa", GVK: schema.GroupVersionKind{Group: "autoscaling", Version: "v2", Kind: "HorizontalPodAutoscaler"}, ObjectName: "web"},
				{Name: "pods", GVK: pods, List: true, Selector: map[string]string{"app": "web"}, Limit: 7},
			},
		},
		"none": {
			want: []Source{},
		},
		"a version that is none": {
			evidence: []v1beta1.Evidence{
				{Name: "web", Object: &v1beta1.ObjectEvidence{APIVersion: "a/b/c", Kind: "Pod", Name: "web"}},
			},
			wantError: "evidence[0] web: object.apiVersion: ",
		},
		"a version of a list that is none": {
			evidence: []v1beta1.Evidence{
				{Name: "pods", List: &v1beta1.ListEvidence{APIVersion: "a/b/c", Kind: "Pod"}},
			},
			wantError: "evidence[0] pods: list.apiVersion: ",
		},
		"a probe is not watched": {
			evidence: []v1beta1.Evidence{{Name: "home", Probe: &v1beta1.ProbeEvidence{HTTP: &v1beta1.HTTPEvidence{}}}},
			want:     []Source{},
		},
		"neither object nor list": {
			evidence:  []v1beta1.Evidence{{Name: "nothing"}},
			wantError: "evidence[0] nothing: it needs exactly one of object, list and probe",
		},
		"a list and a probe": {
			evidence:  []v1beta1.Evidence{{Name: "both", List: &v1beta1.ListEvidence{}, Probe: &v1beta1.ProbeEvidence{}}},
			wantError: "evidence[0] both: it needs exactly one of object, list and probe",
		},
		"both object and list": {
			evidence:  []v1beta1.Evidence{{Name: "both", Object: &v1beta1.ObjectEvidence{}, List: &v1beta1.ListEvidence{}}},
			wantError: "evidence[0] both: it needs exactly one of object, list and probe",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Sources(tc.evidence)
			if tc.wantError == "" && err != nil {
				t.Fatal(err)
			}
			if tc.wantError != "" && (err == nil || !strings.HasPrefix(err.Error(), tc.wantError)) {
				t.Fatalf("error %v, want one that begins with %q", err, tc.wantError)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("sources (-want +got):\n%s", diff)
			}
		})
	}
}
