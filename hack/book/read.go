package main

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/quiz"
)

// Book is the catalog as somebody reads it.
type Book struct {
	Topics    []Topic
	Exercises []Exercise
}

// Topic is a chapter.
type Topic struct {
	Name, Title, Description string
	Exercises                []Exercise
	Questions                []Question
}

// Exercise is what a learner does.
type Exercise struct {
	Name string
	// Topic is the name of the one that it belongs to.
	Topic string
	Spec  v1beta1.ExerciseSpec
}

// Question is one with its answer.
type Question struct {
	v1beta1.Question
	Answer v1beta1.Answer
	// Shown are the options in an order that tells nothing.
	Shown []Option
	// Demonstrated is the title of the exercise that shows it.
	Demonstrated string
}

// Option is one choice, and what is said of it.
type Option struct {
	Letter, Text string
	Right        bool
	Feedback     string
}

// AllThatApply tells whether several options are one answer.
func (q Question) AllThatApply() bool {
	form, _ := quiz.FormOf(q.Type)
	return form.HasOptions && form.Together
}

// Questions is how many there are.
func (b *Book) Questions() int {
	count := 0
	for _, topic := range b.Topics {
		count += len(topic.Questions)
	}
	return count
}

// Read reads the catalog below a folder. An error names the file.
func Read(root string) (*Book, error) {
	var (
		topics    []v1beta1.Topic
		exercises = map[string]v1beta1.Exercise{}
		answers   = map[string]v1beta1.Answer{}
	)
	for _, pattern := range []string{"labs/*/exercise.yaml", "content/*.yaml"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if filepath.Base(file) == "kustomization.yaml" {
				continue
			}
			err := decode(file, func(kind string, document []byte) error {
				switch kind {
				case "Exercise":
					var exercise v1beta1.Exercise
					err := yaml.UnmarshalStrict(document, &exercise)
					exercises[exercise.Name] = exercise
					return err
				case "Topic":
					var topic v1beta1.Topic
					err := yaml.UnmarshalStrict(document, &topic)
					topics = append(topics, topic)
					return err
				case "AnswerKey":
					var key v1beta1.AnswerKey
					err := yaml.UnmarshalStrict(document, &key)
					for _, answer := range key.Spec.Answers {
						answers[answer.ID] = answer
					}
					return err
				}
				return fmt.Errorf("there is a %q, which is no part of the catalog", kind)
			})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	if len(topics) == 0 {
		return nil, errors.New("there is no content/*.yaml here: run it in the root of the checkout")
	}
	return assemble(topics, exercises, answers)
}

// decode calls a function for each document of a file.
func decode(file string, each func(kind string, document []byte) error) error {
	content, err := os.ReadFile(file) //nolint:gosec // the file is of the checkout
	if err != nil {
		return err
	}
	documents := yaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(content)))
	for {
		document := make([]byte, len(content)+1)
		n, err := documents.Read(document)
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var head struct {
			Kind string `json:"kind"`
		}
		if err := yaml.Unmarshal(document[:n], &head); err != nil {
			return err
		}
		if err := each(head.Kind, document[:n]); err != nil {
			return err
		}
	}
}

// assemble puts together what belongs together.
func assemble(topics []v1beta1.Topic, exercises map[string]v1beta1.Exercise, answers map[string]v1beta1.Answer) (*Book, error) {
	book := &Book{}
	slices.SortFunc(topics, func(a, b v1beta1.Topic) int { return strings.Compare(a.Spec.Title, b.Spec.Title) })
	for _, topic := range topics {
		chapter := Topic{Name: topic.Name, Title: topic.Spec.Title, Description: topic.Spec.Description}
		for _, name := range topic.Spec.Exercises {
			exercise, some := exercises[name]
			if !some {
				return nil, fmt.Errorf("topic %s names the exercise %s, which is not there", topic.Name, name)
			}
			chapter.Exercises = append(chapter.Exercises, Exercise{Name: name, Topic: topic.Name, Spec: exercise.Spec})
		}
		for _, question := range topic.Spec.Questions {
			answer, some := answers[question.ID]
			if !some {
				return nil, fmt.Errorf("topic %s asks %s, to which there is no answer", topic.Name, question.ID)
			}
			exercise, some := exercises[question.Exercise]
			if !some {
				return nil, fmt.Errorf("question %s names the exercise %s, which is not there", question.ID, question.Exercise)
			}
			chapter.Questions = append(chapter.Questions, Question{
				Question: question, Answer: answer, Shown: options(question, answer), Demonstrated: exercise.Spec.Title,
			})
		}
		book.Topics = append(book.Topics, chapter)
		book.Exercises = append(book.Exercises, chapter.Exercises...)
	}
	return book, nil
}

// options puts the options of a question into an order by chance, which is the same each time.
func options(question v1beta1.Question, answer v1beta1.Answer) []Option {
	place := func(o v1beta1.Option) uint64 {
		sum := fnv.New64a()
		_, _ = sum.Write([]byte(question.ID + "/" + o.Name)) // a hash takes everything
		return sum.Sum64()
	}
	shuffled := slices.SortedFunc(slices.Values(question.Options), func(a, b v1beta1.Option) int {
		if place(a) < place(b) {
			return -1
		}
		return 1
	})
	feedback := map[string]string{}
	for _, f := range answer.OptionFeedback {
		feedback[f.Option] = f.Text
	}
	rights := quiz.RightOptions(answer)
	var shown []Option
	for i, o := range shuffled {
		shown = append(shown, Option{
			Letter: string(rune('a' + i)), Text: o.Text, Feedback: feedback[o.Name],
			Right: slices.Contains(rights, o.Name),
		})
	}
	return shown
}
