package workshop

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// seated is an attendee of the morning who has everything, with a kubeconfig that is good to the end.
func seated() *attendee {
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{
		v1beta1.KubeconfigExpiresAnnotation: nine.Add(3 * time.Hour).Format(time.RFC3339),
		v1beta1.KubeconfigRenewsAnnotation:  nine.Add(2 * time.Hour).Format(time.RFC3339),
	}}}
	return &attendee{
		Attendee: v1beta1.Attendee{Name: "ada"}, handle: "ada", stage: open, closesAt: nine.Add(3 * time.Hour), account: account,
		bindings: map[string]*rbacv1.RoleBinding{registrarRole: {}, learnerRole: {}},
		labs: map[string]*v1beta1.Lab{
			"hpa":  {ObjectMeta: metav1.ObjectMeta{Name: "hpa"}, Spec: v1beta1.LabSpec{Topic: "kubernetes"}},
			"helm": {ObjectMeta: metav1.ObjectMeta{Name: "helm"}, Spec: v1beta1.LabSpec{Topic: "kubernetes", Exercise: "helm-release"}},
		},
	}
}

func TestDue(t *testing.T) {
	present := func(s *v1beta1.WorkshopSpec) { s.OnClose.Environments = v1beta1.EnvironmentPresent }
	nothing := func(a *attendee) { a.account, a.bindings, a.labs = nil, nil, nil }
	tests := map[string]struct {
		stage    stage
		attendee func(*attendee)
		spec     func(*v1beta1.WorkshopSpec)
		now      time.Duration // from nine
		// exercises are those of the labs, where they are not what the catalog has.
		exercises map[string]string
		want      []step
	}{
		"nobody is provisioned early":  {stage: early, attendee: nothing},
		"all is made ahead but access": {stage: ahead, attendee: nothing, want: []step{{do: createNamespace}, {do: bind}, {makeLab, "hpa"}, {makeLab, "helm"}}},
		"all is made":                  {stage: open, attendee: nothing, want: []step{{do: createNamespace}, {do: bind}, {makeLab, "hpa"}, {makeLab, "helm"}, {do: grantAccess}}},
		"nothing is done twice":        {stage: open},
		"a right that was taken away":  {stage: open, attendee: func(a *attendee) { delete(a.bindings, learnerRole) }, want: []step{{do: bind}}},
		"a lab that was deleted":       {stage: open, attendee: func(a *attendee) { delete(a.labs, "hpa") }, want: []step{{makeLab, "hpa"}}},
		"a lab of another exercise":    {stage: open, attendee: func(a *attendee) { a.labs["hpa"].Status.Exercise = "hpa-scaling" }, spec: func(s *v1beta1.WorkshopSpec) { s.LabTemplates[0].Spec.Exercise = "pods" }, want: []step{{removeLab, "hpa"}}},
		"an exercise that is written out": {stage: open, spec: func(s *v1beta1.WorkshopSpec) { s.LabTemplates[0].Spec.Exercise = "hpa-scaling" },
			attendee: func(a *attendee) { a.labs["hpa"].Status.Exercise = "hpa-scaling" }},
		"one that is written out before the lab was looked at": {
			stage: open, spec: func(s *v1beta1.WorkshopSpec) { s.LabTemplates[0].Spec.Exercise = "hpa-scaling" },
		},
		"an exercise that is left out again": {stage: open, attendee: func(a *attendee) { a.labs["hpa"].Spec.Exercise = "hpa-scaling" }},
		"one that was pinned before the topic changed": {
			stage: open, attendee: func(a *attendee) { a.labs["hpa"].Status.Exercise = "pods" },
		},
		"defaults that are written out": {stage: open, spec: func(s *v1beta1.WorkshopSpec) {
			s.LabTemplates[0].Spec.Size, s.LabTemplates[0].Spec.Environment = v1beta1.SizeSmall, v1beta1.EnvironmentPresent
			s.OnClose.Environments = v1beta1.EnvironmentAbsent
			s.ExtendBy = lasting(0)
		}},
		"a topic that is missing deletes nothing": {stage: open, spec: func(s *v1beta1.WorkshopSpec) { s.LabTemplates[1].Spec.Exercise = "" },
			exercises: map[string]string{}},
		"a kubeconfig of a Workshop that was restored": {
			stage: open, attendee: func(a *attendee) { a.account.Labels = map[string]string{v1beta1.WorkshopUIDLabel: "before"} }, want: []step{{do: grantAccess}},
		},
		"who shares a handle is left alone": {stage: open, attendee: func(a *attendee) { nothing(a); a.shares = true }},
		"who shares a handle loses it at the close": {stage: closed, attendee: func(a *attendee) { closeAll(a); a.shares, a.account = true, seated().account },
			want: []step{{do: revokeAccess}}},
		"a lab that is not asked for any more": {
			stage: open, spec: func(s *v1beta1.WorkshopSpec) { s.LabTemplates = s.LabTemplates[:1] }, want: []step{{removeLab, "helm"}},
		},
		"another size of one lab": {
			stage: open, spec: func(s *v1beta1.WorkshopSpec) { s.LabTemplates[1].Spec.Size = v1beta1.SizeLarge },
			want: []step{{resizeLab, "helm"}},
		},
		"an answer is no other lab": {stage: open, attendee: func(a *attendee) {
			a.labs["hpa"].Spec.Answers = map[string]intstr.IntOrString{"k8s-04": intstr.FromString("b")}
		}},
		"an account that was deleted":            {stage: open, attendee: func(a *attendee) { a.account = nil }, want: []step{{do: grantAccess}}},
		"a kubeconfig that was not noted":        {stage: open, attendee: func(a *attendee) { a.account.Annotations = nil }, want: []step{{do: grantAccess}}},
		"a kubeconfig that lasts is not renewed": {stage: open, now: 150 * time.Minute},
		"one that ends early is renewed in time": {
			stage: open, now: 2 * time.Hour, attendee: func(a *attendee) { a.closesAt = nine.Add(4 * time.Hour) }, want: []step{{do: grantAccess}},
		},
		"and not before": {stage: open, now: time.Hour, attendee: func(a *attendee) { a.closesAt = nine.Add(4 * time.Hour) }},
		"the close takes access first": {
			stage: closed, want: []step{{do: revokeAccess}, {closeLab, "helm"}, {closeLab, "hpa"}},
		},
		"a close that leaves the workloads": {
			stage: closed, spec: func(s *v1beta1.WorkshopSpec) { s.OnClose.Environments = v1beta1.EnvironmentPresent }, want: []step{{do: revokeAccess}},
		},
		"a close that leaves the workloads cuts what is open, once no token is taken any more": {
			stage: closed, spec: present, attendee: func(a *attendee) { a.account, a.locked = nil, true }, want: []step{{cutLab, "helm"}, {cutLab, "hpa"}},
		},
		"and that once": {stage: closed, spec: present, attendee: func(a *attendee) {
			a.account, a.locked = nil, true
			for _, lab := range a.labs {
				lab.Labels = map[string]string{v1beta1.ClosedLabel: closedPresent}
			}
		}},
		"what was closed stays closed": {stage: closed, attendee: closeAll},
		"an attendee cannot go on after the close": {
			stage: closed, attendee: func(a *attendee) { closeAll(a); a.labs["hpa"].Spec.Environment = v1beta1.EnvironmentPresent },
			want: []step{{closeLab, "hpa"}},
		},
		"nothing is made for who comes after the close": {stage: closed, attendee: nothing},
		"an extension opens again": {
			stage: open, attendee: closeAll, want: []step{{reopenLab, "hpa"}, {reopenLab, "helm"}, {do: grantAccess}},
		},
		"what the attendee took down stays down": {
			stage: open, attendee: func(a *attendee) { a.labs["hpa"].Spec.Environment = v1beta1.EnvironmentAbsent },
		},
		"who leaves loses access, then the labs": {
			stage: removed, want: []step{{do: revokeAccess}, {removeLab, "helm"}, {removeLab, "hpa"}},
		},
		"and the namespace last": {stage: removed, attendee: func(a *attendee) { a.account, a.labs = nil, nil }, want: []step{{do: removeNamespace}}},
		"who is gone is gone":    {stage: removed, attendee: nothing},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			workshop, a := morning(), seated()
			a.stage = tc.stage
			if tc.attendee != nil {
				tc.attendee(a)
			}
			if tc.spec != nil {
				tc.spec(&workshop.Spec)
			}
			s := &scope{workshop: workshop, now: nine.Add(tc.now), exercises: map[string]string{"hpa": "hpa-scaling", "helm": "helm-release"}}
			if tc.exercises != nil {
				s.exercises = tc.exercises
			}
			if diff := cmp.Diff(tc.want, due(s, a), cmp.AllowUnexported(step{})); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

// closeAll is what the close leaves of an attendee.
func closeAll(a *attendee) {
	a.account = nil
	for _, lab := range a.labs {
		lab.Labels = map[string]string{v1beta1.ClosedLabel: "true"}
		lab.Spec.Environment = v1beta1.EnvironmentAbsent
	}
}
