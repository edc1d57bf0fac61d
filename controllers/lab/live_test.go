package lab_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// liveCatalog adds a question of each form whose right answer follows the level.
func liveCatalog() *catalog {
	c := newCatalog(unique("topic"))
	levels := []v1alpha1.Option{{Name: "low", Text: "It is low"}, {Name: "high", Text: "It is high"}, {Name: "raised", Text: "It was raised"}}
	for _, q := range []struct {
		id      string
		form    v1alpha1.QuestionForm
		options []v1alpha1.Option
		key     v1alpha1.LiveAnswer
	}{
		{id: "choice", form: v1alpha1.FormChoice, options: levels, key: v1alpha1.LiveAnswer{Expression: "settings.data.level"}},
		{id: "set", form: v1alpha1.FormMultiChoice, options: levels, key: v1alpha1.LiveAnswer{
			Expression: "(settings.data.level == 'low' ? ['low'] : ['raised']) + (settings.data.level == 'high' ? ['high'] : [])",
		}},
		{id: "number", form: v1alpha1.FormNumber, key: v1alpha1.LiveAnswer{Expression: "size(settings.data.level)", Tolerance: "0.25"}},
		{id: "text", form: v1alpha1.FormText, key: v1alpha1.LiveAnswer{Expression: "[settings.data.level, dyn(settings.data.level + ' level')]"}},
	} {
		asked := question(c.exercise, q.id, q.form, "raise")
		asked.Options = q.options
		c.topic.Spec.Questions = append(c.topic.Spec.Questions, asked)
		c.key.Spec.Answers = append(c.key.Spec.Answers, v1alpha1.Answer{ID: q.id, Live: &q.key, ModelAnswer: "Look.", Feedback: "look again"})
	}
	return c
}

var _ = Describe("a live question", func() {
	var lab *v1alpha1.Lab

	BeforeEach(func(ctx SpecContext) {
		lab = started(ctx, liveCatalog().create(ctx).lab())
		eventually(ctx, lab, func(g Gomega, now *v1alpha1.Lab) {
			g.Expect(task(now, "raise").Seen).To(Equal("the level is low"))
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
	letters := func(id string) (low, high, raised string) {
		return letter(lab, id, "It is low"), letter(lab, id, "It is high"), letter(lab, id, "It was raised")
	}
	forms := []any{
		Entry("of the form Choice", answers{
			id: "choice", tried: "high", malformed: "high", expects: "answer with one letter, a to c",
			high: func() []string { _, high, _ := letters("choice"); return []string{high, high + ")"} },
		}),
		Entry("of the form MultiChoice", answers{
			id: "set", tried: "high,raised", malformed: "none", expects: "answer with the letters of all that apply, a to c, as in a,b",
			high: func() []string {
				_, high, raised := letters("set")
				return []string{high + "," + raised, raised + " " + high}
			},
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
			Expect(answered(lab, a.id).State).To(Equal(v1alpha1.StateOpen))
			Expect(answered(lab, a.id).Feedback).To(Equal(a.expects))
			Expect(*answered(lab, a.id).AttemptsLeft).To(BeEquivalentTo(3))
			for _, wrong := range high {
				lab = answer(ctx, lab, a.id, intstr.FromString(wrong))
				Expect(answered(lab, a.id).State).To(Equal(v1alpha1.StateWrong))
				Expect(answered(lab, a.id).Feedback).To(Equal("look again"))
				Expect(answered(lab, a.id).Tried).To(Equal([]string{a.tried}))
				Expect(*answered(lab, a.id).AttemptsLeft).To(BeEquivalentTo(2))
			}
			setLevel(ctx, lab, "high")
			eventually(ctx, lab, func(g Gomega, now *v1alpha1.Lab) {
				g.Expect(answered(now, a.id).State).To(Equal(v1alpha1.StateRight))
				g.Expect(answered(now, a.id).ModelAnswer).To(Equal("Look."))
				g.Expect(task(now, "raise").State).To(Equal(v1alpha1.StatePassed), "the task and the answer see the same")
			})
		}}, forms...)...)

	DescribeTable("takes what was right a moment ago",
		append([]any{func(ctx SpecContext, a answers) {
			high := a.high()
			setLevel(ctx, lab, "high")
			eventually(ctx, lab, func(g Gomega, now *v1alpha1.Lab) {
				g.Expect(task(now, "raise").State).To(Equal(v1alpha1.StatePassed))
			})
			setLevel(ctx, lab, "raised")
			eventually(ctx, lab, func(g Gomega, now *v1alpha1.Lab) {
				g.Expect(task(now, "steady").State).To(Equal(v1alpha1.StatePending))
			})
			lab = answer(ctx, lab, a.id, intstr.FromString(high[0]))
			Expect(answered(lab, a.id).State).To(Equal(v1alpha1.StateRight))
		}}, forms...)...)

	It("says that the author is at fault where the right answer does not fit the question, until it does", func(ctx SpecContext) {
		_, high, _ := letters("choice")
		lab = answer(ctx, lab, "choice", intstr.FromString(high))
		setLevel(ctx, lab, "odd")
		now := eventuallyCondition(ctx, lab, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonCheckFailed,
			"the answer to question choice cannot be computed: its expression returned a name that is no option of the question: the options are low, high, raised")
		got := answered(now, "choice")
		Expect(got.State).To(Equal(v1alpha1.StateError))
		Expect(got.Feedback).To(Equal("the answer cannot be computed now; the author has to repair the question"))
		Expect(*got.AttemptsLeft).To(BeEquivalentTo(2))
		Expect(answered(now, "text").State).To(Equal(v1alpha1.StateOpen))

		setLevel(ctx, lab, "high")
		eventuallyCondition(ctx, lab, v1alpha1.ConditionStalled, metav1.ConditionFalse, v1alpha1.ReasonNone, "Nothing is wrong")
		eventually(ctx, lab, func(g Gomega, now *v1alpha1.Lab) {
			g.Expect(answered(now, "choice").State).To(Equal(v1alpha1.StateRight))
		})
	})
})
