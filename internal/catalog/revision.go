package catalog

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// RevisionField is the index of Labs by the revision that they were started from.
const RevisionField = "status.revision"

// Revision is what learners may read of a bundle. It shares nothing with the bundle.
func (b Bundle) Revision() *v1beta1.ExerciseRevision {
	spec := b.Exercise.DeepCopy()
	revision := &v1beta1.ExerciseRevision{
		ObjectMeta: metav1.ObjectMeta{Name: b.Name(), Labels: b.labels()},
		Spec: v1beta1.ExerciseRevisionSpec{
			Exercise: b.ExerciseName, Topic: b.Topic, Title: spec.Title, Description: spec.Description,
			Difficulty: spec.Difficulty, EstimatedMinutes: spec.EstimatedMinutes,
		},
	}
	for _, t := range spec.Tasks {
		revision.Spec.Tasks = append(revision.Spec.Tasks, v1beta1.RevisionTask{
			Name: t.Name, Title: t.Title, Instructions: t.Instructions, Points: t.Points, DependsOn: t.DependsOn, Mode: t.Mode,
		})
	}
	for i := range b.Questions {
		revision.Spec.Questions = append(revision.Spec.Questions, readable(b.Questions[i].DeepCopy()))
	}
	return revision
}

// readable is what learners may read of a question. What would spoil its task stays hidden until that has been passed.
func readable(q *v1beta1.Question) v1beta1.RevisionQuestion {
	shown := v1beta1.RevisionQuestion{
		ID: q.ID, Task: q.Task, Type: q.Type, Reveal: q.Reveal, InterviewQuestion: q.InterviewQuestion, Attempts: q.Attempts,
	}
	if q.Reveal != v1beta1.RevealAfterTask {
		shown.Prompt, shown.Unit, shown.Options, shown.References = q.Prompt, q.Unit, q.Options, q.References
	}
	return shown
}
