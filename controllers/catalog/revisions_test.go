package catalog_test

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/test/testenv"
)

var _ = Describe("the revisions of a topic", func() {
	var (
		topic    *v1beta1.Topic
		exercise *v1beta1.Exercise
		key      *v1beta1.AnswerKey
		used     int
	)

	BeforeEach(func(ctx SpecContext) {
		used++
		topic, exercise, key = newTopic(fmt.Sprintf("revised-%d", used))
		create(ctx, exercise)
		create(ctx, key)
		create(ctx, topic)
	})

	// current is the name of the revision with the content of now.
	current := func() string { return catalog.NewBundle(exercise, topic, key).Name() }

	// edit gives the exercise another content.
	edit := func(ctx context.Context, title string) {
		GinkgoHelper()
		Eventually(func(g Gomega) {
			g.Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(exercise), exercise)).To(Succeed())
			exercise.Spec.Title = title
			g.Expect(cluster.Client.Update(ctx, exercise)).To(Succeed())
		}).WithContext(ctx).Should(Succeed())
	}

	It("has what labs would be started from, for learners and for the operator", func(ctx SpecContext) {
		name := current()
		eventuallyWhole(ctx, topic.Name, name)
		revision := &v1beta1.ExerciseRevision{}
		Expect(cluster.Client.Get(ctx, client.ObjectKey{Name: name}, revision)).To(Succeed())
		Expect(revision.Spec).To(Equal(catalog.NewBundle(exercise, topic, key).Revision().Spec))
		Expect(revision.Spec.Questions[0].Attempts).To(BeEquivalentTo(3), "defaults are in it")

		pin, err := catalog.DecodePin(name, pinOf(ctx, name).Data.Raw)
		Expect(err).NotTo(HaveOccurred())
		Expect(pin.Bundle.Answers).To(HaveLen(1))
		Expect(pin.Bundle.Exercise.Tasks[0].Checks).To(HaveLen(1))
	})

	It("is another one for each topic of an exercise", func(ctx SpecContext) {
		other, _, otherKey := newTopic(topic.Name + "-too")
		other.Spec.Exercises, other.Spec.Questions[0].Exercise = topic.Spec.Exercises, exercise.Name
		create(ctx, otherKey)
		create(ctx, other)
		eventuallyWhole(ctx, topic.Name, current())
		eventuallyWhole(ctx, other.Name, catalog.NewBundle(exercise, other, otherKey).Name())
	})

	It("has none of an exercise that cannot be used, until it can", func(ctx SpecContext) {
		before := current()
		eventuallyWhole(ctx, topic.Name, before)
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(exercise), exercise)).To(Succeed())
		exercise.Spec.Tasks[0].Checks[0].Expression = "nonsense("
		Expect(cluster.Client.Update(ctx, exercise)).To(Succeed())
		eventually(ctx, exercise, metav1.ConditionFalse, v1beta1.ReasonInvalidExercise, "does not compile")
		Consistently(func(g Gomega) { expectWhole(ctx, g, topic.Name, before) }, "500ms").WithContext(ctx).Should(Succeed())

		exercise.Spec.Tasks[0].Checks[0].Expression = "settings.data.level == 'low'"
		Expect(cluster.Client.Update(ctx, exercise)).To(Succeed())
		eventuallyWhole(ctx, topic.Name, before, current())
	})

	It("is written once", func(ctx SpecContext) {
		name := current()
		eventuallyWhole(ctx, topic.Name, name)
		version := pinOf(ctx, name).ResourceVersion
		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(exercise), exercise)).To(Succeed())
		exercise.Labels = map[string]string{"a": "b"}
		exercise.Spec.Difficulty = "" // the API server gives the default
		Expect(cluster.Client.Update(ctx, exercise)).To(Succeed())
		Consistently(func(g Gomega) {
			expectWhole(ctx, g, topic.Name, name)
			g.Expect(pinOf(ctx, name).ResourceVersion).To(Equal(version))
		}, "500ms").WithContext(ctx).Should(Succeed())
	})

	It("keeps the newest that nothing refers to, and those with labs", func(ctx SpecContext) {
		names := []string{current()}
		eventuallyWhole(ctx, topic.Name, names...)
		lab := &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: topic.Name}, Spec: v1beta1.LabSpec{Topic: topic.Name}}
		create(ctx, lab)
		eventuallyOn(ctx, lab, names[0])
		for i := range historyLimit + 2 {
			edit(ctx, fmt.Sprintf("Raise a level %d", i))
			names = append(names, current())
			Eventually(func(g Gomega) { g.Expect(revisions(ctx, g, topic.Name)).To(ContainElement(current())) }).WithContext(ctx).Should(Succeed())
		}
		kept := append([]string{names[0]}, names[2:]...)
		eventuallyWhole(ctx, topic.Name, kept...)

		By("deleting the lab")
		Expect(cluster.Client.Delete(ctx, lab)).To(Succeed())
		eventuallyWhole(ctx, topic.Name, kept[1:]...)

		By("going back to the oldest that is left")
		edit(ctx, "Raise a level 1")
		Expect(current()).To(Equal(names[2]))
		Consistently(func(g Gomega) { expectWhole(ctx, g, topic.Name, kept[1:]...) }, "500ms").WithContext(ctx).Should(Succeed())
	})

	It("comes back where somebody deletes what labs are started from now", func(ctx SpecContext) {
		name := current()
		eventuallyWhole(ctx, topic.Name, name)
		first := pinOf(ctx, name)
		Expect(cluster.Client.Delete(ctx, &v1beta1.ExerciseRevision{ObjectMeta: metav1.ObjectMeta{Name: name}})).To(Succeed())
		eventuallyWhole(ctx, topic.Name, name)
		Expect(cluster.Client.Delete(ctx, first)).To(Succeed())
		Eventually(func(g Gomega) {
			expectWhole(ctx, g, topic.Name, name)
			g.Expect(pinOf(ctx, name).UID).NotTo(Equal(first.UID))
			g.Expect(pinOf(ctx, name).Data.Raw).To(MatchJSON(first.Data.Raw))
		}).WithContext(ctx).Should(Succeed())
	})

	It("comes back from its pin where a lab refers to it, also when the catalog is gone and the operator was away", func(ctx SpecContext) {
		name := current()
		eventuallyWhole(ctx, topic.Name, name)
		lab := &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: topic.Name}, Spec: v1beta1.LabSpec{Topic: topic.Name}}
		create(ctx, lab)
		eventuallyOn(ctx, lab, name)
		revision := &v1beta1.ExerciseRevision{}
		Expect(cluster.Client.Get(ctx, client.ObjectKey{Name: name}, revision)).To(Succeed())
		edit(ctx, "Raise another level")
		eventuallyWhole(ctx, topic.Name, name, current())

		Expect(cluster.Client.Delete(ctx, revision)).To(Succeed())
		eventuallyWhole(ctx, topic.Name, name, current())

		By("deleting it with the topic while no operator runs")
		Expect(running.Stop()).To(Succeed())
		Expect(cluster.Client.Delete(ctx, revision)).To(Succeed())
		Expect(cluster.Client.Delete(ctx, topic)).To(Succeed())
		startOperator()
		Eventually(func(g Gomega) {
			again := &v1beta1.ExerciseRevision{}
			g.Expect(cluster.Client.Get(ctx, client.ObjectKey{Name: name}, again)).To(Succeed())
			g.Expect(again.Spec).To(Equal(revision.Spec))
		}).WithContext(ctx).Should(Succeed())
	})

	It("goes as a whole where somebody deletes one that nothing needs", func(ctx SpecContext) {
		names := []string{current()}
		edit(ctx, "Raise another level")
		names = append(names, current())
		eventuallyWhole(ctx, topic.Name, names...)
		Expect(cluster.Client.Delete(ctx, &v1beta1.ExerciseRevision{ObjectMeta: metav1.ObjectMeta{Name: names[0]}})).To(Succeed())
		eventuallyWhole(ctx, topic.Name, names[1])
	})

	It("is not made of a pin that is not what its name says", func(ctx SpecContext) {
		name := current()
		eventuallyWhole(ctx, topic.Name, name)
		lab := &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: topic.Name}, Spec: v1beta1.LabSpec{Topic: topic.Name}}
		create(ctx, lab)
		eventuallyOn(ctx, lab, name)
		edit(ctx, "Raise another level")
		eventuallyWhole(ctx, topic.Name, name, current())

		forged := pinOf(ctx, name)
		Expect(cluster.Client.Delete(ctx, forged)).To(Succeed())
		forged.ObjectMeta = metav1.ObjectMeta{Namespace: forged.Namespace, Name: name, Labels: forged.Labels}
		forged.Data = runtime.RawExtension{Raw: []byte(strings.Replace(string(forged.Data.Raw), "Raise a level", "Lower a level", 1))}
		Expect(cluster.Client.Create(ctx, forged)).To(Succeed())
		revision := &v1beta1.ExerciseRevision{ObjectMeta: metav1.ObjectMeta{Name: name}}
		Expect(cluster.Client.Delete(ctx, revision)).To(Succeed())
		Consistently(func() bool {
			return apierrors.IsNotFound(cluster.Client.Get(ctx, client.ObjectKeyFromObject(revision), revision))
		}, "500ms").Should(BeTrue())
	})

	It("cannot be edited", func(ctx SpecContext) {
		name := current()
		eventuallyWhole(ctx, topic.Name, name)
		pin := pinOf(ctx, name)
		pin.Data = runtime.RawExtension{Raw: []byte(`{}`)}
		Expect(cluster.Client.Update(ctx, pin)).To(MatchError(ContainSubstring("immutable")))
		revision := &v1beta1.ExerciseRevision{}
		Expect(cluster.Client.Get(ctx, client.ObjectKey{Name: name}, revision)).To(Succeed())
		revision.Spec.Title = "edited"
		Expect(cluster.Client.Update(ctx, revision)).To(MatchError(ContainSubstring("spec is immutable")))
	})
})

// pinOf reads a pin.
func pinOf(ctx context.Context, name string) *appsv1.ControllerRevision {
	GinkgoHelper()
	pin := &appsv1.ControllerRevision{}
	Expect(cluster.Client.Get(ctx, client.ObjectKey{Namespace: testenv.OperatorNamespace, Name: name}, pin)).To(Succeed())
	return pin
}

// revisions are the names of the ExerciseRevisions of a topic.
func revisions(ctx context.Context, g Gomega, topic string) []string {
	found := &v1beta1.ExerciseRevisionList{}
	g.Expect(cluster.Client.List(ctx, found, client.MatchingLabels{v1beta1.TopicLabel: topic})).To(Succeed())
	names := []string{}
	for _, one := range found.Items {
		names = append(names, one.Name)
	}
	return names
}

// expectWhole expects that a topic has these revisions and their pins, and no others.
func expectWhole(ctx context.Context, g Gomega, topic string, names ...string) {
	g.Expect(revisions(ctx, g, topic)).To(ConsistOf(names))
	found := &appsv1.ControllerRevisionList{}
	g.Expect(cluster.Client.List(ctx, found, client.InNamespace(testenv.OperatorNamespace), client.MatchingLabels{v1beta1.TopicLabel: topic})).To(Succeed())
	pins := []string{}
	for _, pin := range found.Items {
		pins = append(pins, pin.Name)
	}
	g.Expect(pins).To(ConsistOf(names))
}

func eventuallyWhole(ctx context.Context, topic string, names ...string) {
	GinkgoHelper()
	Eventually(func(g Gomega) { expectWhole(ctx, g, topic, names...) }).WithContext(ctx).Should(Succeed())
}

// eventuallyOn waits until a Lab refers to a revision.
func eventuallyOn(ctx context.Context, lab *v1beta1.Lab, revision string) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		g.Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(lab), lab)).To(Succeed())
		g.Expect(lab.Status.Revision).To(Equal(revision))
	}).WithContext(ctx).Should(Succeed())
}
