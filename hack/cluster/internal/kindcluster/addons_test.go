package kindcluster

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestUnreadyNode(t *testing.T) {
	node := func(ready corev1.ConditionStatus) corev1.Node {
		return corev1.Node{Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: ready}}}}
	}
	for name, tc := range map[string]struct {
		nodes     []corev1.Node
		wantReady bool
	}{
		"none registered":      {},
		"ready":                {nodes: []corev1.Node{node(corev1.ConditionTrue)}, wantReady: true},
		"not ready":            {nodes: []corev1.Node{node(corev1.ConditionFalse)}},
		"kubelet not heard":    {nodes: []corev1.Node{node(corev1.ConditionUnknown)}},
		"has not reported yet": {nodes: []corev1.Node{{}}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := unreadyNode(tc.nodes); (err == nil) != tc.wantReady {
				t.Errorf("unready = %v, want ready: %t", err, tc.wantReady)
			}
		})
	}
}

func TestUnreadyDaemonSet(t *testing.T) {
	for name, tc := range map[string]struct {
		daemons   []appsv1.DaemonSet
		wantReady bool
	}{
		"none yet":          {},
		"ready":             {daemons: []appsv1.DaemonSet{{Status: appsv1.DaemonSetStatus{DesiredNumberScheduled: 1, NumberReady: 1}}}, wantReady: true},
		"starting":          {daemons: []appsv1.DaemonSet{{Status: appsv1.DaemonSetStatus{DesiredNumberScheduled: 1}}}},
		"not scheduled yet": {daemons: []appsv1.DaemonSet{{}}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := unreadyDaemonSet(tc.daemons); (err == nil) != tc.wantReady {
				t.Errorf("unready = %v, want ready: %t", err, tc.wantReady)
			}
		})
	}
}

func TestUnavailableDeployment(t *testing.T) {
	two := int32(2)
	deployment := func(generation, observed int64, updated, available int32) appsv1.Deployment {
		return appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{Generation: generation},
			Spec:       appsv1.DeploymentSpec{Replicas: &two},
			Status:     appsv1.DeploymentStatus{ObservedGeneration: observed, UpdatedReplicas: updated, AvailableReplicas: available},
		}
	}
	for name, tc := range map[string]struct {
		deployments   []appsv1.Deployment
		wantAvailable bool
	}{
		"none yet":                  {},
		"available":                 {deployments: []appsv1.Deployment{deployment(1, 1, 2, 2)}, wantAvailable: true},
		"one pod short":             {deployments: []appsv1.Deployment{deployment(1, 1, 2, 1)}},
		"status is of the old spec": {deployments: []appsv1.Deployment{deployment(2, 1, 2, 2)}},
		"old pods serve meanwhile":  {deployments: []appsv1.Deployment{deployment(2, 2, 1, 2)}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := unavailableDeployment(tc.deployments); (err == nil) != tc.wantAvailable {
				t.Errorf("unavailable = %v, want available: %t", err, tc.wantAvailable)
			}
		})
	}
}
