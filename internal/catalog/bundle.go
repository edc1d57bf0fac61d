// Package catalog resolves what a Lab asks for, pins it, and finds what an author has to correct. It does no I/O.
package catalog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// hashLength is the number of hexadecimal digits that identify a bundle.
const hashLength = 16

// Bundle is what a Lab is pinned to when it starts.
type Bundle struct {
	// ExerciseName is the name of the Exercise.
	ExerciseName string `json:"exerciseName"`
	// Exercise is its spec.
	Exercise v1alpha1.ExerciseSpec `json:"exercise"`
	// Topic is the name of the Topic.
	Topic string `json:"topic"`
	// Questions are those of the topic that go with the exercise, in the topic's order.
	Questions []v1alpha1.Question `json:"questions,omitempty"`
	// Answers are those to the questions, in the same order. An answer that the key lacks is left out.
	Answers []v1alpha1.Answer `json:"answers,omitempty"`
}

// NewBundle takes from an exercise, a topic and its key what a Lab needs. The key may be nil. Nothing is shared with
// the arguments.
func NewBundle(ex *v1alpha1.Exercise, topic *v1alpha1.Topic, key *v1alpha1.AnswerKey) Bundle {
	b := Bundle{ExerciseName: ex.Name, Exercise: *ex.Spec.DeepCopy(), Topic: topic.Name}
	for _, q := range topic.Spec.Questions {
		if q.Exercise != ex.Name {
			continue
		}
		b.Questions = append(b.Questions, *q.DeepCopy())
		if a := answerTo(q.ID, key); a != nil {
			b.Answers = append(b.Answers, *a.DeepCopy())
		}
	}
	return b
}

func answerTo(question string, key *v1alpha1.AnswerKey) *v1alpha1.Answer {
	if key == nil {
		return nil
	}
	for i := range key.Spec.Answers {
		if key.Spec.Answers[i].ID == question {
			return &key.Spec.Answers[i]
		}
	}
	return nil
}

// Answer is the answer to a question, if the key had one.
func (b Bundle) Answer(question string) (v1alpha1.Answer, bool) {
	for _, a := range b.Answers {
		if a.ID == question {
			return a, true
		}
	}
	return v1alpha1.Answer{}, false
}

// Hash identifies the content of a bundle: 16 hexadecimal digits. A bundle that cannot be encoded has the hash of nothing.
func (b Bundle) Hash() string {
	data, err := b.Encode()
	if err != nil {
		data = nil
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])[:hashLength]
}

// Encode is the bundle as canonical JSON: the keys of all objects, those of the setup included, are sorted, so that the
// same content is the same bytes however the API server wrote it.
func (b Bundle) Encode() ([]byte, error) {
	data, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encoding the bundle of exercise %s: %w", b.ExerciseName, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	// Numbers keep the digits that they have.
	decoder.UseNumber()
	var generic any
	if err := decoder.Decode(&generic); err != nil {
		return nil, fmt.Errorf("encoding the bundle of exercise %s: %w", b.ExerciseName, err)
	}
	data, err = json.Marshal(generic)
	if err != nil {
		return nil, fmt.Errorf("encoding the bundle of exercise %s: %w", b.ExerciseName, err)
	}
	return data, nil
}

// Decode is the inverse of Encode.
func Decode(data []byte) (Bundle, error) {
	var b Bundle
	if err := json.Unmarshal(data, &b); err != nil {
		return Bundle{}, fmt.Errorf("decoding a bundle: %w", err)
	}
	return b, nil
}
