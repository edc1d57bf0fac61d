package lab_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

var _ = Describe("the answers in a Lab", func() {
	var lab *v1beta1.Lab

	BeforeEach(func(ctx SpecContext) {
		lab = started(ctx, newCatalog(unique("topic")).create(ctx).lab())
	})

	It("takes the letter of an option, and shows the model answer", func(ctx SpecContext) {
		Expect(current(lab).ID).To(Equal("q-choice"))
		Expect(current(lab).InterviewQuestion).To(Equal("What about q-choice?"))
		Expect(current(lab).Options).To(HaveLen(3))
		Expect(current(lab).AnswerWith).To(ContainSubstring("kubectl patch lab " + lab.Name))
		lab = answer(ctx, lab, "q-choice", intstr.FromString(letter(lab, "It goes up")))
		got := answered(lab, "q-choice")
		Expect(got.State).To(Equal(v1beta1.QuestionRight))
		Expect(current(lab).ID).NotTo(Equal("q-choice"))
		Expect(got.AttemptsLeft).To(BeEquivalentTo(2))
		Expect(lab.Status.Summary.Questions).To(Equal("1/4"))

		reviewed := eventuallyReviewed(ctx, lab, "q-choice")
		Expect(reviewed.ModelAnswer).To(Equal("Up it goes."))
		Expect(reviewed.Answer).To(HaveSuffix(") It goes up"))
		for _, option := range reviewed.Options {
			Expect(*option.Correct).To(Equal(option.Text == "It goes up"))
		}

		By("keeping what was right, whatever is answered later")
		lab = answer(ctx, lab, "q-choice", intstr.FromString("z"))
		Expect(answered(lab, "q-choice").State).To(Equal(v1beta1.QuestionRight))
	})

	It("tells what is wrong with a wrong option, counts it once, and ends when the attempts are used", func(ctx SpecContext) {
		down, stays := letter(lab, "It goes down"), letter(lab, "It stays")
		lab = answer(ctx, lab, "q-choice", intstr.FromString(down))
		got := answered(lab, "q-choice")
		Expect(got.State).To(Equal(v1beta1.QuestionWrong))
		Expect(current(lab).Feedback).To(Equal("not down"))
		Expect(got.AttemptsLeft).To(BeEquivalentTo(1))
		Expect(got.Attempts).To(Equal([]string{"down"}))

		By("giving the same answer in another form")
		lab = answer(ctx, lab, "q-choice", intstr.FromString(" "+strings.ToUpper(down)+") "))
		Expect(answered(lab, "q-choice").AttemptsLeft).To(BeEquivalentTo(1))

		By("giving an answer that is none of the options")
		lab = answer(ctx, lab, "q-choice", intstr.FromString("z"))
		got = answered(lab, "q-choice")
		Expect(current(lab).Feedback).To(Equal("answer with one letter, a to c"))
		Expect(got.AttemptsLeft).To(BeEquivalentTo(1))

		By("using the last attempt")
		lab = answer(ctx, lab, "q-choice", intstr.FromString(stays))
		got = answered(lab, "q-choice")
		Expect(got.State).To(Equal(v1beta1.QuestionExhausted))
		Expect(got.AttemptsLeft).To(BeZero())

		reviewed := eventuallyReviewed(ctx, lab, "q-choice")
		Expect(reviewed.State).To(Equal(v1beta1.QuestionExhausted))
		Expect(reviewed.ModelAnswer).To(Equal("Up it goes."))

		By("knowing the answer too late")
		lab = answer(ctx, lab, "q-choice", intstr.FromString("up"))
		Expect(answered(lab, "q-choice").State).To(Equal(v1beta1.QuestionExhausted))
		Expect(lab.Status.Summary.Questions).To(Equal("0/4"))
	})

	It("takes numbers as numbers and as text, and asks for one where it gets none", func(ctx SpecContext) {
		lab = answer(ctx, lab, "q-number", intstr.FromString("many"))
		got := answered(lab, "q-number")
		Expect(got.State).To(Equal(v1beta1.QuestionOpen))
		Expect(current(lab).ID).To(Equal("q-number"))
		Expect(current(lab).Feedback).To(Equal("answer with a number, as in 3 or 0.5"))
		Expect(got.AttemptsLeft).To(BeEquivalentTo(3))

		lab = answer(ctx, lab, "q-number", intstr.FromInt32(15))
		got = answered(lab, "q-number")
		Expect(got.State).To(Equal(v1beta1.QuestionWrong))
		Expect(current(lab).Feedback).To(Equal("count again"))

		lab = answer(ctx, lab, "q-number", intstr.FromString("300.0"))
		Expect(answered(lab, "q-number").State).To(Equal(v1beta1.QuestionRight))
	})

	It("grades a live question by what is so in this lab, now or a moment ago", func(ctx SpecContext) {
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "raise").Observed).To(Equal("the level is low"))
		})
		lab = answer(ctx, lab, "q-live", intstr.FromString("high"))
		Expect(answered(lab, "q-live").State).To(Equal(v1beta1.QuestionWrong))
		Expect(answered(lab, "q-live").Attempts).To(Equal([]string{"high"}))

		setLevel(ctx, lab, "high")
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(answered(now, "q-live").State).To(Equal(v1beta1.QuestionRight))
		})
	})

	It("takes for a live question what was right a moment ago", func(ctx SpecContext) {
		setLevel(ctx, lab, "high")
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "raise").State).To(Equal(v1beta1.TaskPassed))
		})
		setLevel(ctx, lab, "middle")
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "steady").State).To(Equal(v1beta1.TaskPending))
		})
		lab = answer(ctx, lab, "q-live", intstr.FromString("high"))
		Expect(answered(lab, "q-live").State).To(Equal(v1beta1.QuestionRight))
	})

	It("keeps a question back until its task is passed, and grades the answer then", func(ctx SpecContext) {
		lab = answer(ctx, lab, "q-later", intstr.FromInt32(7))
		got := answered(lab, "q-later")
		Expect(got.State).To(Equal(v1beta1.QuestionLocked))
		Expect(lab.Status.Notices).To(ContainElement(
			"answer q-later: pass the task \"mark\" first: the answer is graded then and costs nothing now"))
		Expect(got.AttemptsLeft).To(BeEquivalentTo(3))

		setLevel(ctx, lab, "high")
		setMark(ctx, lab)
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(answered(now, "q-later").State).To(Equal(v1beta1.QuestionRight))
		})
	})

	It("names the questions there are to one who answers another", func(ctx SpecContext) {
		lab = answer(ctx, lab, "k8s-99", intstr.FromString("b"))
		const notice = "answer k8s-99: this lab has no such question; it has q-choice, q-number, q-live, q-later"
		Expect(lab.Status.Notices).To(ContainElement(notice))

		By("forgetting it when the answer is taken back")
		lab = change(ctx, lab, func(spec *v1beta1.LabSpec) { delete(spec.Answers, "k8s-99") })
		Expect(lab.Status.Notices).To(BeEmpty())
	})
})

// letter is the one under which this learner sees an option of the question that the Lab shows.
func letter(lab *v1beta1.Lab, text string) string {
	GinkgoHelper()
	for _, option := range current(lab).Options {
		if strings.HasSuffix(option, text) {
			return option[:1]
		}
	}
	Fail("there is no option " + text)
	return ""
}
