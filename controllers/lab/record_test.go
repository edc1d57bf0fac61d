package lab

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// TestResultsStayWithinTheirBounds is about an exercise whose tasks and questions were renamed between environments.
func TestResultsStayWithinTheirBounds(t *testing.T) {
	at := metav1.NewTime(time.Unix(1000, 0))
	before, now := &v1beta1.LabResultSpec{}, &v1beta1.LabResultSpec{}
	for i := range 3 * maxPassed {
		before.Passed = append(before.Passed, v1beta1.PassedTask{Name: fmt.Sprintf("old-%d", i), At: at})
	}
	for i := range 12 {
		now.Passed = append(now.Passed, v1beta1.PassedTask{Name: fmt.Sprintf("new-%d", i), At: at})
	}
	for i := range 2 * maxGraded {
		before.Questions = append(before.Questions, v1beta1.GradedQuestion{ID: fmt.Sprintf("old-%d", i), State: v1beta1.QuestionRight})
	}
	now.Questions = []v1beta1.GradedQuestion{{ID: "old-1", State: v1beta1.QuestionWrong}, {ID: "new", State: v1beta1.QuestionRight}}
	keepWhatWas(now, before)
	if len(now.Passed) != maxPassed || now.Passed[11].Name != "new-11" || now.Passed[12].Name != "old-0" {
		t.Errorf("%d passes are kept: %v", len(now.Passed), now.Passed)
	}
	if len(now.Questions) != maxGraded || now.Questions[0].State != v1beta1.QuestionRight || now.Questions[1].ID != "new" {
		t.Errorf("%d questions are kept: %v", len(now.Questions), now.Questions)
	}
}

func TestRemainsOf(t *testing.T) {
	condition := func(kind corev1.NamespaceConditionType, status corev1.ConditionStatus, message string) corev1.NamespaceCondition {
		return corev1.NamespaceCondition{Type: kind, Status: status, Message: message}
	}
	const begin = "Namespace lab-a has not gone for more than 30s. "
	tests := map[string]struct {
		conditions    []corev1.NamespaceCondition
		reason, words string
	}{
		"no condition": {nil, "NamespaceRemains",
			"Namespace lab-a has not gone for more than 30s, and none of its conditions says why. Look with: kubectl get namespace lab-a -o yaml"},
		"conditions that are false": {[]corev1.NamespaceCondition{
			condition(corev1.NamespaceDeletionDiscoveryFailure, corev1.ConditionFalse, "All resources successfully discovered"),
		}, "NamespaceRemains",
			"Namespace lab-a has not gone for more than 30s, and none of its conditions says why. Look with: kubectl get namespace lab-a -o yaml"},
		"an API that does not answer": {[]corev1.NamespaceCondition{
			condition(corev1.NamespaceDeletionContentFailure, corev1.ConditionFalse, "All content successfully deleted"),
			condition(corev1.NamespaceDeletionDiscoveryFailure, corev1.ConditionTrue,
				"Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1"),
		}, "NamespaceDeletionDiscoveryFailure", begin +
			"NamespaceDeletionDiscoveryFailure: Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: " +
			"metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1. Repair or delete the API that does not answer: kubectl get apiservices"},
		"a finalizer": {[]corev1.NamespaceCondition{
			condition(corev1.NamespaceFinalizersRemaining, corev1.ConditionTrue, "Some content in the namespace has finalizers remaining: example.com/block in 1 resource instances"),
			condition(corev1.NamespaceContentRemaining, corev1.ConditionTrue, "Some resources are remaining: configmaps. has 1 resource instances"),
		}, "NamespaceContentRemaining", begin +
			"NamespaceContentRemaining: Some resources are remaining: configmaps. has 1 resource instances; " +
			"NamespaceFinalizersRemaining: Some content in the namespace has finalizers remaining: example.com/block in 1 resource instances. " +
			"What set the finalizer has to remove it"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "lab-a"}, Status: corev1.NamespaceStatus{Conditions: tc.conditions}}
			reason, words := remainsOf(namespace)
			if reason != tc.reason || words != tc.words {
				t.Errorf("got %s\n%q, want %s\n%q", reason, words, tc.reason, tc.words)
			}
		})
	}
}
