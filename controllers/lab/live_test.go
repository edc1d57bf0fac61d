package lab_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// liveCatalog adds a question of each form whose right answer follows the level.
func liveCatalog() *catalog {
	c := newCatalog(unique("topic"))
	levels := []v1beta1.Option{{Name: "low", Text: "It is low"}, {Name: "high", Text: "It is high"}, {Name: "raised", Text: "It was raised"}}
	for _, q := range []struct {
		id      string
		form    v1beta1.QuestionType
		options []v1beta1.Option
		key     v1beta1.LiveAnswer
	}{
		{id: "choice", form: v1beta1.QuestionTypeChoice, options: levels, key: v1beta1.LiveAnswer{Expression: "settings.data.level"}},
		{id: "set", form: v1beta1.QuestionTypeMultiChoice, options: levels, key: v1beta1.LiveAnswer{
			Expression: "(settings.data.level == 'low' ? ['low'] : ['raised']) + (settings.data.level == 'high' ? ['high'] : [])",
		}},
		{id: "number", form: v1beta1.QuestionTypeNumber, key: v1beta1.LiveAnswer{Expression: "size(settings.data.level)", Tolerance: "0.25"}},
		{id: "text", form: v1beta1.QuestionTypeText, key: v1beta1.LiveAnswer{Expression: "[settings.data.level, dyn(settings.data.level + ' level')]"}},
	} {
		asked := question(c.exercise, q.id, q.form, "raise")
		asked.Options = q.options
		c.topic.Spec.Questions = append(c.topic.Spec.Questions, asked)
		c.key.Spec.Answers = append(c.key.Spec.Answers, v1beta1.Answer{ID: q.id, Live: &q.key, ModelAnswer: "Look.", Feedback: "look again"})
	}
	return c
}

var _ = Describe("a live question", func() {
	var lab *v1beta1.Lab

	BeforeEach(func(ctx SpecContext) {
		lab = started(ctx, liveCatalog().create(ctx).lab())
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "raise").Observed).To(Equal("the level is low"))
		})
	})

	// high are ways to give the answer that is right while the level is high.
	type answers struct {
		id        string
		high      func() []string
		tried     string
		malformed string
		expects   string
	}
	forms := []any{
		Entry("of the form Choice", answers{
			id: "choice", tried: "high", malformed: "higher", expects: "answer with one letter, a to c",
			high: func() []string { return []string{"high", "HIGH "} },
		}),
		Entry("of the form MultiChoice", answers{
			id: "set", tried: "high,raised", malformed: "none", expects: "answer with the letters of all that apply, a to c, as in a,b",
			high: func() []string { return []string{"high,raised", "raised high"} },
		}),
		Entry("of the form Number", answers{
			id: "number", tried: "4.25", malformed: "four", expects: "answer with a number, as in 3 or 0.5",
			high: func() []string { return []string{"4.25", "+4.250"} },
		}),
		Entry("of the form Text", answers{
			id: "text", tried: "high level", malformed: "...", expects: "answer in a few words, with at most 256 characters and no pictures",
			high: func() []string { return []string{"high level", " 'High  Level'."} },
		}),
	}

	DescribeTable("is graded by what is so in this lab, and right as soon as the lab makes it so",
		append([]any{func(ctx SpecContext, a answers) {
			high := a.high()
			lab = answer(ctx, lab, a.id, intstr.FromString(a.malformed))
			Expect(answered(lab, a.id).State).To(Equal(v1beta1.QuestionOpen))
			Expect(current(lab).ID).To(Equal(a.id))
			Expect(current(lab).Feedback).To(Equal(a.expects))
			Expect(answered(lab, a.id).AttemptsLeft).To(BeEquivalentTo(3))
			for _, wrong := range high {
				lab = answer(ctx, lab, a.id, intstr.FromString(wrong))
				Expect(answered(lab, a.id).State).To(Equal(v1beta1.QuestionWrong))
				Expect(current(lab).Feedback).To(Equal("look again"))
				Expect(answered(lab, a.id).Attempts).To(Equal([]string{a.tried}))
				Expect(answered(lab, a.id).AttemptsLeft).To(BeEquivalentTo(2))
			}
			setLevel(ctx, lab, "high")
			eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
				g.Expect(answered(now, a.id).State).To(Equal(v1beta1.QuestionRight))
				g.Expect(task(now, "raise").State).To(Equal(v1beta1.TaskPassed), "the task and the answer see the same")
			})
			reviewed := eventuallyReviewed(ctx, lab, a.id)
			Expect(reviewed.ModelAnswer).To(Equal("Look."))
			Expect(reviewed.Answer).To(BeEmpty(), "what is right depends on the lab")
		}}, forms...)...)

	DescribeTable("takes what was right a moment ago",
		append([]any{func(ctx SpecContext, a answers) {
			high := a.high()
			setLevel(ctx, lab, "high")
			eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
				g.Expect(task(now, "raise").State).To(Equal(v1beta1.TaskPassed))
			})
			setLevel(ctx, lab, "raised")
			eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
				g.Expect(task(now, "steady").State).To(Equal(v1beta1.TaskPending))
			})
			lab = answer(ctx, lab, a.id, intstr.FromString(high[0]))
			Expect(answered(lab, a.id).State).To(Equal(v1beta1.QuestionRight))
		}}, forms...)...)

	It("says that the author is at fault where the right answer does not fit the question, until it does", func(ctx SpecContext) {
		lab = answer(ctx, lab, "choice", intstr.FromString("high"))
		setLevel(ctx, lab, "odd")
		now := eventuallyCondition(ctx, lab, v1beta1.ConditionStalled, metav1.ConditionTrue, v1beta1.ReasonCheckFailed,
			"the answer to question choice cannot be computed: its expression returned a name that is no option of the question: the options are low, high, raised")
		got := answered(now, "choice")
		Expect(got.State).To(Equal(v1beta1.QuestionError))
		Expect(current(now).ID).NotTo(Equal("choice"), "nothing that the learner can do about it")
		Expect(now.Status.Notices).To(ContainElement("answer choice: the answer cannot be computed now; the author has to repair the question"))
		Expect(got.AttemptsLeft).To(BeEquivalentTo(2))
		Expect(answered(now, "text").State).To(BeEmpty(), "the other questions are not touched")

		setLevel(ctx, lab, "high")
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) { g.Expect(now).To(lackCondition(v1beta1.ConditionStalled)) })
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(answered(now, "choice").State).To(Equal(v1beta1.QuestionRight))
		})
	})
})
