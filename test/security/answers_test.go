//go:build cluster

package security

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// onAnswers are attacks on what a question is worth.
func (s *stage) onAnswers() map[string]attack {
	lab := named(labVersion, "Lab", s.mallory.lab.Namespace, s.mallory.lab.Name)
	return map[string]attack{
		"try every option":                   {gain: "the right answer by elimination", try: s.tryEveryOption},
		"take a wrong answer back":           {gain: "attempts given back", try: s.takeBack},
		"ask for a fresh environment":        {gain: "attempts given back", try: s.freshEnvironment},
		"send answers faster than they read": {gain: "answers that are graded but not counted", try: s.manyAtOnce},
		"fill the spec with long answers":    {gain: "a status with no room, or a fault of ours", try: s.longAnswers},
		"give more answers than there may be": s.refusedLike("a Lab of any size", patch(lab, answers(65, "a")),
			invalid("spec.answers: Too many: 65: must have at most 64 items"), s.elsewhere(patch(lab, answers(64, "a")))),
		"give an answer longer than may be": s.refusedLike("a Lab of any size", patch(lab, answers(1, strings.Repeat("a", 257))),
			invalid("an answer is an integer of 32 bits or a text of at most 256 characters"), s.elsewhere(patch(lab, answers(1, strings.Repeat("a", 256))))),
		"give answers ids that are no ids": s.refusedLike("words of one's own in the status", patch(lab, `{"spec":{"answers":{"\u001b[2J":"a"}}}`),
			invalid("the ids of questions look like k8s-04"), s.elsewhere(patch(lab, `{"spec":{"answers":{"a-b":"a"}}}`))),
	}
}

// answers is a merge patch with some answers to questions that nobody asked.
func answers(n int, text string) string {
	all := map[string]string{}
	for i := range n {
		all[fmt.Sprintf("stray-%d", i)] = text
	}
	body, err := json.Marshal(map[string]any{"spec": map[string]any{"answers": all}})
	if err != nil {
		panic(err) // texts always marshal
	}
	return string(body)
}

func questionOf(lab *v1beta1.Lab, id string) v1beta1.QuestionStatus {
	for _, question := range lab.Status.Questions {
		if question.ID == id {
			return question
		}
	}
	return v1beta1.QuestionStatus{}
}

// answer gives an answer and waits until it was looked at.
func (s *stage) answer(t *testing.T, id, text string) v1beta1.QuestionStatus {
	t.Helper()
	body := fmt.Sprintf(`{"spec":{"answers":{%q:%q}}}`, id, text)
	must(t, patch(labOf(s.mallory.lab, ""), body).do(t.Context(), s.mallory.client))
	var lab *v1beta1.Lab
	eventually(t, "the answer was looked at", func() bool {
		lab = s.lab(t, s.mallory.lab)
		return lab.Status.ObservedGeneration == lab.Generation
	})
	return questionOf(lab, id)
}

// options gives the names of the wrong options of sec-01, and that of the right one. Any learner can read them.
func options() (wrong []string, right string) {
	return []string{"one", "two", "three", "four", "six", "seven", "eight"}, "five"
}

// noModelAnswer shows that nothing a learner can read has the answer.
func (s *stage) noModelAnswer(t *testing.T) {
	t.Helper()
	for _, o := range []*v1beta1.Lab{s.lab(t, s.mallory.lab), s.lab(t, s.alice.lab)} {
		printed, err := json.Marshal(o)
		must(t, err)
		if strings.Contains(string(printed), modelAnswer) {
			t.Errorf("Lab %s/%s shows the model answer of a question that is open", o.Namespace, o.Name)
		}
	}
}

func (s *stage) tryEveryOption(t *testing.T) {
	s.noModelAnswer(t)
	wrong, right := options()
	for _, option := range wrong[:3] {
		s.answer(t, "sec-01", option)
	}
	for _, option := range append(wrong[3:], right) {
		if got := s.answer(t, "sec-01", option); got.State != v1beta1.QuestionExhausted || len(got.Attempts) != 3 {
			t.Errorf("after three wrong answers %s makes it %s, tried %v", option, got.State, got.Attempts)
		}
	}
}

func (s *stage) takeBack(t *testing.T) {
	if got := s.answer(t, "sec-02", "1"); got.AttemptsLeft != 2 {
		t.Fatalf("a wrong answer leaves %d attempts: it is not well-formed", got.AttemptsLeft)
	}
	for _, body := range []string{`{"spec":{"answers":{"sec-02":null}}}`, `{"spec":{"answers":null}}`, `{"spec":{"answers":{"sec-02":1}}}`} {
		must(t, patch(labOf(s.mallory.lab, ""), body).do(t.Context(), s.mallory.client))
		eventually(t, "it was looked at", func() bool {
			lab := s.lab(t, s.mallory.lab)
			return lab.Status.ObservedGeneration == lab.Generation
		})
		if got := questionOf(s.lab(t, s.mallory.lab), "sec-02"); got.AttemptsLeft != 2 || len(got.Attempts) != 1 {
			t.Errorf("%s leaves %d attempts, tried %v", body, got.AttemptsLeft, got.Attempts)
		}
	}
}

func (s *stage) freshEnvironment(t *testing.T) {
	s.answer(t, "sec-03", "1")
	before := s.lab(t, s.mallory.lab)
	lab := labOf(s.mallory.lab, "")
	must(t, patch(lab, `{"spec":{"environment":"Absent"}}`).do(t.Context(), s.mallory.client))
	must(t, patch(lab, `{"spec":{"environment":"Present"}}`).do(t.Context(), s.mallory.client))
	must(t, patch(lab, `{"spec":{"environment":"Absent"}}`).do(t.Context(), s.mallory.client))
	eventually(t, "the environment is gone", func() bool { return s.lab(t, s.mallory.lab).Status.Environment == nil })
	must(t, patch(lab, `{"spec":{"environment":"Present"}}`).do(t.Context(), s.mallory.client))
	eventually(t, "there is a fresh one", func() bool {
		now := s.lab(t, s.mallory.lab).Status.Environment
		return now != nil && now.NamespaceUID != before.Status.Environment.NamespaceUID
	})
	s.untilReady(t, s.mallory.lab)
	s.untilRuns(t, s.mallory.environment, "bare")
	after := s.lab(t, s.mallory.lab)
	was, is := questionOf(before, "sec-03"), questionOf(after, "sec-03")
	if was.State != v1beta1.QuestionWrong || is.State != was.State || is.AttemptsLeft != 2 {
		t.Errorf("the question was %s, and is %s with %d attempts", was.State, is.State, is.AttemptsLeft)
	}
}

// manyAtOnce sends numbers without waiting. Each is either counted or not looked at.
func (s *stage) manyAtOnce(t *testing.T) {
	for number := range 42 {
		must(t, patch(labOf(s.mallory.lab, ""), fmt.Sprintf(`{"spec":{"answers":{"sec-04":%d}}}`, number)).do(t.Context(), s.mallory.client))
	}
	got := s.answer(t, "sec-04", "42")
	switch {
	case got.State == v1beta1.QuestionRight && len(got.Attempts) > 2:
		t.Errorf("it is right after %d wrong answers: %v", len(got.Attempts), got.Attempts)
	case got.State != v1beta1.QuestionRight && got.State != v1beta1.QuestionExhausted:
		t.Errorf("it is %s", got.State)
	}
	s.neverOurFault(t, s.mallory)
}

// longAnswers gives as many answers as there may be, as long as they may be, of four bytes and of control characters.
func (s *stage) longAnswers(t *testing.T) {
	lab := labOf(s.mallory.lab, "")
	for _, text := range []string{strings.Repeat("𝔞", 256), strings.Repeat("\u001b[31m\u202e\u0000\n", 32)} {
		must(t, patch(lab, `{"spec":{"answers":null}}`).do(t.Context(), s.mallory.client))
		must(t, patch(lab, answers(64, text)).do(t.Context(), s.mallory.client))
		eventually(t, "the answers were looked at", func() bool {
			lab := s.lab(t, s.mallory.lab)
			return lab.Status.ObservedGeneration == lab.Generation
		})
		status, err := json.Marshal(s.lab(t, s.mallory.lab).Status)
		must(t, err)
		if len(status) > 16<<10 {
			t.Errorf("the status has %d bytes", len(status))
		}
		s.cleanStatus(t, s.lab(t, s.mallory.lab))
		s.stillJudged(t)
	}
	must(t, patch(lab, `{"spec":{"answers":null}}`).do(t.Context(), s.mallory.client))
}

// cleanStatus shows that no text of a status moves a cursor, changes a color or turns what follows around.
func (s *stage) cleanStatus(t *testing.T, lab *v1beta1.Lab) {
	t.Helper()
	texts := append([]string{lab.Status.Next}, lab.Status.Notices...)
	for _, task := range lab.Status.Tasks {
		texts = append(texts, task.Expected, task.Observed)
	}
	if current := lab.Status.Current.Task; current != nil {
		for _, verdict := range current.Checks {
			texts = append(texts, verdict.Expected, verdict.Observed)
		}
	}
	if current := lab.Status.Current.TaskQuestion; current != nil {
		texts = append(texts, current.Feedback)
	}
	for _, question := range lab.Status.Questions {
		texts = append(texts, question.Attempts...)
	}
	for _, condition := range lab.Status.Conditions {
		texts = append(texts, condition.Message)
	}
	for _, text := range texts {
		if at := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }); at >= 0 {
			t.Errorf("the status has a control character: %q", text)
		}
	}
}
