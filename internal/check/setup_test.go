package check

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestAnObjectOfTheSetupThatIsGoneHasAWayBack(t *testing.T) {
	const (
		gone = "there is no Deployment named web"
		back = gone + ": the lab began with it. Create it again, or start a fresh environment: set spec.environment of the Lab to Absent, then to Present"
	)
	for name, tc := range map[string]struct {
		setup string
		want  string
	}{
		"made by the setup":         {setup: `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"}}`, want: back},
		"another name in the setup": {setup: `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"load"}}`, want: gone},
		"another kind in the setup": {setup: `{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"}}`, want: gone},
		"for the learner to make":   {setup: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"page"}}`, want: gone},
	} {
		t.Run(name, func(t *testing.T) {
			s := &v1beta1.ExerciseSpec{
				Setup:     []runtime.RawExtension{{Raw: []byte(tc.setup)}},
				ReadyWhen: []v1beta1.Check{{Expression: "web.spec.replicas == 2", Expected: "web has two replicas"}},
				Evidence:  []v1beta1.Evidence{{Name: "web", Object: &v1beta1.ObjectEvidence{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"}}},
				Tasks:     []v1beta1.Task{{Name: "scale", Checks: []v1beta1.Check{{Expression: "web.spec.replicas == 3", Expected: "web has three replicas"}}}},
			}
			in := input()
			in.Evidence = Snapshot{"web": {State: Missing, Detail: gone}}
			e := mustCompile(t, s)
			if got := evaluate(t, e, in).Tasks[0].Checks[0].Observed; got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if _, unmet := e.Ready(t.Context(), in); len(unmet) != 1 || unmet[0].Observed != gone {
				t.Errorf("before the lab has begun: got %+v, want %q", unmet, gone)
			}
		})
	}
}
