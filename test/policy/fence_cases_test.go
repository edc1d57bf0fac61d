package policy

import (
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// fenceAttempts are made by an operator and a deployer to whom RBAC forbids nothing.
func fenceAttempts() map[string]attempt {
	const (
		policy     = "lab-operator-fence"
		namespaces = "the operator creates and deletes only namespaces with the label learning.lab-operator.dev/lab-uid or " +
			"learning.lab-operator.dev/workshop-uid, and changes none"
		elsewhere = "the operator and the deployer write only in namespaces with the label learning.lab-operator.dev/lab-uid, and the " +
			"operator the account of an attendee and its kubeconfig"
		secrets = "the operator writes only Secrets of the type learning.lab-operator.dev/kubeconfig"
		rights  = "of all rights, the operator gives only lab-operator-deployer and lab-operator-learner in the namespaces of labs, and " +
			"lab-operator-registrar and lab-operator-learner-labs in those of attendees"
	)
	seats := map[string]string{v1beta1.WorkshopUIDLabel: "uid"}
	ours := map[string]string{v1beta1.LabUIDLabel: "uid"}
	event := &eventsv1.Event{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "new"},
		EventTime:  metav1.NowMicro(), Type: "Normal", Reason: "Passed", Action: "Judge", ReportingController: "lab-operator", ReportingInstance: "one",
		Regarding: corev1.ObjectReference{Kind: "Lab", Namespace: "default", Name: "hpa"},
	}
	return map[string]attempt{
		"the operator creates a lab's namespace":              may(operator, create(namespace("lab-new", ours))),
		"the operator deletes a lab's namespace":              may(operator, remove(namespace(labNamespace, nil))),
		"the operator creates no other namespace":             mayNot(operator, create(namespace("lab-new", nil)), policy, namespaces),
		"the operator creates none for no lab":                mayNot(operator, create(namespace("lab-new", map[string]string{v1beta1.LabUIDLabel: ""})), policy, namespaces),
		"the operator deletes no other namespace":             mayNot(operator, remove(namespace("bystander", nil)), policy, namespaces),
		"the operator changes no lab's namespace":             mayNot(operator, merge(namespace(labNamespace, nil), metadata("labels", map[string]any{"pod-security.kubernetes.io/enforce": "privileged"})), policy, namespaces),
		"the operator changes no namespace":                   mayNot(operator, merge(namespace("kube-system", nil), metadata("annotations", map[string]any{"a": "b"})), policy, namespaces),
		"the operator changes no namespace by its status":     mayNot(operator, mergeSub(namespace("kube-system", nil), "status", metadata("annotations", map[string]any{"a": "b"})), policy, namespaces),
		"the deployer creates no namespace":                   mayNot(deployer, create(namespace("lab-new", nil)), policy, namespaces),
		"the deployer deletes no namespace":                   mayNot(deployer, remove(namespace(labNamespace, nil)), policy, namespaces),
		"the operator writes not in kube-system":              mayNot(operator, create(configMap("kube-system", "new")), policy, elsewhere),
		"the operator deletes not in default":                 mayNot(operator, remove(configMap("default", "bystander")), policy, elsewhere),
		"the operator scales nothing in its own right":        mayNot(operator, mergeSub(object("apps/v1", "Deployment", "default", "bystander"), "scale", `{"spec":{"replicas":0}}`), policy, elsewhere),
		"the operator enters no pod elsewhere":                {who: operator, do: enterBystander, policy: policy, message: elsewhere, forReal: true},
		"the operator writes no kind without namespace":       mayNot(operator, create(priorityClass()), policy, elsewhere),
		"the deployer writes not in kube-system":              mayNot(deployer, create(configMap("kube-system", "new")), policy, elsewhere),
		"the deployer writes not in the operator's namespace": mayNot(deployer, create(configMap(operatorNamespace, "new")), policy, elsewhere),
		"the deployer writes no Labs":                         mayNot(deployer, merge(lab("hpa"), metadata("annotations", map[string]any{"a": "b"})), policy, elsewhere),
		"the deployer writes in a lab":                        may(deployer, create(configMap(labNamespace, "new"))),
		"the operator writes in a lab":                        may(operator, create(configMap(labNamespace, "new"))),
		"the operator writes in its own namespace":            may(operator, create(configMap(operatorNamespace, "new"))),
		"the operator writes Labs anywhere":                   may(operator, merge(lab("hpa"), metadata("annotations", map[string]any{"a": "b"}))),
		"the operator writes the status of Labs anywhere":     may(operator, mergeSub(lab("hpa"), "status", `{"status":{"phase":"InProgress"}}`)),
		"the operator writes events about Labs anywhere":      may(operator, create(event)),
		"the operator binds the deployer in a lab":            may(operator, create(roleBinding(labNamespace, "ClusterRole", "lab-operator-deployer"))),
		"the operator binds the learner in a lab":             may(operator, create(roleBinding(labNamespace, "ClusterRole", "lab-operator-learner"))),
		"the operator binds nothing else in a lab":            mayNot(operator, create(roleBinding(labNamespace, "ClusterRole", "cluster-admin")), policy, rights),
		"the operator binds no Role of that name":             mayNot(operator, create(roleBinding(labNamespace, "Role", "lab-operator-learner")), policy, rights),
		"the operator binds nothing in its own namespace":     mayNot(operator, create(roleBinding(operatorNamespace, "ClusterRole", "lab-operator-deployer")), policy, rights),
		"the operator binds nothing in kube-system":           mayNot(operator, create(roleBinding("kube-system", "ClusterRole", "lab-operator-deployer")), policy, elsewhere),
		"the operator takes no binding away":                  mayNot(operator, remove(object("rbac.authorization.k8s.io/v1", "RoleBinding", labNamespace, "lab-operator-learner")), policy, rights),
		"the operator makes no role":                          mayNot(operator, create(object("rbac.authorization.k8s.io/v1", "Role", labNamespace, "new")), policy, rights),
		"the operator makes no role for the cluster":          mayNot(operator, create(object("rbac.authorization.k8s.io/v1", "ClusterRole", "", "new")), policy, elsewhere),
		"the deployer binds nothing":                          mayNot(deployer, create(roleBinding(labNamespace, "ClusterRole", "lab-operator-learner")), policy, rights),
		"the operator creates an attendee's namespace":        may(operator, create(namespace("ws-new", seats))),
		"the operator deletes an attendee's namespace":        may(operator, remove(namespace(attendeeNamespace, nil))),
		"the operator changes no attendee's namespace":        mayNot(operator, merge(namespace(attendeeNamespace, nil), metadata("annotations", map[string]any{"a": "b"})), policy, namespaces),
		"the operator keeps an attendee's account":            may(operator, merge(serviceAccount(attendeeNamespace, "learner"), metadata("annotations", map[string]any{"a": "b"}))),
		"the operator keeps no other account there":           mayNot(operator, create(object("v1", "ServiceAccount", attendeeNamespace, "other")), policy, elsewhere),
		"the operator keeps no account elsewhere":             mayNot(operator, create(object("v1", "ServiceAccount", "default", "learner")), policy, elsewhere),
		"the operator requests an attendee's token":           may(operator, token(attendeeNamespace, "learner")),
		"the operator requests no other token there":          mayNot(operator, token(attendeeNamespace, "default"), policy, elsewhere),
		"the operator requests no token elsewhere":            mayNot(operator, token("default", "default"), policy, elsewhere),
		"the operator runs nothing at an attendee's":          mayNot(operator, create(configMap(attendeeNamespace, "new")), policy, elsewhere),
		"the deployer does nothing at an attendee's":          mayNot(deployer, create(configMap(attendeeNamespace, "new")), policy, elsewhere),
		"the operator lets an attendee at the Labs":           may(operator, create(roleBinding(attendeeNamespace, "ClusterRole", "lab-operator-learner-labs"))),
		"the operator binds the registrar at an attendee's":   may(operator, create(roleBinding(attendeeNamespace, "ClusterRole", "lab-operator-registrar"))),
		"the operator binds no lab's role at an attendee's":   mayNot(operator, create(roleBinding(attendeeNamespace, "ClusterRole", "lab-operator-learner")), policy, rights),
		"the operator binds the registrar in no lab":          mayNot(operator, create(roleBinding(labNamespace, "ClusterRole", "lab-operator-registrar")), policy, rights),
		"the operator binds the registrar not in kube-system": mayNot(operator, create(roleBinding("kube-system", "ClusterRole", "lab-operator-registrar")), policy, elsewhere),
		"the operator writes a kubeconfig anywhere":           may(operator, create(secret("default", v1beta1.KubeconfigSecretType))),
		"the operator writes no other Secret":                 mayNot(operator, create(secret("default", "Opaque")), policy, elsewhere),
		"the operator writes no other Secret in a lab":        mayNot(operator, create(secret(labNamespace, "Opaque")), policy, secrets),
		"the operator writes no other Secret of its own":      mayNot(operator, create(secret(operatorNamespace, "Opaque")), policy, secrets),
		"the operator reads no Secret by changing nothing":    mayNot(operator, merge(object("v1", "Secret", "default", "bystander"), `{}`), policy, elsewhere),
		"the operator deletes no other Secret":                mayNot(operator, remove(object("v1", "Secret", "default", "bystander")), policy, elsewhere),
		"an administrator writes anywhere":                    may(administrator, create(configMap("kube-system", "new"))),
	}
}

func namespaceAttempts() map[string]attempt {
	const (
		policy  = "lab-operator-namespaces"
		creates = "only the operator creates namespaces with the label learning.lab-operator.dev/lab-uid or " +
			"learning.lab-operator.dev/workshop-uid, create a Lab or a Workshop instead"
		forGood = "the labels learning.lab-operator.dev/lab-uid and learning.lab-operator.dev/workshop-uid of a namespace are for good"
	)
	label := func(value any) string { return metadata("labels", map[string]any{v1beta1.LabUIDLabel: value}) }
	own, other := namespace(labNamespace, nil), namespace("kube-system", nil)
	return map[string]attempt{
		"not even an administrator forges a lab's namespace": mayNot(administrator, create(namespace("lab-new", map[string]string{v1beta1.LabUIDLabel: "uid"})), policy, creates),
		"not even an administrator turns one into a lab's":   mayNot(administrator, merge(other, label("uid")), policy, forGood),
		"nor by its status":               mayNot(administrator, mergeSub(other, "status", label("uid")), policy, forGood),
		"nor gives it to another lab":     mayNot(administrator, merge(own, label("uid")), policy, forGood),
		"nor takes it away from its lab":  mayNot(administrator, merge(own, label(nil)), policy, forGood),
		"nor by its status, from its lab": mayNot(administrator, mergeSub(own, "status", label(nil)), policy, forGood),
		"nor when it is finalized": mayNot(administrator, finalize(func(labels map[string]string) {
			delete(labels, v1beta1.LabUIDLabel)
		}), policy, forGood),
		"the namespace controller finalizes a lab's":       may(namespaceController, finalize(func(map[string]string) {})),
		"not even an administrator forges an attendee's":   mayNot(administrator, create(namespace("ws-new", map[string]string{v1beta1.WorkshopUIDLabel: "uid"})), policy, creates),
		"nor turns one into an attendee's":                 mayNot(administrator, merge(other, metadata("labels", map[string]any{v1beta1.WorkshopUIDLabel: "uid"})), policy, forGood),
		"nor takes it away from its attendee":              mayNot(administrator, merge(namespace(attendeeNamespace, nil), metadata("labels", map[string]any{v1beta1.WorkshopUIDLabel: nil})), policy, forGood),
		"an administrator creates other namespaces":        may(administrator, create(namespace("lab-new", nil))),
		"an administrator changes other labels of a lab's": may(administrator, merge(own, metadata("labels", map[string]any{"a": "b"}))),
		"an administrator deletes a lab's namespace":       may(administrator, remove(own)),
		"the status of a lab's namespace changes":          may(administrator, mergeSub(own, "status", `{"status":{"conditions":[]}}`)),
	}
}

// owners are references to an owner, as JSON has them.
func owners() []map[string]any {
	return []map[string]any{{"apiVersion": "v1", "kind": "ConfigMap", "name": "other", "uid": "uid"}}
}

// withFinalizer is an object that no one would let go.
func withFinalizer(o *unstructured.Unstructured) *unstructured.Unstructured {
	o.SetFinalizers([]string{"example.com/keep"})
	return o
}

// priorityClass is of a kind that no one fences otherwise.
func priorityClass() *unstructured.Unstructured {
	o := object("scheduling.k8s.io/v1", "PriorityClass", "", "new")
	o.Object["value"] = int64(1)
	return o
}
