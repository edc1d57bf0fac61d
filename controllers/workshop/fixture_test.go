package workshop_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/roster"
	testfixture "github.com/lab-operator/lab-operator/test/fixture"
)

var fixtures atomic.Int32

// fixture is a Workshop in a namespace of its own, with a catalog of its own.
type fixture struct {
	workshop *v1beta1.Workshop
	exercise *v1beta1.Exercise
	topic    *v1beta1.Topic
}

// newFixture returns a Workshop that has two labs for each attendee, is open, and closes in an
// hour. Nothing of it is created yet.
func newFixture(attendees ...string) *fixture {
	name := fmt.Sprintf("workshop-%d", fixtures.Add(1))
	exercise := &v1beta1.Exercise{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1beta1.ExerciseSpec{
			Title:    "Write a note",
			Evidence: []v1beta1.Evidence{testfixture.ConfigMapEvidence("note")},
			Tasks: []v1beta1.Task{
				{Name: "write", Title: "Write", Instructions: "Write the note.", Outputs: map[string]string{"uid": "note.metadata.uid"},
					Checks: []v1beta1.Check{{Expression: "note.data.text != ''", Expected: "the note has a text"}}},
				{Name: "sign", Title: "Sign", Instructions: "Sign the note.", DependsOn: []string{"write"},
					Checks: []v1beta1.Check{{Expression: "note.data.signed == 'yes'", Expected: "the note is signed"}}},
			},
		},
	}
	topic := testfixture.Topic(name, "Notes", v1beta1.Question{
		ID: "q-1", Prompt: "How many notes are there?", InterviewQuestion: "Count them.", Type: v1beta1.QuestionTypeNumber, Exercise: name, Task: "write",
	})
	f := &fixture{exercise: exercise, topic: topic, workshop: &v1beta1.Workshop{
		ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: "notes"},
		Spec: v1beta1.WorkshopSpec{
			LabTemplates: []v1beta1.LabTemplate{
				{Name: "one", Spec: v1beta1.LabSpec{Topic: name}},
				{Name: "two", Spec: v1beta1.LabSpec{Topic: name, Exercise: name}},
			},
			ClosesAt: in(time.Hour),
		},
	}}
	for _, attendee := range attendees {
		f.workshop.Spec.Attendees = append(f.workshop.Spec.Attendees, v1beta1.Attendee{Name: attendee})
	}
	return f
}

// in is a time from now, as the API keeps it.
func in(d time.Duration) metav1.Time { return metav1.NewTime(time.Now().Add(d).Truncate(time.Second)) }

// createNamespaceAndCatalog creates everything but the Workshop.
func (f *fixture) createNamespaceAndCatalog(ctx context.Context) *fixture {
	GinkgoHelper()
	Expect(cluster.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.workshop.Namespace}})).To(Succeed())
	f.createCatalog(ctx)
	return f
}

// createCatalog creates the catalog alone.
func (f *fixture) createCatalog(ctx context.Context) {
	GinkgoHelper()
	key := testfixture.AnswerKey(f.topic.Name, v1beta1.Answer{ID: "q-1", Number: &v1beta1.NumberAnswer{Value: "1"}, ModelAnswer: "One."})
	Expect(testfixture.Publish(ctx, cluster.Client, f.exercise, key, f.topic)).To(Succeed())
}

// create creates everything, and deletes the Workshop after the test.
func (f *fixture) create(ctx context.Context) *fixture {
	GinkgoHelper()
	f.createNamespaceAndCatalog(ctx).createWorkshop(ctx)
	return f
}

// createWorkshop creates the Workshop alone.
func (f *fixture) createWorkshop(ctx context.Context) {
	GinkgoHelper()
	Expect(cluster.Client.Create(ctx, f.workshop)).To(Succeed())
	DeferCleanup(func(ctx SpecContext) {
		Expect(client.IgnoreNotFound(cluster.Client.Delete(ctx, f.workshop))).To(Succeed())
		Eventually(func() bool {
			return apierrors.IsNotFound(cluster.Client.Get(ctx, client.ObjectKeyFromObject(f.workshop), &v1beta1.Workshop{}))
		}).WithContext(ctx).Should(BeTrue())
	})
}

// edit changes the spec of the Workshop.
func (f *fixture) edit(ctx context.Context, change func(*v1beta1.WorkshopSpec)) {
	GinkgoHelper()
	Eventually(func() error {
		now := f.now(ctx)
		change(&now.Spec)
		return cluster.Client.Update(ctx, now)
	}).WithContext(ctx).Should(Succeed())
}

// apply changes the spec of the Workshop, and has the change applied without a grace period.
func (f *fixture) apply(ctx context.Context, change func(*v1beta1.WorkshopSpec)) {
	GinkgoHelper()
	f.edit(ctx, change)
	f.confirm(ctx)
}

// confirm has what was edited applied without a grace period.
func (f *fixture) confirm(ctx context.Context) {
	GinkgoHelper()
	Eventually(func() error {
		now := f.now(ctx)
		metav1.SetMetaDataAnnotation(&now.ObjectMeta, v1beta1.ConfirmAnnotation, fmt.Sprint(now.Generation))
		return cluster.Client.Update(ctx, now)
	}).WithContext(ctx).Should(Succeed())
}

func (f *fixture) now(ctx context.Context) *v1beta1.Workshop {
	GinkgoHelper()
	now := &v1beta1.Workshop{}
	Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(f.workshop), now)).To(Succeed())
	return now
}

// eventually waits until the Workshop is as it should be.
func (f *fixture) eventually(ctx context.Context, should func(g Gomega, now *v1beta1.Workshop)) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		now := &v1beta1.Workshop{}
		g.Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(f.workshop), now)).To(Succeed())
		g.Expect(now.Status.ObservedGeneration).To(Equal(now.Generation))
		should(g, now)
	}).WithContext(ctx).Should(Succeed())
}

// eventuallyReady waits until so many attendees can work.
func (f *fixture) eventuallyReady(ctx context.Context, attendees int) {
	GinkgoHelper()
	f.eventually(ctx, func(g Gomega, now *v1beta1.Workshop) {
		g.Expect(now.Status.Ready).To(BeEquivalentTo(attendees))
		g.Expect(condition(now, v1beta1.ConditionProvisioned)).To(HavePrefix("True Provisioned"))
	})
}

// condition is the status, the reason and the message of one.
func condition(workshop *v1beta1.Workshop, kind string) string {
	found := meta.FindStatusCondition(workshop.Status.Conditions, kind)
	if found == nil {
		return "none"
	}
	return fmt.Sprintf("%s %s: %s", found.Status, found.Reason, found.Message)
}

// attendeeNamespace returns the namespace of an attendee.
func (f *fixture) attendeeNamespace(attendee string) string {
	return roster.NamespaceName(client.ObjectKeyFromObject(f.workshop), roster.Handle(attendee))
}

func (f *fixture) lab(ctx context.Context, attendee, name string) (*v1beta1.Lab, error) {
	lab := &v1beta1.Lab{}
	err := cluster.Client.Get(ctx, client.ObjectKey{Namespace: f.attendeeNamespace(attendee), Name: name}, lab)
	return lab, err
}

// eventuallyLab waits until a Lab is as it should be.
func (f *fixture) eventuallyLab(ctx context.Context, attendee, name string, should func(g Gomega, lab *v1beta1.Lab)) *v1beta1.Lab {
	GinkgoHelper()
	var lab *v1beta1.Lab
	Eventually(func(g Gomega) {
		var err error
		lab, err = f.lab(ctx, attendee, name)
		g.Expect(err).NotTo(HaveOccurred())
		should(g, lab)
	}).WithContext(ctx).Should(Succeed())
	return lab
}

// passFirstTask does the first task of a Lab, and waits until it is passed.
func (f *fixture) passFirstTask(ctx context.Context, attendee, name string) *v1beta1.Lab {
	GinkgoHelper()
	lab, err := f.lab(ctx, attendee, name)
	Expect(err).NotTo(HaveOccurred())
	note := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: lab.Status.Namespace, Name: "note"}, Data: map[string]string{"text": "hello"}}
	Expect(cluster.Client.Create(ctx, note)).To(Succeed())
	return f.eventuallyLab(ctx, attendee, name, func(g Gomega, lab *v1beta1.Lab) {
		g.Expect(lab.Status.TasksPassed).To(BeEquivalentTo(1))
	})
}

// answer gives an answer to the question of a Lab, and waits until it has been graded.
func (f *fixture) answer(ctx context.Context, attendee, name string, number int, want v1beta1.QuestionState) {
	GinkgoHelper()
	lab, err := f.lab(ctx, attendee, name)
	Expect(err).NotTo(HaveOccurred())
	before := client.MergeFrom(lab.DeepCopy())
	lab.Spec.Answers = map[string]intstr.IntOrString{"q-1": intstr.FromInt(number)}
	Expect(cluster.Client.Patch(ctx, lab, before)).To(Succeed())
	f.eventuallyLab(ctx, attendee, name, func(g Gomega, lab *v1beta1.Lab) {
		g.Expect(lab.Status.ObservedGeneration).To(Equal(lab.Generation))
		g.Expect(lab.Status.Questions[0].State).To(Equal(want))
	})
}

// result is what was recorded of a Lab.
func (f *fixture) result(ctx context.Context, attendee, lab string) (*v1beta1.LabResult, error) {
	result := &v1beta1.LabResult{}
	name := roster.ResultName(f.workshop.Name, roster.Handle(attendee), lab, f.exercise.Name)
	err := cluster.Client.Get(ctx, client.ObjectKey{Namespace: f.workshop.Namespace, Name: name}, result)
	return result, err
}

func (f *fixture) secret(ctx context.Context, attendee string) (*corev1.Secret, error) {
	secret := &corev1.Secret{}
	name := roster.SecretName(f.workshop.Name, roster.Handle(attendee))
	err := cluster.Client.Get(ctx, client.ObjectKey{Namespace: f.workshop.Namespace, Name: name}, secret)
	return secret, err
}

// loginAs returns a client of the attendee, with the kubeconfig of the Secret.
func (f *fixture) loginAs(ctx context.Context, attendee string) client.Client {
	GinkgoHelper()
	var data []byte
	Eventually(func() error {
		secret, err := f.secret(ctx, attendee)
		data = secret.Data[v1beta1.KubeconfigSecretKey]
		return err
	}).WithContext(ctx).Should(Succeed())
	config, err := clientcmd.RESTConfigFromKubeConfig(data)
	Expect(err).NotTo(HaveOccurred())
	attendeeClient, err := client.New(config, client.Options{Scheme: cluster.Client.Scheme(), Mapper: cluster.Client.RESTMapper()})
	Expect(err).NotTo(HaveOccurred())
	return attendeeClient
}

// eventuallyGone waits until an object is not there.
func eventuallyGone(ctx context.Context, object client.Object) {
	GinkgoHelper()
	Eventually(func() bool {
		return apierrors.IsNotFound(cluster.Client.Get(ctx, client.ObjectKeyFromObject(object), object))
	}).WithContext(ctx).Should(BeTrue(), "%T %s is still there", object, client.ObjectKeyFromObject(object))
}

// namespaces lists those of the attendees of the Workshop.
func (f *fixture) namespaces(ctx context.Context) []string {
	GinkgoHelper()
	list := &corev1.NamespaceList{}
	Expect(cluster.Client.List(ctx, list, client.MatchingLabels{v1beta1.WorkshopLabel: f.workshop.Name, v1beta1.WorkshopNamespaceLabel: f.workshop.Namespace})).To(Succeed())
	var names []string
	for _, namespace := range list.Items {
		names = append(names, namespace.Name)
	}
	return names
}
