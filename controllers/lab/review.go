package lab

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/quiz"
)

// review keeps the LabReview, which holds what the learner may read about the settled questions. It is written behind the
// status, when a question was settled, and again where somebody deleted it.
func (r *Reconciler) review(ctx context.Context, s *scope) error {
	if s.pinned == nil || !s.isGraded() {
		return nil
	}
	reviewed := s.reviewed()
	if len(reviewed) == 0 {
		s.memory.review = upkeep{}
		return nil
	}
	what := fmt.Sprintf("LabReview %s of namespace %s cannot be written", s.lab.Name, s.lab.Namespace)
	return r.maintain(ctx, s, &s.memory.review, what, v1beta1.ReasonReviewRefused, func() error {
		return r.writeReview(ctx, s, reviewed)
	})
}

// reviewed are the reviews of the settled questions, in the order of the topic.
func (s *scope) reviewed() []v1beta1.ReviewedQuestion {
	var reviewed []v1beta1.ReviewedQuestion
	for i := range s.graded {
		g := &s.graded[i]
		if !g.grade.State.IsSettled() {
			continue
		}
		in := g.input
		in.Previous.State = g.grade.State
		reviewed = append(reviewed, quiz.Review(in))
	}
	return reviewed
}

// writeReview creates the LabReview, or changes it where it differs.
func (r *Reconciler) writeReview(ctx context.Context, s *scope, reviewed []v1beta1.ReviewedQuestion) error {
	spec := v1beta1.LabReviewSpec{Lab: s.lab.Name, Questions: reviewed}
	kept, err := get(ctx, r.Client, s.key, &v1beta1.LabReview{})
	if err != nil {
		return fmt.Errorf("read review: %w", err)
	}
	if kept == nil {
		made := &v1beta1.LabReview{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: s.key.Namespace, Name: s.key.Name,
				Labels: map[string]string{guardrail.ManagedByLabel: guardrail.ManagedBy},
				OwnerReferences: []metav1.OwnerReference{{
					APIVersion: v1beta1.GroupVersion.String(), Kind: "Lab", Name: s.lab.Name, UID: s.lab.UID,
				}},
			},
			Spec: spec,
		}
		if err := r.Client.Create(ctx, made, client.FieldOwner(Owner)); err != nil {
			return fmt.Errorf("create review: %w", err)
		}
		return nil
	}
	if equality.Semantic.DeepEqual(kept.Spec, spec) {
		return nil
	}
	wanted := kept.DeepCopy()
	wanted.Spec = spec
	patch := client.MergeFromWithOptions(kept, client.MergeFromWithOptimisticLock{})
	if err := r.Client.Patch(ctx, wanted, patch, client.FieldOwner(Owner)); err != nil {
		return fmt.Errorf("write review: %w", err)
	}
	return nil
}
