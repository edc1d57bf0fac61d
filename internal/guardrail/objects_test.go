package guardrail_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

func hpaLab() guardrail.Lab { return guardrail.Lab{Name: "hpa", Namespace: "default", UID: "uid-1"} }

func settings() guardrail.Settings {
	return guardrail.Settings{OperatorNamespace: "lab-operator-system", Deployer: "lab-deployer"}
}

// hpaSpec is sized as the exercise in which a default CPU request would spoil the first task.
func hpaSpec() *v1beta1.ExerciseSpec {
	return &v1beta1.ExerciseSpec{Quota: v1beta1.LabQuota{
		CPU: resource.MustParse("1"), Memory: resource.MustParse("512Mi"), Storage: resource.MustParse("1Gi"),
		Pods: 12, DefaultRequests: ptr.To(false),
	}}
}

func find[T any](t *testing.T, objects []*unstructured.Unstructured, kind, name string) T {
	t.Helper()
	var typed T
	for _, object := range objects {
		if object.GetKind() == kind && object.GetName() == name {
			if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, &typed, true); err != nil {
				t.Fatalf("%s %s: %v", kind, name, err)
			}
			return typed
		}
	}
	t.Fatalf("there is no %s %s", kind, name)
	return typed
}

func TestNamespace(t *testing.T) {
	tests := map[string]struct {
		level v1beta1.PodSecurityLevel
		want  string
	}{
		"restricted is the default":    {"", "restricted"},
		"restricted is enforced":       {v1beta1.PodSecurityRestricted, "restricted"},
		"baseline warns of restricted": {v1beta1.PodSecurityBaseline, "baseline"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			spec := hpaSpec()
			spec.PodSecurity = tc.level
			namespace := guardrail.Namespace(hpaLab(), "lab-hpa", spec, nil)
			want := map[string]string{
				"learning.lab-operator.dev/lab-uid":          "uid-1",
				"learning.lab-operator.dev/lab-name":         "hpa",
				"learning.lab-operator.dev/lab-namespace":    "default",
				"app.kubernetes.io/managed-by":               "lab-operator",
				"pod-security.kubernetes.io/enforce":         tc.want,
				"pod-security.kubernetes.io/enforce-version": "v1.37",
				"pod-security.kubernetes.io/warn":            "restricted",
				"pod-security.kubernetes.io/warn-version":    "v1.37",
				"pod-security.kubernetes.io/audit":           "restricted",
				"pod-security.kubernetes.io/audit-version":   "v1.37",
			}
			if diff := cmp.Diff(want, namespace.Labels); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
			if namespace.Name != "lab-hpa" || namespace.ResourceVersion != "" {
				t.Errorf("got the namespace %q at %q, want lab-hpa, to be created", namespace.Name, namespace.ResourceVersion)
			}
		})
	}
}

func TestObjectsComeInOrderWithTheLabsLabels(t *testing.T) {
	objects := guardrail.Objects(settings(), hpaLab(), "lab-hpa", hpaSpec())
	var got []string
	for _, object := range objects {
		got = append(got, object.GetAPIVersion()+" "+object.GetKind()+" "+object.GetNamespace()+"/"+object.GetName())
		want := map[string]string{
			v1beta1.LabUIDLabel: "uid-1", v1beta1.LabNameLabel: "hpa", v1beta1.LabNamespaceLabel: "default",
			v1beta1.ProtectedLabel: "true", guardrail.ManagedByLabel: guardrail.ManagedBy,
		}
		if diff := cmp.Diff(want, object.GetLabels()); diff != "" {
			t.Errorf("labels of %s (-want +got):\n%s", object.GetKind(), diff)
		}
		if len(object.GetOwnerReferences()) > 0 || len(object.GetFinalizers()) > 0 {
			t.Errorf("%s has owners or finalizers: a namespace is deleted as a whole", object.GetKind())
		}
	}
	want := []string{
		"v1 ResourceQuota lab-hpa/lab-isolation",
		"v1 ResourceQuota lab-hpa/lab",
		"v1 LimitRange lab-hpa/lab",
		"networking.k8s.io/v1 NetworkPolicy lab-hpa/lab",
		"rbac.authorization.k8s.io/v1 RoleBinding lab-hpa/lab-operator-deployer",
		"rbac.authorization.k8s.io/v1 RoleBinding lab-hpa/lab-operator-learner",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func TestQuotaAndLimits(t *testing.T) {
	type memory struct{ limit, request string }
	tests := map[string]struct {
		resources  v1beta1.LabQuota
		wantHard   map[corev1.ResourceName]string
		wantCPU    string // the default request
		wantMemory memory
		// wantScratch is the default limit of the disk that a container fills beside its claims.
		wantScratch string
	}{
		"without default requests CPU is nowhere": {
			resources:   hpaSpec().Quota,
			wantHard:    map[corev1.ResourceName]string{"pods": "12", "count/pods": "62", "limits.memory": "512Mi", "requests.storage": "1Gi", "limits.ephemeral-storage": "12Gi"},
			wantMemory:  memory{"64Mi", "32Mi"},
			wantScratch: "1Gi",
		},
		"with default requests as many pods fit as there may be": {
			resources: v1beta1.LabQuota{
				CPU: resource.MustParse("1"), Memory: resource.MustParse("512Mi"), Pods: 12, DefaultRequests: ptr.To(true),
			},
			wantHard:    map[corev1.ResourceName]string{"pods": "12", "requests.cpu": "1", "limits.memory": "512Mi", "requests.storage": "0"},
			wantCPU:     "83m",
			wantMemory:  memory{"64Mi", "32Mi"},
			wantScratch: "1Gi",
		},
		"what is left out has the defaults of the API": {
			resources:   v1beta1.LabQuota{},
			wantHard:    map[corev1.ResourceName]string{"pods": "12", "requests.cpu": "1", "limits.memory": "512Mi", "requests.storage": "0"},
			wantCPU:     "83m",
			wantMemory:  memory{"64Mi", "32Mi"},
			wantScratch: "1Gi",
		},
		"memory is shared out in whole mebibytes": {
			resources:   v1beta1.LabQuota{Memory: resource.MustParse("1Gi"), Pods: 12, DefaultRequests: ptr.To(false)},
			wantHard:    map[corev1.ResourceName]string{"limits.memory": "1Gi"},
			wantMemory:  memory{"85Mi", "42Mi"},
			wantScratch: "1Gi",
		},
		"few pods in much room get no more than is usual": {
			resources:   v1beta1.LabQuota{CPU: resource.MustParse("8"), Memory: resource.MustParse("16Gi"), Pods: 2},
			wantHard:    map[corev1.ResourceName]string{"pods": "2", "requests.cpu": "8", "limits.memory": "16Gi", "limits.ephemeral-storage": "2Gi"},
			wantCPU:     "100m",
			wantMemory:  memory{"256Mi", "128Mi"},
			wantScratch: "1Gi",
		},
		"many pods in little room get enough to start": {
			resources:   v1beta1.LabQuota{CPU: resource.MustParse("500m"), Memory: resource.MustParse("1Gi"), Pods: 100},
			wantHard:    map[corev1.ResourceName]string{"pods": "100", "requests.cpu": "500m", "limits.memory": "1Gi", "limits.ephemeral-storage": "16Gi"},
			wantCPU:     "10m",
			wantMemory:  memory{"64Mi", "32Mi"},
			wantScratch: "163Mi",
		},
		"no pod gets more than there is": {
			resources:   v1beta1.LabQuota{CPU: resource.MustParse("5m"), Memory: resource.MustParse("8Mi"), Pods: 4},
			wantHard:    map[corev1.ResourceName]string{"pods": "4", "requests.cpu": "5m", "limits.memory": "8Mi"},
			wantCPU:     "5m",
			wantMemory:  memory{"8Mi", "4Mi"},
			wantScratch: "1Gi",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			objects := guardrail.Objects(settings(), hpaLab(), "lab-hpa", &v1beta1.ExerciseSpec{Quota: tc.resources})

			hard := find[corev1.ResourceQuota](t, objects, "ResourceQuota", "lab").Spec.Hard
			for resourceName, want := range tc.wantHard {
				if got := hard[resourceName]; got.String() != want {
					t.Errorf("the quota of %s is %s, want %s", resourceName, &got, want)
				}
			}
			for _, none := range []corev1.ResourceName{"services.nodeports", "services.loadbalancers"} {
				if got, ok := hard[none]; !ok || !got.IsZero() {
					t.Errorf("the quota of %s is %s (%t), want 0", none, &got, ok)
				}
			}
			_, counted := hard[corev1.ResourceRequestsCPU]
			if counted != (tc.wantCPU != "") {
				t.Errorf("CPU requests in the quota: %t, but their default is %q", counted, tc.wantCPU)
			}
			for _, refusing := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceLimitsCPU} {
				if _, ok := hard[refusing]; ok {
					t.Errorf("the quota has %s, which refuses pods without it", refusing)
				}
			}

			limits := find[corev1.LimitRange](t, objects, "LimitRange", "lab").Spec.Limits
			want := corev1.LimitRangeItem{
				Type: corev1.LimitTypeContainer,
				Default: corev1.ResourceList{
					corev1.ResourceMemory:           resource.MustParse(tc.wantMemory.limit),
					corev1.ResourceEphemeralStorage: resource.MustParse(tc.wantScratch),
				},
				DefaultRequest: corev1.ResourceList{
					corev1.ResourceMemory:           resource.MustParse(tc.wantMemory.request),
					corev1.ResourceEphemeralStorage: resource.MustParse("0"),
				},
			}
			if tc.wantCPU != "" {
				want.DefaultRequest[corev1.ResourceCPU] = resource.MustParse(tc.wantCPU)
			}
			if diff := cmp.Diff([]corev1.LimitRangeItem{want}, limits); diff != "" {
				t.Errorf("limits (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNamespaceSaysWhatAPodMayRequest(t *testing.T) {
	without := ptr.To(false)
	tests := map[string]struct {
		resources v1beta1.LabQuota
		size      v1beta1.LabSize
		want      string
	}{
		"a quota counts CPU":                   {resources: v1beta1.LabQuota{}},
		"a quota counts CPU, as is said":       {resources: v1beta1.LabQuota{DefaultRequests: ptr.To(true)}},
		"the defaults are shared out":          {resources: v1beta1.LabQuota{DefaultRequests: without}, want: "83m"},
		"what there is is shared out":          {resources: v1beta1.LabQuota{CPU: resource.MustParse("2400m"), Pods: 12, DefaultRequests: without}, want: "200m"},
		"a large lab has no larger pods":       {resources: v1beta1.LabQuota{CPU: resource.MustParse("2400m"), Pods: 12, DefaultRequests: without}, size: v1beta1.SizeLarge, want: "200m"},
		"one pod has it all":                   {resources: v1beta1.LabQuota{CPU: resource.MustParse("3"), Pods: 1, DefaultRequests: without}, want: "3"},
		"too little to share is a millicore's": {resources: v1beta1.LabQuota{CPU: resource.MustParse("5m"), Pods: 12, DefaultRequests: without}, want: "1m"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			lab := hpaLab()
			lab.Size = tc.size
			namespace := guardrail.Namespace(lab, "lab-hpa", &v1beta1.ExerciseSpec{Quota: tc.resources}, nil)
			if got := namespace.Annotations[v1beta1.PodCPUAnnotation]; got != tc.want {
				t.Errorf("a pod may request %q of CPU, want %q", got, tc.want)
			}
		})
	}
}

func TestQuotaBoundsEveryKindThatALearnerCreates(t *testing.T) {
	hard := find[corev1.ResourceQuota](t, guardrail.Objects(settings(), hpaLab(), "lab-hpa", hpaSpec()), "ResourceQuota", "lab").Spec.Hard
	for _, kind := range []corev1.ResourceName{
		"count/pods", "count/configmaps", "count/secrets", "count/services", "count/serviceaccounts", "persistentvolumeclaims",
		"count/deployments.apps", "count/replicasets.apps", "count/statefulsets.apps", "count/jobs.batch", "count/cronjobs.batch",
		"count/horizontalpodautoscalers.autoscaling", "count/poddisruptionbudgets.policy",
	} {
		if got, ok := hard[kind]; !ok || got.Sign() <= 0 {
			t.Errorf("the quota of %s is %s (%t), want a bound", kind, &got, ok)
		}
	}
}
