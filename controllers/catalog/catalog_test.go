package catalog_test

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/klog/v2/textlogger"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/test/testenv"
)

var (
	cluster *testenv.Environment
	running *testenv.Operator
)

// historyLimit is how many revisions are kept that nothing refers to.
const historyLimit = 2

func TestCatalog(t *testing.T) {
	RegisterFailHandler(Fail)
	EnforceDefaultTimeoutsWhenUsingContexts()
	SetDefaultEventuallyTimeout(20 * time.Second)
	SetDefaultEventuallyPollingInterval(20 * time.Millisecond)
	SetDefaultConsistentlyPollingInterval(20 * time.Millisecond)
	RunSpecs(t, "Catalog")
}

var _ = BeforeSuite(func(ctx SpecContext) {
	ctrl.SetLogger(textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(GinkgoWriter))))
	var err error
	cluster, err = testenv.Start(ctx)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(cluster.Stop()).To(Succeed()) })

	startOperator()
	DeferCleanup(func() { Expect(running.Stop()).To(Succeed()) })
})

// startOperator runs the operator as it runs in a cluster.
func startOperator() {
	GinkgoHelper()
	var err error
	options := operator.Options{RevisionHistoryLimit: ptr.To[uint](historyLimit)}
	running, err = testenv.RunOperator(testenv.Impersonate(cluster.Config, testenv.OperatorAccount), options)
	Expect(err).NotTo(HaveOccurred())
}

// entry is an object of the catalog with a status.
type entry interface {
	client.Object
	*v1beta1.Exercise | *v1beta1.Topic
}

// eventually waits for the condition Accepted of an entry as it is now.
func eventually[E entry](ctx context.Context, object E, status metav1.ConditionStatus, reason, message string) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		g.Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(object), object)).To(Succeed())
		var conditions []metav1.Condition
		switch object := any(object).(type) {
		case *v1beta1.Exercise:
			conditions = object.Status.Conditions
		case *v1beta1.Topic:
			conditions = object.Status.Conditions
		}
		accepted := meta.FindStatusCondition(conditions, v1beta1.ConditionAccepted)
		g.Expect(accepted).NotTo(BeNil())
		g.Expect(accepted.ObservedGeneration).To(Equal(object.GetGeneration()))
		g.Expect(string(accepted.Status) + " " + accepted.Reason + ": " + accepted.Message).To(And(
			HavePrefix("%s %s: ", status, reason), ContainSubstring("%s", message)))
	}).WithContext(ctx).Should(Succeed())
}

var _ = Describe("an Exercise", func() {
	It("is accepted, and says how many tasks it has", func(ctx SpecContext) {
		exercise := newExercise("accepted")
		create(ctx, exercise)
		eventually(ctx, exercise, metav1.ConditionTrue, v1beta1.ReasonAccepted, "Labs can be started from it")
		Expect(exercise.Status.TaskCount).To(BeEquivalentTo(1))
		Expect(exercise.Status.ObservedGeneration).To(Equal(exercise.Generation))
	})

	It("tells all that is wrong with it, and is accepted once it is corrected", func(ctx SpecContext) {
		exercise := newExercise("wrong")
		exercise.Spec.Tasks[0].Checks[0].Expression = "nothing.here"
		exercise.Spec.Setup = []runtime.RawExtension{{Raw: []byte(`{"apiVersion":"v1","kind":"Node","metadata":{"name":"mine"}}`)}}
		create(ctx, exercise)
		eventually(ctx, exercise, metav1.ConditionFalse, v1beta1.ReasonInvalidExercise, "nothing is neither evidence nor a function")
		eventually(ctx, exercise, metav1.ConditionFalse, v1beta1.ReasonInvalidExercise, "Node mine would be an object of the whole cluster")

		exercise.Spec.Tasks[0].Checks[0].Expression, exercise.Spec.Setup = "settings.data.level == 'high'", nil
		Expect(cluster.Client.Update(ctx, exercise)).To(Succeed())
		eventually(ctx, exercise, metav1.ConditionTrue, v1beta1.ReasonAccepted, "")
	})

	It("is written once", func(ctx SpecContext) {
		exercise := newExercise("quiet")
		create(ctx, exercise)
		eventually(ctx, exercise, metav1.ConditionTrue, v1beta1.ReasonAccepted, "")
		version := exercise.ResourceVersion
		Consistently(func() (string, error) {
			err := cluster.Client.Get(ctx, client.ObjectKeyFromObject(exercise), exercise)
			return exercise.ResourceVersion, err
		}, "500ms").Should(Equal(version))
	})
})

var _ = Describe("a Topic", func() {
	It("says what it lacks, one after the other, until it is accepted", func(ctx SpecContext) {
		topic, exercise, key := newTopic("growing")
		create(ctx, topic)
		eventually(ctx, topic, metav1.ConditionFalse, v1beta1.ReasonInvalidTopic, "there is no Exercise growing: add it, or take it off the list")
		create(ctx, exercise)
		eventually(ctx, topic, metav1.ConditionFalse, v1beta1.ReasonInvalidTopic, "there is no AnswerKey growing in the operator's namespace: add it there")
		create(ctx, key)
		eventually(ctx, topic, metav1.ConditionTrue, v1beta1.ReasonAccepted, "Labs can be started from it")
		Expect(topic.Status.ExerciseCount).To(BeEquivalentTo(1))
		Expect(topic.Status.QuestionCount).To(BeEquivalentTo(1))

		By("losing its exercise again")
		Expect(cluster.Client.Delete(ctx, exercise)).To(Succeed())
		eventually(ctx, topic, metav1.ConditionFalse, v1beta1.ReasonInvalidTopic, "there is no Exercise growing")
	})

	It("follows changes of its key and of its exercise", func(ctx SpecContext) {
		topic, exercise, key := newTopic("following")
		key.Spec.Answers[0].ID = "another"
		create(ctx, exercise)
		create(ctx, key)
		create(ctx, topic)
		eventually(ctx, topic, metav1.ConditionFalse, v1beta1.ReasonInvalidTopic, "the AnswerKey has no answer to this question: add one")
		key.Spec.Answers[0].ID = "q-1"
		Expect(cluster.Client.Update(ctx, key)).To(Succeed())
		eventually(ctx, topic, metav1.ConditionTrue, v1beta1.ReasonAccepted, "")

		Expect(cluster.Client.Get(ctx, client.ObjectKeyFromObject(exercise), exercise)).To(Succeed())
		exercise.Spec.Tasks[0].Name = "renamed"
		Expect(cluster.Client.Update(ctx, exercise)).To(Succeed())
		eventually(ctx, topic, metav1.ConditionFalse, v1beta1.ReasonInvalidTopic, "the exercise following has no task raise: it has renamed")
	})

	It("is not answered by a key in another namespace", func(ctx SpecContext) {
		topic, exercise, key := newTopic("elsewhere")
		key.Namespace = metav1.NamespaceDefault
		create(ctx, exercise)
		create(ctx, key)
		create(ctx, topic)
		eventually(ctx, topic, metav1.ConditionFalse, v1beta1.ReasonInvalidTopic, "there is no AnswerKey elsewhere in the operator's namespace")
	})
})

func create(ctx context.Context, object client.Object) {
	GinkgoHelper()
	Expect(cluster.Client.Create(ctx, object)).To(Succeed())
	DeferCleanup(func(ctx SpecContext) {
		Expect(client.IgnoreNotFound(cluster.Client.Delete(ctx, object))).To(Succeed())
	})
}

func newExercise(name string) *v1beta1.Exercise {
	return &v1beta1.Exercise{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1beta1.ExerciseSpec{
			Title:    "Raise a level",
			Evidence: []v1beta1.Evidence{{Name: "settings", Object: &v1beta1.ObjectEvidence{APIVersion: "v1", Kind: "ConfigMap", Name: "settings"}}},
			Tasks: []v1beta1.Task{{
				Name: "raise", Title: "Raise it", Instructions: "To high.",
				Checks: []v1beta1.Check{{Expression: "settings.data.level == 'high'", Expected: "it is high"}},
			}},
		},
	}
}

// newTopic is a topic with one exercise of its name, one question, and the key.
func newTopic(name string) (*v1beta1.Topic, *v1beta1.Exercise, *v1beta1.AnswerKey) {
	topic := &v1beta1.Topic{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1beta1.TopicSpec{
			Title: "Levels", Exercises: []string{name},
			Questions: []v1beta1.Question{{
				ID: "q-1", InterviewQuestion: "How high?", Prompt: "How high is it?", Type: v1beta1.QuestionTypeNumber, Exercise: name, Task: "raise",
			}},
		},
	}
	key := &v1beta1.AnswerKey{
		ObjectMeta: metav1.ObjectMeta{Namespace: testenv.OperatorNamespace, Name: name},
		Spec: v1beta1.AnswerKeySpec{Topic: name, Answers: []v1beta1.Answer{
			{ID: "q-1", Number: &v1beta1.NumberAnswer{Value: "3"}, ModelAnswer: "Three."},
		}},
	}
	return topic, newExercise(name), key
}
