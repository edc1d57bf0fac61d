package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/check"
)

// keyNamespace is the operator's own, which no learner can read.
const keyNamespace = "lab-operator-system"

// checkCompiles reports what the operator would refuse of exercises and topics.
func (in *input) checkCompiles() {
	exercises := map[string]*v1beta1.Exercise{}
	for _, exercise := range in.exercises {
		exercises[exercise.name] = exercise.object
		_, problems := check.Compile(&exercise.object.Spec)
		for _, p := range problems {
			in.reportProblem(exercise.Document, p)
		}
		// Without a cluster no look-up can fail.
		problems, _ = catalog.SetupProblems(&exercise.object.Spec, offlineScoper{})
		for _, p := range problems {
			in.reportSetupProblem(exercise, p)
		}
	}
	for _, topic := range in.topics {
		in.checkTopic(topic, exercises)
	}
	for _, key := range in.keys {
		if byName(in.topics, key.object.Spec.Topic) == nil {
			in.report(key.Document, "", "spec.topic", "there is no Topic %s: add it, or correct the name", key.object.Spec.Topic)
		}
		if key.object.Namespace != keyNamespace {
			in.report(key.Document, ruleKey, "metadata.namespace", "the key must be in the namespace %s: elsewhere the operator does not look, and learners may", keyNamespace)
		}
	}
}

// reportSetupProblem adds the nearest kind to a problem about a kind that Kubernetes does not have.
func (in *input) reportSetupProblem(exercise *object[v1beta1.Exercise], p check.Problem) {
	if strings.HasPrefix(p.Message, "the cluster does not have the kind") {
		if object := setupObject(exercise.object, p.Field); object != nil {
			p.Message = unknownKind(object.GroupVersionKind())
		}
	}
	in.reportProblem(exercise.Document, p)
}

// exerciseAt is the name at a field such as spec.exercises[1].
func exerciseAt(topic *v1beta1.Topic, field string) string {
	var i int
	if _, err := fmt.Sscanf(field, "spec.exercises[%d]", &i); err != nil || i < 0 || i >= len(topic.Spec.Exercises) {
		return ""
	}
	return topic.Spec.Exercises[i]
}

func (in *input) checkTopic(topic *object[v1beta1.Topic], exercises map[string]*v1beta1.Exercise) {
	var keyObject *v1beta1.AnswerKey
	keyDocument := topic.Document
	if key := byName(in.keys, topic.name); key != nil {
		keyObject, keyDocument = key.object, key.Document
	}
	for _, p := range catalog.TopicProblems(topic.object, keyObject, exercises) {
		switch {
		case strings.HasPrefix(p.Field, "spec.answers") || strings.HasPrefix(p.Field, "spec.topic"):
			in.reportProblem(keyDocument, p)
		case slices.Contains(in.undecoded, exerciseAt(topic.object, p.Field)):
			// It is there, and its own document says what is wrong with it.
		default:
			in.reportProblem(topic.Document, p)
		}
	}
}
