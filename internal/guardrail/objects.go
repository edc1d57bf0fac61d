package guardrail

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	rbacac "k8s.io/client-go/applyconfigurations/rbac/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/kube"
)

const (
	// DeployerRole is the ClusterRole that the deployer gets in a lab's namespace.
	DeployerRole = "lab-operator-deployer"
	// LearnerRole is the ClusterRole that the learner gets in a lab's namespace.
	LearnerRole = "lab-operator-learner"
	// LearnerServiceAccount is the name of the learner's ServiceAccount, in the namespace of the Lab.
	LearnerServiceAccount = "learner"
	// DefaultDeployer is the name of the deployer's ServiceAccount, in the operator's namespace.
	DefaultDeployer = "lab-deployer"
	// OperatorServiceAccount is the name of the operator's own ServiceAccount, in its namespace.
	OperatorServiceAccount = "lab-operator"
	// ManagedByLabel has the value ManagedBy on everything that this package makes.
	ManagedByLabel = "app.kubernetes.io/managed-by"
	// ManagedBy is the value of ManagedByLabel.
	ManagedBy = "lab-operator"

	// name is that of the quota, the limit range and the network policy: one of each is in a namespace.
	name = "lab"
	// isolationName is that of the second quota.
	isolationName = "lab-isolation"
)

// Lab is the identity of a Lab object.
type Lab struct {
	// Name of the Lab.
	Name string
	// Namespace of the Lab: where the learner's ServiceAccount is, not where the learner works.
	Namespace string
	// UID of the Lab.
	UID types.UID
	// Size of the Lab. Empty means v1beta1.SizeSmall.
	Size v1beta1.LabSize
}

// Settings say who sets a lab up.
type Settings struct {
	// OperatorNamespace is where the deployer's ServiceAccount is.
	OperatorNamespace string
	// Deployer is the name of that ServiceAccount. Empty means DefaultDeployer.
	Deployer string
}

// Labels are those of everything that is made for a lab. The caller owns the map.
func Labels(lab Lab) map[string]string {
	return map[string]string{
		v1beta1.LabUIDLabel:       string(lab.UID),
		v1beta1.LabNameLabel:      lab.Name,
		v1beta1.LabNamespaceLabel: lab.Namespace,
		ManagedByLabel:            ManagedBy,
	}
}

// Namespace is the lab's namespace, to be created and never applied: one that exists may be another's. Its annotations
// name what is protected of the setup and what one pod may request, for admission policies: the operator never changes a
// namespace later.
func Namespace(lab Lab, namespace string, spec *v1beta1.ExerciseSpec, setup []*unstructured.Unstructured) *corev1.Namespace {
	level := spec.PodSecurity
	if level == "" {
		level = v1beta1.PodSecurityRestricted
	}
	// The version pins what a level means, so that an exercise does not change with its cluster.
	version := "v" + kube.Version().String()
	labels := Labels(lab)
	labels["pod-security.kubernetes.io/enforce"] = string(level)
	labels["pod-security.kubernetes.io/enforce-version"] = version
	// A Deployment whose pods will be refused is accepted, so only the warning tells the learner at once.
	for _, mode := range []string{"warn", "audit"} {
		labels["pod-security.kubernetes.io/"+mode] = string(v1beta1.PodSecurityRestricted)
		labels["pod-security.kubernetes.io/"+mode+"-version"] = version
	}
	annotations := protection(setup)
	if most, bounded := sizeOf(spec.Quota).podCPU(); bounded {
		annotations[v1beta1.PodCPUAnnotation] = most.String()
	}
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace, Labels: labels, Annotations: annotations}}
}

// Objects are the guardrails of a lab in the order in which to apply them: the quota and the limits first, and the
// rights to make anything last. Every call returns new objects, equal for equal arguments.
func Objects(s Settings, lab Lab, namespace string, spec *v1beta1.ExerciseSpec) []*unstructured.Unstructured {
	labels := protectedLabels(lab)
	size := sizeOf(spec.Quota).times(factor(lab.Size))
	deployer := s.Deployer
	if deployer == "" {
		deployer = DefaultDeployer
	}
	return []*unstructured.Unstructured{
		toUnstructured(isolation(namespace, labels)),
		toUnstructured(quota(namespace, labels, size)),
		toUnstructured(limitRange(namespace, labels, size)),
		toUnstructured(networkPolicy(namespace, labels)),
		toUnstructured(roleBinding(namespace, labels, DeployerRole, s.OperatorNamespace, deployer)),
		toUnstructured(roleBinding(namespace, labels, LearnerRole, lab.Namespace, LearnerServiceAccount)),
	}
}

// protectedLabels are those of guardrails.
func protectedLabels(lab Lab) map[string]string {
	labels := Labels(lab)
	labels[v1beta1.ProtectedLabel] = "true"
	return labels
}

// roleBinding binds a ClusterRole in the lab's namespace to a ServiceAccount. It has the name of the role.
func roleBinding(namespace string, labels map[string]string, role, accountNamespace, account string) *rbacac.RoleBindingApplyConfiguration {
	return rbacac.RoleBinding(role, namespace).
		WithLabels(labels).
		WithRoleRef(rbacac.RoleRef().WithAPIGroup(rbacv1.GroupName).WithKind("ClusterRole").WithName(role)).
		WithSubjects(rbacac.Subject().WithKind(rbacv1.ServiceAccountKind).WithNamespace(accountNamespace).WithName(account))
}

// toUnstructured converts an apply configuration.
func toUnstructured(configuration any) *unstructured.Unstructured {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(configuration)
	if err != nil {
		// Apply configurations are structs of plain fields: they always convert.
		panic(fmt.Sprintf("guardrail: convert %T: %v", configuration, err))
	}
	return &unstructured.Unstructured{Object: content}
}
