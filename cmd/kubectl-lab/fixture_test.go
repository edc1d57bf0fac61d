package main

import (
	"context"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/roster"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// fixture is an API server with workshops as the operator leaves them.
type fixture struct {
	t   *testing.T
	env *testenv.Environment
	// token is what must never be seen but in a kubeconfig.
	token string
}

const workshopNamespace = "workshops"

// newFixture starts the API server and creates four workshops: kubecon is open, tomorrow opens a
// day later, public has an address for attendees, and quiet has no attendees.
func newFixture(t *testing.T) *fixture {
	t.Helper()
	started, err := testenv.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := started.Stop(); err != nil {
			t.Errorf("stop the API server: %v", err)
		}
	})
	f := &fixture{t: t, env: started}
	f.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: workshopNamespace}})
	kubecon := f.workshop("kubecon", 0, "", []v1beta1.Attendee{
		{Name: "ada", DisplayName: "Ada Lovelace"}, {Name: "Zoë Müller"}, {Name: "bob", DisplayName: "Bob"},
		{Name: "mallory", DisplayName: `=HYPERLINK("https://evil.example","click")`},
	})
	kubecon.Status.Conditions = []metav1.Condition{{
		Type: v1beta1.ConditionProvisioned, Status: metav1.ConditionTrue, Reason: v1beta1.ReasonProvisioned, LastTransitionTime: metav1.Time{Time: noon},
	}}
	kubecon.Status.ObservedGeneration = kubecon.Generation
	f.updateStatus(kubecon)
	f.workshop("tomorrow", 24*time.Hour, "", []v1beta1.Attendee{{Name: "ada"}, {Name: "eve"}})
	f.workshop("public", 0, "https://203.0.113.7:6443", []v1beta1.Attendee{{Name: "ada"}})
	f.workshop("quiet", 0, "", nil)

	for _, who := range []string{"ada", "Zoë Müller", "bob"} {
		f.account("kubecon", who)
	}
	f.token = f.createToken("kubecon", "ada")
	f.secret("kubecon", "ada", v1beta1.KubeconfigSecretType)
	f.secret("kubecon", "Zoë Müller", v1beta1.KubeconfigSecretType)
	f.secret("public", "ada", v1beta1.KubeconfigSecretType)
	f.secret("tomorrow", "eve", corev1.SecretTypeOpaque)

	f.lab("ada", home(kubecon, v1beta1.Attendee{Name: "ada"}), "scale", v1beta1.LabCompleted, 2, 1)
	f.lab("ada", home(kubecon, v1beta1.Attendee{Name: "ada"}), "events", v1beta1.LabInProgress, 1, 0)
	f.lab("Zoë Müller", home(kubecon, v1beta1.Attendee{Name: "Zoë Müller"}), "scale", v1beta1.LabProvisioning, 0, 0)
	// Bob has made a Lab of his own that claims to be of the workshop.
	f.lab("bob", "default", "scale", v1beta1.LabCompleted, 2, 2)
	f.result("kubecon", "ada", "scale", 2, 1)
	f.result("kubecon", "Zoë Müller", "scale", 1, 1)
	f.result("kubecon", "grace", "scale", 2, 2)

	workshops := rbacv1.PolicyRule{APIGroups: []string{v1beta1.GroupVersion.Group}, Resources: []string{"workshops", "labresults"}, Verbs: []string{"get", "list"}}
	secrets := rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get", "list"}}
	f.allow("helper", workshops)
	f.allow("facilitator", workshops, secrets)
	return f
}

func (f *fixture) create(object client.Object) {
	f.t.Helper()
	if err := f.env.Client.Create(f.t.Context(), object); err != nil {
		f.t.Fatalf("create %T %s: %v", object, object.GetName(), err)
	}
}

func (f *fixture) updateStatus(object client.Object) {
	f.t.Helper()
	if err := f.env.Client.Status().Update(f.t.Context(), object); err != nil {
		f.t.Fatalf("update the status of %T %s: %v", object, object.GetName(), err)
	}
}

// workshop is on from three hours before noon to three hours after, later by a time.
func (f *fixture) workshop(name string, later time.Duration, address string, attendees []v1beta1.Attendee) *v1beta1.Workshop {
	f.t.Helper()
	workshop := &v1beta1.Workshop{
		ObjectMeta: metav1.ObjectMeta{Namespace: workshopNamespace, Name: name},
		Spec: v1beta1.WorkshopSpec{
			Attendees: attendees, APIServer: address,
			LabTemplates: []v1beta1.LabTemplate{
				{Name: "scale", Spec: v1beta1.LabSpec{Topic: "kubernetes", Exercise: "hpa-scaling"}},
				{Name: "events", Spec: v1beta1.LabSpec{Topic: "kafka"}},
			},
			OpensAt:  &metav1.Time{Time: noon.Add(later - 3*time.Hour)},
			ClosesAt: metav1.Time{Time: noon.Add(later + 3*time.Hour)},
		},
	}
	f.create(workshop)
	return workshop
}

// account makes an attendee's namespace and account, which has had a kubeconfig.
func (f *fixture) account(workshop, who string) {
	f.t.Helper()
	namespace := roster.NamespaceName(types.NamespacedName{Namespace: workshopNamespace, Name: workshop}, roster.Handle(who))
	f.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})
	f.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{
		Namespace: namespace, Name: guardrail.LearnerServiceAccount,
		Annotations: map[string]string{v1beta1.KubeconfigExpiresAnnotation: "2027-03-01T15:00:00Z"},
	}})
}

func (f *fixture) createToken(workshop, who string) string {
	f.t.Helper()
	account := &corev1.ServiceAccount{}
	account.Namespace = roster.NamespaceName(types.NamespacedName{Namespace: workshopNamespace, Name: workshop}, roster.Handle(who))
	account.Name = guardrail.LearnerServiceAccount
	request := &authenticationv1.TokenRequest{}
	if err := f.env.Client.SubResource("token").Create(f.t.Context(), account, request); err != nil {
		f.t.Fatalf("request a token: %v", err)
	}
	return request.Status.Token
}

// secret holds a kubeconfig with the operator's own address, which nobody else reaches.
func (f *fixture) secret(workshop, who string, kind corev1.SecretType) {
	f.t.Helper()
	config := kubeconfigOf(&clientcmdapi.Cluster{Server: "https://10.96.0.1:443", CertificateAuthorityData: []byte("in-cluster")}, &clientcmdapi.AuthInfo{Token: f.token})
	raw, err := clientcmd.Write(*config)
	if err != nil {
		f.t.Fatal(err)
	}
	f.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: workshopNamespace, Name: roster.SecretName(workshop, roster.Handle(who)),
			Annotations: map[string]string{v1beta1.KubeconfigExpiresAnnotation: "2027-03-01T15:00:00Z"},
		},
		Type: kind, Data: map[string][]byte{v1beta1.KubeconfigSecretKey: raw},
	})
}

// lab has two tasks and two questions.
func (f *fixture) lab(who, namespace, name string, phase v1beta1.LabPhase, passed, right int) {
	f.t.Helper()
	topic, exercise := subject(name)
	lab := &v1beta1.Lab{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name,
			Labels: map[string]string{
				v1beta1.WorkshopNamespaceLabel: workshopNamespace, v1beta1.WorkshopLabel: "kubecon", v1beta1.AttendeeLabel: roster.Handle(who),
			},
			Annotations: map[string]string{v1beta1.AttendeeAnnotation: who},
		},
		Spec: v1beta1.LabSpec{Topic: topic},
	}
	f.create(lab)
	lab.Status = v1beta1.LabStatus{
		Phase: phase, Exercise: exercise, ScorePercent: int32(25 * (passed + right)),
		TasksPassed: int32(passed), TasksTotal: 2, QuestionsRight: int32(right), QuestionsTotal: 2,
	}
	if phase != v1beta1.LabProvisioning {
		lab.Status.StartedAt = &metav1.Time{Time: noon.Add(-190 * time.Minute)}
	}
	if phase == v1beta1.LabCompleted {
		lab.Status.CompletedAt = &metav1.Time{Time: noon.Add(-150 * time.Minute)}
	}
	f.updateStatus(lab)
}

// result is the record of such a lab, which was completed if both tasks were passed.
func (f *fixture) result(workshop, who, name string, passed, right int) {
	f.t.Helper()
	topic, exercise := subject(name)
	result := &v1beta1.LabResult{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: workshopNamespace, Name: roster.ResultName(workshop, roster.Handle(who), name, exercise),
			Labels: map[string]string{v1beta1.WorkshopLabel: workshop},
		},
		Spec: v1beta1.LabResultSpec{
			Workshop: workshop, Attendee: who, Lab: name, Topic: topic, Exercise: exercise,
			StartedAt: &metav1.Time{Time: noon.Add(-190 * time.Minute)}, ScorePercent: int32(25 * (passed + right)),
			TasksPassed: int32(passed), TasksTotal: 2, QuestionsRight: int32(right), QuestionsTotal: 2,
		},
	}
	if passed == 2 {
		result.Spec.CompletedAt = &metav1.Time{Time: noon.Add(-150 * time.Minute)}
	}
	f.create(result)
}

func subject(lab string) (topic, exercise string) {
	if lab == "events" {
		return "kafka", "consumer-lag"
	}
	return "kubernetes", "hpa-scaling"
}

// allow gives a user rights in the workshops' namespace, and waits until the API server knows.
func (f *fixture) allow(user string, rules ...rbacv1.PolicyRule) {
	f.t.Helper()
	f.create(&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: workshopNamespace, Name: user}, Rules: rules})
	f.create(&rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: workshopNamespace, Name: user},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: user},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	})
	last := rules[len(rules)-1]
	err := wait.PollUntilContextTimeout(f.t.Context(), 20*time.Millisecond, 20*time.Second, true, func(ctx context.Context) (bool, error) {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User: user,
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Namespace: workshopNamespace, Verb: last.Verbs[0], Group: last.APIGroups[0], Resource: last.Resources[0],
			},
		}}
		err := f.env.Client.Create(ctx, review)
		return review.Status.Allowed, err
	})
	if err != nil {
		f.t.Fatalf("wait for the rights of %s: %v", user, err)
	}
}
