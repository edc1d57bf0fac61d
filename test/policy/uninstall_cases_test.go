package policy

import (
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// confirmed is a part of an installation that may be deleted.
func confirmed() client.Object {
	return &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{
		Name: "confirmed", Labels: map[string]string{"app.kubernetes.io/part-of": "lab-operator"},
		Annotations: map[string]string{"learning.lab-operator.dev/uninstall": "confirmed"},
	}}
}

// uninstallAttempts are made by an administrator, who may do everything.
func uninstallAttempts() map[string]attempt {
	const policy, stays = "lab-operator-uninstall", " is a part of lab-operator, and stays: without it "
	role := func(name string) client.Object {
		return object("rbac.authorization.k8s.io/v1", "ClusterRole", "", name)
	}
	all := map[string]attempt{
		"a part that is confirmed goes":    may(administrator, remove(confirmed())),
		"a role of somebody else goes":     may(administrator, remove(role("edit-everything"))),
		"the operator's namespace stays":   mayNot(administrator, remove(namespace(operatorNamespace, nil)), policy, operatorNamespace+stays),
		"the operator's account stays":     mayNot(administrator, remove(serviceAccount(operatorNamespace, "lab-operator")), policy, "lab-operator"+stays),
		"the operator's Deployment stays":  mayNot(administrator, remove(object("apps/v1", "Deployment", operatorNamespace, "lab-operator")), policy, "lab-operator"+stays),
		"the operator's ClusterRole stays": mayNot(administrator, remove(role("lab-operator")), policy, "lab-operator"+stays),
		"the operator's Role stays": mayNot(administrator, remove(object("rbac.authorization.k8s.io/v1", "Role", operatorNamespace, "lab-operator")),
			policy, "lab-operator"+stays),
	}
	for _, kind := range []string{"answerkeys", "exerciserevisions", "exercises", "labresults", "labreviews", "labs", "topics", "workshops"} {
		name := kind + ".learning.lab-operator.dev"
		all["the kind "+kind+" stays"] = mayNot(administrator, remove(object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", name)), policy, name+stays)
	}
	return all
}
