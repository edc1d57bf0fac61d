package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// absence says why an attendee has no kubeconfig, and what to do.
func (c *cluster) absence(ctx context.Context, workshop *v1beta1.Workshop, attendee v1beta1.Attendee, now time.Time) string {
	account := &corev1.ServiceAccount{}
	err := c.Get(ctx, client.ObjectKey{Namespace: home(workshop, attendee), Name: guardrail.LearnerServiceAccount}, account)
	made := account.Annotations[v1beta1.KubeconfigExpiresAnnotation] != ""
	if err != nil && !apierrors.IsNotFound(err) {
		// Not every facilitator may look there: what the workshop says has to do.
		made = provisioned(workshop)
	}
	return reason(workshop, attendee, made, now)
}

// reason is the part of it that needs no cluster. It is made where the attendee had a kubeconfig.
func reason(workshop *v1beta1.Workshop, attendee v1beta1.Attendee, made bool, now time.Time) string {
	stalled := meta.FindStatusCondition(workshop.Status.Conditions, v1beta1.ConditionStalled)
	closes := roster.ClosesAt(workshop, attendee)
	switch {
	case workshop.DeletionTimestamp != nil:
		return fmt.Sprintf("workshop %s is being deleted", workshop.Name)
	case !now.Before(closes):
		return fmt.Sprintf("workshop %s closed at %s", workshop.Name, closes.UTC().Format(time.RFC3339))
	case made:
		return fmt.Sprintf("the Secret %s was deleted; for a new one, with a new token: kubectl -n %s delete serviceaccount %s",
			roster.SecretName(workshop.Name, roster.Handle(attendee.Name)), home(workshop, attendee), guardrail.LearnerServiceAccount)
	case workshop.Spec.OpensAt != nil && now.Before(workshop.Spec.OpensAt.Time):
		return fmt.Sprintf("workshop %s is not open yet: it opens at %s", workshop.Name, workshop.Spec.OpensAt.UTC().Format(time.RFC3339))
	case stalled != nil && stalled.Status == metav1.ConditionTrue:
		return fmt.Sprintf("workshop %s is stalled: %s", workshop.Name, stalled.Message)
	default:
		return fmt.Sprintf("it is being provisioned: kubectl -n %s get workshop %s shows how far that is", workshop.Namespace, workshop.Name)
	}
}

// provisioned tells whether everybody had got everything, as the operator saw it last.
func provisioned(workshop *v1beta1.Workshop) bool {
	return workshop.Status.ObservedGeneration == workshop.Generation &&
		meta.IsStatusConditionTrue(workshop.Status.Conditions, v1beta1.ConditionProvisioned)
}

// home is the namespace that holds an attendee's account.
func home(workshop *v1beta1.Workshop, attendee v1beta1.Attendee) string {
	return roster.NamespaceName(types.NamespacedName{Namespace: workshop.Namespace, Name: workshop.Name}, roster.Handle(attendee.Name))
}
