//go:build cluster

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/learner"
	"github.com/lab-operator/lab-operator/test/testenv"
)

var _ = Describe("the questions of every topic", func() {
	It("are graded right, wrong and exhausted, and give nothing away before that", func(ctx context.Context) {
		topics := &v1beta1.TopicList{}
		Expect(cluster.List(ctx, topics)).To(Succeed())
		asked := 0
		for _, topic := range topics.Items {
			if len(topic.Spec.Questions) == 0 {
				continue // One of the tests' own.
			}
			By("asking about " + topic.Name)
			q := newQuestioning(ctx, &topic)
			q.untouched(ctx)
			q.right(ctx)
			q.wrong(ctx)
			q.exhausted(ctx)
			asked++
		}
		Expect(asked).To(Equal(11), "topics with questions")
		AddReportEntry("topics answered right, wrong and exhausted", asked)
	})
})

// questioning is a learner with a Lab of a topic, at two of its questions: one to answer rightly and one wrongly. The lab
// has no environment: questions that do not ask for what is seen need none.
type questioning struct {
	topic     *v1beta1.Topic
	key       *v1beta1.AnswerKey
	lab       *v1beta1.Lab
	review    *v1beta1.LabReview // nil before a question is settled
	learner   client.Client
	questions [2]v1beta1.Question
}

func newQuestioning(ctx context.Context, topic *v1beta1.Topic) *questioning {
	GinkgoHelper()
	q := &questioning{topic: topic, key: &v1beta1.AnswerKey{}}
	Expect(cluster.Get(ctx, client.ObjectKey{Namespace: testenv.OperatorNamespace, Name: topic.Name}, q.key)).To(Succeed())
	namespace := inNamespace(ctx, "e2e-questions-"+topic.Name)
	who, err := learner.Create(ctx, cluster, config, namespace, GinkgoT().TempDir())
	Expect(err).NotTo(HaveOccurred())
	limited, err := clientcmd.BuildConfigFromFlags("", who.Kubeconfig)
	Expect(err).NotTo(HaveOccurred())
	q.learner, err = client.New(limited, client.Options{Scheme: cluster.Scheme()})
	Expect(err).NotTo(HaveOccurred())

	found := 0
	exercise := topic.Spec.Exercises[0]
	for _, question := range topic.Spec.Questions {
		choice := question.Type == "" || question.Type == v1beta1.QuestionTypeChoice
		if question.Exercise == exercise && choice && question.Reveal != v1beta1.RevealAfterTask && found < 2 {
			q.questions[found] = question
			found++
		}
	}
	Expect(found).To(Equal(2), "topic %s has two choices that can be answered at once", topic.Name)
	q.lab = &v1beta1.Lab{Spec: v1beta1.LabSpec{Topic: topic.Name, Exercise: exercise, Environment: v1beta1.EnvironmentAbsent}}
	q.lab.Namespace, q.lab.Name = namespace, "lab"
	Expect(cluster.Create(ctx, q.lab)).To(Succeed())
	return q
}

// untouched looks at what a learner can read before any answer.
func (q *questioning) untouched(ctx context.Context) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		g.Expect(q.learner.Get(ctx, client.ObjectKeyFromObject(q.lab), q.lab)).To(Succeed())
		g.Expect(q.lab.Status.Current.TaskQuestion).NotTo(BeNil())
	}).Should(Succeed())
	text := q.printed()
	for _, answer := range q.key.Spec.Answers {
		Expect(text).NotTo(ContainSubstring("%s", opening(answer.ModelAnswer)), "the model answer of %s is given away", answer.ID)
		for _, feedback := range answer.OptionFeedback {
			Expect(text).NotTo(ContainSubstring("%s", opening(feedback.Text)), "the feedback of %s is given away", answer.ID)
		}
	}
	By("reading the key as the learner")
	Expect(q.learner.Get(ctx, client.ObjectKeyFromObject(q.key), &v1beta1.AnswerKey{})).To(MatchError(apierrors.IsForbidden, "forbidden"))
	Expect(q.learner.List(ctx, &v1beta1.AnswerKeyList{})).To(MatchError(apierrors.IsForbidden, "forbidden"))
}

func (q *questioning) right(ctx context.Context) {
	GinkgoHelper()
	question := q.questions[0]
	answer := q.answerTo(question.ID)
	q.give(ctx, question, answer.Choice, v1beta1.QuestionRight)
	Expect(q.reviewed(ctx, question.ID).ModelAnswer).To(Equal(answer.ModelAnswer))
	Expect(q.printed()).To(ContainSubstring("%s", opening(answer.ModelAnswer)))
	Expect(q.printed()).NotTo(ContainSubstring("%s", opening(q.answerTo(q.questions[1].ID).ModelAnswer)))
}

func (q *questioning) wrong(ctx context.Context) {
	GinkgoHelper()
	question := q.questions[1]
	answer := q.answerTo(question.ID)
	first := q.misconceptions(question)[0]
	status := q.give(ctx, question, first, v1beta1.QuestionWrong)
	for _, feedback := range answer.OptionFeedback {
		if feedback.Option == first {
			Expect(q.lab.Status.Current.TaskQuestion.ID).To(Equal(question.ID))
			Expect(q.lab.Status.Current.TaskQuestion.Feedback).To(Equal(feedback.Text), "why %s is wrong", first)
		} else {
			Expect(q.printed()).NotTo(ContainSubstring("%s", opening(feedback.Text)))
		}
	}
	Expect(status.AttemptsLeft).To(BeEquivalentTo(2))
	Expect(q.printed()).NotTo(ContainSubstring("%s", opening(answer.ModelAnswer)))
}

func (q *questioning) exhausted(ctx context.Context) {
	GinkgoHelper()
	question := q.questions[1]
	wrong := q.misconceptions(question)
	q.give(ctx, question, wrong[1], v1beta1.QuestionWrong)
	q.give(ctx, question, wrong[2], v1beta1.QuestionExhausted)
	Expect(q.reviewed(ctx, question.ID).ModelAnswer).To(Equal(q.answerTo(question.ID).ModelAnswer))
	Expect(q.lab.Status.Summary.Questions).To(HavePrefix("1/"), "unanswered ones count")
}

// reviewed is what the learner reads in the LabReview about a question that was just settled.
func (q *questioning) reviewed(ctx context.Context, id string) v1beta1.ReviewedQuestion {
	GinkgoHelper()
	at := -1
	Eventually(func(g Gomega) {
		q.review = &v1beta1.LabReview{}
		g.Expect(q.learner.Get(ctx, client.ObjectKeyFromObject(q.lab), q.review)).To(Succeed())
		at = slices.IndexFunc(q.review.Spec.Questions, func(r v1beta1.ReviewedQuestion) bool { return r.ID == id })
		g.Expect(at).NotTo(Equal(-1))
	}).Should(Succeed())
	return q.review.Spec.Questions[at]
}

// give answers a question with one of its options: by the letter that it has for this learner where the Lab shows the
// question, and else by name.
func (q *questioning) give(ctx context.Context, question v1beta1.Question, option string, want v1beta1.QuestionState) v1beta1.QuestionStatus {
	GinkgoHelper()
	given := option
	if shown := q.lab.Status.Current.TaskQuestion; shown != nil && shown.ID == question.ID {
		given = letterOf(question, option, shown.Options)
		Expect(given).NotTo(BeEmpty(), "question %s shows the option %s", question.ID, option)
	}
	before := client.MergeFrom(q.lab.DeepCopy())
	if q.lab.Spec.Answers == nil {
		q.lab.Spec.Answers = map[string]intstr.IntOrString{}
	}
	q.lab.Spec.Answers[question.ID] = intstr.FromString(given)
	Expect(q.learner.Patch(ctx, q.lab, before)).To(Succeed())
	Eventually(func(g Gomega) {
		g.Expect(q.learner.Get(ctx, client.ObjectKeyFromObject(q.lab), q.lab)).To(Succeed())
		g.Expect(q.lab.Status.ObservedGeneration).To(Equal(q.lab.Generation))
	}).Should(Succeed())
	at := slices.IndexFunc(q.lab.Status.Questions, func(s v1beta1.QuestionStatus) bool { return s.ID == question.ID })
	Expect(at).NotTo(Equal(-1), "question %s is answered", question.ID)
	status := q.lab.Status.Questions[at]
	Expect(status.State).To(Equal(want), "%s: option %s", question.ID, option)
	return status
}

// letterOf is the letter of an option among those that are shown, empty where it is not among them.
func letterOf(question v1beta1.Question, option string, shown []string) string {
	for _, offered := range question.Options {
		for _, line := range shown {
			if mark, text, _ := strings.Cut(line, ") "); offered.Name == option && text == offered.Text {
				return mark
			}
		}
	}
	return ""
}

func (q *questioning) answerTo(id string) v1beta1.Answer {
	GinkgoHelper()
	for _, answer := range q.key.Spec.Answers {
		if answer.ID == id {
			return answer
		}
	}
	Fail(fmt.Sprintf("the key of %s has no %s", q.topic.Name, id))
	return v1beta1.Answer{}
}

// misconceptions are the names of the wrong options.
func (q *questioning) misconceptions(question v1beta1.Question) []string {
	GinkgoHelper()
	var wrong []string
	for _, option := range question.Options {
		if option.Name != q.answerTo(question.ID).Choice {
			wrong = append(wrong, option.Name)
		}
	}
	Expect(len(wrong)).To(BeNumerically(">=", 3))
	return wrong
}

// printed is all that kubectl get lab,labreview -o yaml shows, in one line and without the quotes of YAML.
func (q *questioning) printed() string {
	GinkgoHelper()
	var texts []string
	for _, object := range []any{q.lab.Spec, q.lab.Status, q.review} {
		texts = append(texts, textsOf(object)...)
	}
	return strings.Join(strings.Fields(strings.Join(texts, " ")), " ")
}

// textsOf are all texts in an object, as a reader of its YAML sees them.
func textsOf(object any) []string {
	GinkgoHelper()
	data, err := json.Marshal(object)
	Expect(err).NotTo(HaveOccurred())
	var value any
	Expect(json.Unmarshal(data, &value)).To(Succeed())
	var texts []string
	var collect func(value any)
	collect = func(value any) {
		switch v := value.(type) {
		case string:
			texts = append(texts, v)
		case []any:
			for _, item := range v {
				collect(item)
			}
		case map[string]any:
			for _, item := range v {
				collect(item)
			}
		}
	}
	collect(value)
	return texts
}

// opening is how a text begins, in one line: enough to know it by.
func opening(text string) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(len(words), 8)], " ")
}
