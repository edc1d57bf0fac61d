package quiz

import (
	"fmt"

	"github.com/google/cel-go/common/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// Form is all that is particular to one type of question: how it is answered, and how its key is read. A new type is a
// file with its Form and a line of Forms, besides its name and its member of the key in the API.
type Form struct {
	// Type is the name of the form.
	Type v1beta1.QuestionType
	// Member is the field of the key that goes with it, as an author writes it.
	Member string
	// HasOptions says that a learner chooses among options.
	HasOptions bool
	// Together says that all right values are one answer. Otherwise each of them is a right answer.
	Together bool
	// Measured says that an answer is a number: the question can have a unit, and the key a tolerance.
	Measured bool
	// Values are the types that a live expression can return for a value.
	Values []*types.Type
	// Returns says what a live expression must return, for messages.
	Returns string

	// key returns what the author wrote into the member, and whether the member is there at all.
	key func(answer v1beta1.Answer) (values []string, given bool)
	// problems finds what is wrong with the values of the member. It is nil where the API finds everything.
	problems func(q v1beta1.Question, values []string) []Problem
	// normal brings a right value into the normal form of answers. It is empty for a value that nobody can type. The
	// error says what does not fit the question; it does not quote the value.
	normal func(q v1beta1.Question, value string) (string, error)
	// reader returns what reads the answers to a question. It is not ok where the key does not fit.
	reader func(in Input) (r reader, ok bool)
	// wording is the right answer as a reader sees it. It is nil with options, which are quoted instead.
	wording func(q v1beta1.Question, answer v1beta1.Answer) string
}

// Forms lists the forms, in the order in which they are documented.
func Forms() []Form {
	return []Form{
		choiceForm(),
		multiChoiceForm(),
		numberForm(),
		textForm(),
	}
}

// FormOf finds the form of a type of question.
func FormOf(questionType v1beta1.QuestionType) (Form, bool) {
	for _, form := range Forms() {
		if form.Type == questionType {
			return form, true
		}
	}
	return Form{}, false
}

// Keyed are the right values that the key gives in the member of the form, as the author wrote them.
func (f Form) Keyed(answer v1beta1.Answer) []string {
	if f.key == nil {
		return nil
	}
	values, _ := f.key(answer)
	return values
}

// reader reads the answers to one question. It does not know what is right.
type reader interface {
	// read brings an answer, one line of words, into the normal form that all ways to give this answer share. It is not
	// ok where this is no answer to such a question.
	read(answer string) (normal string, ok bool)
	// fits tells whether an answer is as good as a right one, both in normal form.
	fits(answer, right string) bool
	// expects says what an answer looks like.
	expects() string
}

// readerOf finds the form of a question and its reader, or says what is wrong with the question or the key.
func readerOf(in Input) (form Form, r reader, fault string) {
	form, known := FormOf(in.Question.Type)
	switch {
	case !known:
		return form, nil, unknownForm(in.Question.Type) + report
	case form.HasOptions && len(in.Question.Options) == 0:
		return form, nil, "the question has no options" + report
	}
	r, ok := form.reader(in)
	if !ok {
		return form, nil, misfit
	}
	return form, r, ""
}

func unknownForm(questionType v1beta1.QuestionType) string {
	return fmt.Sprintf("the form %s is not known here", questionType)
}

// exact is what readers have in common whose normal form leaves no room: an answer is right or it is not.
type exact struct{}

func (exact) fits(answer, right string) bool { return answer == right }
