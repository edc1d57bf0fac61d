package lab

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// missingFor is how long an object has to be missing before it is made again: watches are behind writes.
const missingFor = 2 * time.Second

// restore makes protected objects of the setup again that are missing. A learner cannot delete them and cannot make them
// either: without them the lab could not be completed. What is not protected is the learner's to delete.
func (r *Reconciler) restore(ctx context.Context, s *scope) error {
	if !s.environment.isSetUp() {
		return nil
	}
	for _, object := range s.pinned.Setup {
		at := nameOf(object)
		if !guardrail.IsProtected(object) || s.snapshot[setupSource+at].State != check.Missing {
			delete(s.memory.missing, at)
			continue
		}
		since := s.memory.missing[at]
		left := missingFor - age(&since, s.now)
		if s.memory.missing == nil {
			s.memory.missing = map[string]time.Time{}
		}
		s.memory.missing[at] = since
		if left > 0 {
			s.again(left)
			continue
		}
		delete(s.memory.missing, at)
		// Only a live read may lead to a write: an administrator may have changed what the watch does not show yet.
		if there, err := r.isThere(ctx, s, object); err != nil || there {
			return err
		}
		if err := r.applyObject(ctx, s, object); err != nil {
			return err
		}
		r.tell(ctx, s.lab, event{corev1.EventTypeWarning, v1beta1.EventObjectRestored, "Restore/" + strings.ReplaceAll(at, " ", "/"), bounded(
			at + " of the exercise was missing in namespace " + s.namespace + ": it was made again as it was at the start")})
	}
	return nil
}

// isThere reads whether an object of the setup is in the lab's namespace.
func (r *Reconciler) isThere(ctx context.Context, s *scope, object *unstructured.Unstructured) (bool, error) {
	found := &metav1.PartialObjectMetadata{}
	found.SetGroupVersionKind(object.GroupVersionKind())
	err := r.Deployer.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: object.GetName()}, found)
	switch {
	case err == nil:
		return true, nil
	case apierrors.IsNotFound(err):
		return false, nil
	default:
		return false, fmt.Errorf("look whether %s is missing: %w", nameOf(object), err)
	}
}
