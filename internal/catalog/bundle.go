// Package catalog resolves what a Lab asks for, pins it, and finds what an author has to correct. It does no I/O.
package catalog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// hashLength is the number of hexadecimal digits that identify the content of a bundle.
const hashLength = 10

// Bundle is the content of a revision: an exercise, with the questions that one topic has for it and their answers.
type Bundle struct {
	// ExerciseName is the name of the Exercise.
	ExerciseName string `json:"exerciseName"`
	// Exercise is its spec.
	Exercise v1beta1.ExerciseSpec `json:"exercise"`
	// Topic is the name of the Topic.
	Topic string `json:"topic"`
	// Questions are those of the topic that go with the exercise, in the topic's order.
	Questions []v1beta1.Question `json:"questions,omitempty"`
	// Answers are those to the questions, in the same order. An answer that the key lacks is left out.
	Answers []v1beta1.Answer `json:"answers,omitempty"`
}

// NewBundle takes from an exercise, a topic and its key what a Lab needs. The key may be nil. Nothing is shared with
// the arguments.
func NewBundle(ex *v1beta1.Exercise, topic *v1beta1.Topic, key *v1beta1.AnswerKey) Bundle {
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

func answerTo(question string, key *v1beta1.AnswerKey) *v1beta1.Answer {
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
func (b Bundle) Answer(question string) (v1beta1.Answer, bool) {
	for _, a := range b.Answers {
		if a.ID == question {
			return a, true
		}
	}
	return v1beta1.Answer{}, false
}

// Name is the name of the revision with this content: that of the exercise and the hash.
func (b Bundle) Name() string { return b.ExerciseName + "-" + b.Hash() }

// Hash identifies the content of a bundle: 10 hexadecimal digits. It is taken over what an author wrote, so it stays the
// same where the API server fills in a default. A bundle that cannot be encoded has the hash of nothing.
func (b Bundle) Hash() string {
	var data []byte
	if content, err := contentOf(b); err == nil {
		leaveOutDefaults(content)
		data, _ = json.Marshal(content) // what has been decoded can be encoded
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])[:hashLength]
}

// contentOf is a value as generic JSON. Its encoding is canonical: the keys of all objects, those of the setup included,
// are sorted, so that the same content is the same bytes however the API server wrote it.
func contentOf(b Bundle) (map[string]any, error) {
	data, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encoding the content of exercise %s: %w", b.ExerciseName, err)
	}
	content, err := generic(data)
	if err != nil {
		return nil, fmt.Errorf("encoding the content of exercise %s: %w", b.ExerciseName, err)
	}
	// The encoder leaves a quantity of zero out, like one that is not given. For storage, an author may mean it.
	if storage := b.Exercise.Quota.Storage; storage.IsZero() && storage != (resource.Quantity{}) {
		quota, _ := content["exercise"].(map[string]any)["quota"].(map[string]any)
		if quota == nil {
			quota = map[string]any{}
			content["exercise"].(map[string]any)["quota"] = quota
		}
		quota["storage"] = "0"
	}
	return content, nil
}

// generic reads JSON without types. Numbers keep the digits that they have.
func generic(data []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var content map[string]any
	err := decoder.Decode(&content)
	return content, err
}
