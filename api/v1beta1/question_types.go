package v1beta1

// QuestionType says how a learner answers a question. The AnswerKey says what the correct answer is.
// +kubebuilder:validation:Enum=Choice;MultiChoice;Number;Text
type QuestionType string

const (
	// QuestionTypeChoice is answered by the letter of one option.
	QuestionTypeChoice QuestionType = "Choice"
	// QuestionTypeMultiChoice is answered by the letters of all options that apply, in any order.
	QuestionTypeMultiChoice QuestionType = "MultiChoice"
	// QuestionTypeNumber is answered by an integer or a decimal number.
	QuestionTypeNumber QuestionType = "Number"
	// QuestionTypeText is answered by a few words. Case, spaces and the punctuation around them are ignored.
	QuestionTypeText QuestionType = "Text"
)

// Option is one choice of a question. Each learner sees the options in an order of their own, with letters.
type Option struct {
	// name is the author's name for the option. It says what the option is about, not whether it is correct. A learner can
	// give it as the answer in place of the letter.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:XValidation:rule="!self.matches('^[a-h]{1,8}$')",message="the name of an option is a word: letters from a to h alone are read as the letters of options"
	// +kubebuilder:validation:MaxLength=31
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9-]{0,30}$`
	// +required
	Name string `json:"name,omitempty"`

	// text of the option.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +required
	Text string `json:"text,omitempty"`
}

// Reference is a primary source for further reading.
type Reference struct {
	// title of the source.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	// +required
	Title string `json:"title,omitempty"`

	// url of the source, if it has one.
	// +kubebuilder:validation:MaxLength=300
	// +kubebuilder:validation:Pattern=`^https://.+`
	// +optional
	URL string `json:"url,omitempty"`
}

// Reveal says when a question is shown.
// +kubebuilder:validation:Enum=Always;AfterTask
type Reveal string

const (
	// RevealAlways shows the question from the start.
	RevealAlways Reveal = "Always"
	// RevealAfterTask hides the question until its task has been passed.
	RevealAfterTask Reveal = "AfterTask"
)

// Question is an interview question, with a version of it that can be graded.
// +kubebuilder:validation:XValidation:rule="(self.type in ['Choice', 'MultiChoice']) == has(self.options)",message="a question of the type Choice or MultiChoice has options, and no other has"
// +kubebuilder:validation:XValidation:rule="!has(self.unit) || self.type == 'Number'",message="unit goes with the type Number"
type Question struct {
	// id of the question, as in k8s-04. It is the key under a Lab's spec.answers.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9-]{0,30}$`
	// +required
	ID string `json:"id,omitempty"`

	// interviewQuestion is the open question as an interviewer asks it.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +required
	InterviewQuestion string `json:"interviewQuestion,omitempty"`

	// prompt is the version that is graded.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Prompt string `json:"prompt,omitempty"`

	// type says how the question is answered: Choice by one letter, MultiChoice by a set of letters, Number by a number,
	// Text by a few words.
	// +required
	Type QuestionType `json:"type,omitempty"`

	// options are the choices of the types Choice and MultiChoice.
	// +kubebuilder:validation:MinItems=2
	// +kubebuilder:validation:MaxItems=8
	// +listType=map
	// +listMapKey=name
	// +optional
	Options []Option `json:"options,omitempty"`

	// unit is what a number counts, as in seconds.
	// +kubebuilder:validation:MaxLength=32
	// +optional
	Unit string `json:"unit,omitempty"`

	// exercise names the exercise that demonstrates the answer. The question is part of its labs.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +required
	Exercise string `json:"exercise,omitempty"`

	// task names the task of that exercise that demonstrates the answer.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	Task string `json:"task,omitempty"`

	// reveal is when the question is shown: Always, or AfterTask if it would give away its task.
	// +kubebuilder:default=Always
	// +optional
	Reveal Reveal `json:"reveal,omitempty"`

	// attempts is how many different answers can be tried.
	// +kubebuilder:default=3
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	// +optional
	Attempts int32 `json:"attempts,omitempty"`

	// difficulty tells a learner what to expect.
	// +kubebuilder:default=Intermediate
	// +optional
	Difficulty Difficulty `json:"difficulty,omitempty"`

	// references are primary sources for further reading.
	// +kubebuilder:validation:MaxItems=8
	// +listType=atomic
	// +optional
	References []Reference `json:"references,omitempty"`
}

// NumberAnswer is the correct answer of a question of the type Number.
type NumberAnswer struct {
	// value is the correct number, in the question's unit, as text: 300 or 0.5.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^-?[0-9]+(\.[0-9]+)?$`
	// +required
	Value string `json:"value,omitempty"`

	// tolerance is how far an answer may be from the value. If it is left out, the answer must be exact.
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^[0-9]+(\.[0-9]+)?$`
	// +optional
	Tolerance string `json:"tolerance,omitempty"`
}

// TextAnswer is the correct answer of a question of the type Text.
type TextAnswer struct {
	// accepted lists the correct texts, which are synonyms. Case, spaces and the punctuation around a text are ignored. The
	// first one is shown to a learner who has used every attempt.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=128
	// +listType=set
	// +required
	Accepted []string `json:"accepted,omitempty"`
}

// LiveAnswer computes the correct answer from the learner's own lab. It goes with a question of any type.
type LiveAnswer struct {
	// expression is CEL over the evidence of the question's exercise. For the type Choice it returns the name of an option,
	// for Number a number, for Text a text; if several are correct, it returns a list of them. For MultiChoice it returns
	// the list of the names of all correct options. A value that it returned within the last minute is accepted too.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +required
	Expression string `json:"expression,omitempty"`

	// tolerance is how far an answer of the type Number may be from the value. If it is left out, the answer must be exact.
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^[0-9]+(\.[0-9]+)?$`
	// +optional
	Tolerance string `json:"tolerance,omitempty"`
}

// OptionFeedback says why an option is wrong.
type OptionFeedback struct {
	// option is the name of the option.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +required
	Option string `json:"option,omitempty"`

	// text says why it is wrong, without giving the correct option away.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +required
	Text string `json:"text,omitempty"`
}

// Answer is the answer to one question.
// +kubebuilder:validation:XValidation:rule="[has(self.choice), has(self.choices), has(self.number), has(self.text), has(self.live)].filter(given, given).size() == 1",message="an answer has exactly one of choice, choices, number, text and live"
// +kubebuilder:validation:XValidation:rule="!has(self.optionFeedback) || has(self.choice) || has(self.choices) || has(self.live)",message="optionFeedback goes with choice, choices and live"
type Answer struct {
	// id of the question.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9-]{0,30}$`
	// +required
	ID string `json:"id,omitempty"`

	// choice is the name of the correct option of a question of the type Choice.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +optional
	Choice string `json:"choice,omitempty"`

	// choices are the names of all correct options of a question of the type MultiChoice.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=31
	// +listType=set
	// +optional
	Choices []string `json:"choices,omitempty"`

	// number is the correct number.
	// +optional
	Number *NumberAnswer `json:"number,omitempty"`

	// text lists the texts that are correct.
	// +optional
	Text *TextAnswer `json:"text,omitempty"`

	// live computes the correct answer from the learner's own lab. It goes with every type of question.
	// +optional
	Live *LiveAnswer `json:"live,omitempty"`

	// optionFeedback says for each wrong option why it is wrong. If several letters of an answer are wrong, the learner reads
	// about the first.
	// +kubebuilder:validation:MaxItems=8
	// +listType=map
	// +listMapKey=option
	// +optional
	OptionFeedback []OptionFeedback `json:"optionFeedback,omitempty"`

	// feedback is shown for wrong answers that have no feedback of their own.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Feedback string `json:"feedback,omitempty"`

	// modelAnswer is a complete answer to the interview question, in Markdown.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +required
	ModelAnswer string `json:"modelAnswer,omitempty"`
}
