package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/quiz"
)

// checkQuestions looks at the questions of all topics, as a bank that somebody answers without having learned anything.
func (in *input) checkQuestions() {
	for i, topic := range in.topics {
		in.checkIDs(topic, in.topics[:i])
		var places []int
		for _, question := range topic.object.Spec.Questions {
			in.checkReferences(topic, question)
			answer := in.answerTo(topic, question)
			if answer == nil {
				continue
			}
			in.checkOptions(topic, question, *answer)
			if form, _ := quiz.FormOf(question.Type); form.Together {
				continue
			}
			if at := slices.IndexFunc(question.Options, func(o v1beta1.Option) bool { return isRight(*answer, o) }); at >= 0 {
				places = append(places, at)
			}
		}
		if len(places) >= minChoices && len(slices.Compact(places)) == 1 {
			in.report(topic.Document, ruleGuess, "spec.questions",
				"the right option is number %d in each of the %d choices: who reads the file learns the place, and so does its author; mix them", places[0]+1, len(places))
		}
	}
}

// countBank counts the questions of all topics.
func (in *input) countBank() []TopicCount {
	counts := make([]TopicCount, 0, len(in.topics))
	for _, topic := range in.topics {
		count := TopicCount{
			Topic: topic.name, Questions: len(topic.object.Spec.Questions),
			Types: map[v1beta1.QuestionType]int{}, Difficulties: map[v1beta1.Difficulty]int{},
		}
		for _, question := range topic.object.Spec.Questions {
			count.Types[question.Type]++
			count.Difficulties[question.Difficulty]++
			if answer := in.answerTo(topic, question); answer != nil && answer.Live != nil {
				count.Live++
			}
		}
		counts = append(counts, count)
	}
	slices.SortFunc(counts, func(a, b TopicCount) int { return strings.Compare(a.Topic, b.Topic) })
	return counts
}

// minChoices is from how many on one place for all right options is a habit.
const minChoices = 3

func (in *input) answerTo(topic *object[v1beta1.Topic], question v1beta1.Question) *v1beta1.Answer {
	key := byName(in.keys, topic.name)
	if key == nil {
		return nil
	}
	for i, answer := range key.object.Spec.Answers {
		if answer.ID == question.ID {
			return &key.object.Spec.Answers[i]
		}
	}
	return nil
}

// numberedID is an id that counts, as k8s-04 does.
var numberedID = regexp.MustCompile(`^(.*-)(\d+)$`)

// checkIDs finds ids that another topic has, and numbers that are left out. Within a topic the API refuses doubles.
func (in *input) checkIDs(topic *object[v1beta1.Topic], before []*object[v1beta1.Topic]) {
	highest := map[string]int{}
	has := map[string]bool{}
	for _, question := range topic.object.Spec.Questions {
		for _, other := range before {
			if slices.ContainsFunc(other.object.Spec.Questions, func(o v1beta1.Question) bool { return o.ID == question.ID }) {
				in.report(topic.Document, ruleID, questionField(question)+".id", "the topic %s has a question of this id: each needs one of its own", other.name)
			}
		}
		if m := numberedID.FindStringSubmatch(question.ID); m != nil {
			if number, err := strconv.Atoi(m[2]); err == nil && number <= maxQuestions {
				highest[m[1]] = max(highest[m[1]], number)
				has[m[1]+strconv.Itoa(number)] = true
			}
		}
	}
	for prefix, last := range highest {
		var missing []string
		for number := 1; number < last; number++ {
			if !has[prefix+strconv.Itoa(number)] {
				missing = append(missing, fmt.Sprintf("%s%02d", prefix, number))
			}
		}
		if len(missing) > 0 {
			in.report(topic.Document, ruleID, "spec.questions", "there is a question %s%02d, and none %s: add what is missing, or count without a hole",
				prefix, last, strings.Join(missing, ", "))
		}
	}
}

// maxQuestions is the highest number of an id that counts: a topic has no more questions.
const maxQuestions = 99

// checkReferences finds references that lead nowhere.
func (in *input) checkReferences(topic *object[v1beta1.Topic], question v1beta1.Question) {
	for i, reference := range question.References {
		field := fmt.Sprintf("%s.references[%d]", questionField(question), i)
		if letters(reference.Title) == 0 {
			in.report(topic.Document, ruleReference, field+".title", "has no word in it: write the title of the source")
		}
		if slices.ContainsFunc(question.References[:i], func(o v1beta1.Reference) bool { return sameWords(o.Title, reference.Title) }) {
			in.report(topic.Document, ruleReference, field+".title", "is the title of another reference: take one out")
		}
	}
}

// checkOptions finds right options that somebody finds who knows nothing.
func (in *input) checkOptions(topic *object[v1beta1.Topic], question v1beta1.Question, answer v1beta1.Answer) {
	if len(question.Options) == 0 || answer.Live != nil {
		return
	}
	shortestRight, longestWrong, wrong := -1, 0, 0
	for _, option := range question.Options {
		size := letters(option.Text)
		if isRight(answer, option) {
			if shortestRight < 0 || size < shortestRight {
				shortestRight = size
			}
		} else {
			wrong++
			longestWrong = max(longestWrong, size)
		}
	}
	field := questionField(question) + ".options"
	switch {
	case wrong == 0:
		in.report(topic.Document, ruleGuess, field, "all options are right: add some that those choose who have it wrong")
	case shortestRight > longestWrong && longestWrong > shortText:
		in.report(topic.Document, ruleGuess, field, "what is right is longer than all that is wrong, by form alone it can be guessed: shorten it, or write a wrong one at length")
	}
}

func questionField(question v1beta1.Question) string {
	return fmt.Sprintf("spec.questions[%s]", strings.TrimSpace(question.ID))
}
