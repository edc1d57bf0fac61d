package policy

import (
	"maps"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// attempts are all that is tried on the API server.
func attempts() map[string]attempt {
	all := map[string]attempt{}
	for _, some := range []map[string]attempt{
		guardrailAttempts(), labAttempts(), fenceAttempts(), namespaceAttempts(), ownerAttempts(), workloadAttempts(), teardownAttempts(),
		templateAttempts(), claimAttempts(), connectionAttempts(), placementAttempts(), storageAttempts(), sizeAttempts(),
		identityAttempts(), uninstallAttempts(), resourceAttempts(), revisionAttempts(), reviewAttempts(),
	} {
		maps.Copy(all, some)
	}
	return all
}

func guardrailAttempts() map[string]attempt {
	const (
		policy    = "lab-operator-guardrails"
		belongs   = " belongs to the lab itself: it cannot be changed or deleted. Work with your own objects"
		marks     = "the label learning.lab-operator.dev/protected marks what belongs to the lab itself"
		finalizer = "a finalizer could keep the lab's namespace from being deleted"
	)
	rules, mine := configMap(labNamespace, "rules"), configMap(labNamespace, "mine")
	quota := object("v1", "ResourceQuota", labNamespace, "lab")
	binding := object("rbac.authorization.k8s.io/v1", "RoleBinding", labNamespace, "lab-operator-learner")
	network := object("networking.k8s.io/v1", "NetworkPolicy", labNamespace, "lab")
	claim := smallClaim("new")
	guard, worker := object("v1", "Pod", labNamespace, "guard"), object("v1", "Pod", labNamespace, "worker")
	restrictedContext := `{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}`
	data := `{"data":{"rule":"2"}}`
	all := map[string]attempt{
		"a learner changes no protected object":              mayNot(learner, merge(rules, data), policy, "rules"+belongs),
		"a learner takes no protection away":                 mayNot(learner, merge(rules, metadata("labels", map[string]any{v1beta1.ProtectedLabel: nil})), policy, "rules"+belongs),
		"a learner deletes no protected object":              mayNot(learner, remove(rules), policy, "rules"+belongs),
		"a learner deletes no protected object among others": mayNot(learner, removeAll(configMap("", "")), policy, "rules"+belongs),
		"a learner changes no protected workload":            mayNot(learner, merge(deployment("load"), `{"spec":{"replicas":0}}`), policy, "load"+belongs),
		"a learner resizes no protected pod": mayNot(learner, strategicSub(guard, "resize",
			`{"spec":{"containers":[{"name":"main","resources":{"limits":{"memory":"50Mi"}}}]}}`), policy, "guard"+belongs),
		"a learner adds nothing to a protected pod": mayNot(learner, strategicSub(guard, "ephemeralcontainers",
			`{"spec":{"ephemeralContainers":[{"name":"debug","image":"web:1","securityContext":`+restrictedContext+`}]}}`), policy, "guard"+belongs),
		"a learner gives the pod of a Job no other owner":        mayNot(learner, merge(worker, metadata("ownerReferences", owners())), policy, "nobody else would take the finalizer off this pod"),
		"a learner scales no workload with protected pods":       mayNot(learner, mergeSub(deployment("probe"), "scale", `{"spec":{"replicas":0}}`), policy, "probe"+belongs),
		"a learner's autoscaler scales none, either":             mayNot(autoscaler, mergeSub(deployment("probe"), "scale", `{"spec":{"replicas":3}}`), policy, "probe"+belongs),
		"whoever has all rights in the lab changes no quota":     mayNot(editor, merge(quota, `{"spec":{"hard":{"pods":"99"}}}`), policy, "lab"+belongs),
		"whoever has all rights in the lab deletes no quota":     mayNot(editor, remove(quota), policy, "lab"+belongs),
		"whoever has all rights in the lab deletes no binding":   mayNot(editor, remove(binding), policy, "lab-operator-learner"+belongs),
		"whoever has all rights in the lab deletes no isolation": mayNot(editor, remove(network), policy, "lab"+belongs),
		"whoever has all rights in the lab deletes no limits":    mayNot(editor, remove(object("v1", "LimitRange", labNamespace, "lab")), policy, "lab"+belongs),
		"a learner makes nothing that is protected":              mayNot(learner, create(protected(configMap(labNamespace, "new"))), policy, marks),
		"a learner protects nothing":                             mayNot(learner, merge(mine, metadata("labels", map[string]any{v1beta1.ProtectedLabel: "true"})), policy, marks),
		"a learner creates nothing with a finalizer":             mayNot(learner, create(withFinalizer(configMap(labNamespace, "new"))), policy, finalizer),
		"a learner adds no finalizer":                            mayNot(learner, merge(mine, metadata("finalizers", []string{"example.com/keep"})), policy, finalizer),
		"a learner adds no finalizer that only claims have":      mayNot(learner, merge(mine, metadata("finalizers", []string{"kubernetes.io/pvc-protection"})), policy, finalizer),
		"a learner changes what has a finalizer":                 may(learner, merge(configMap(labNamespace, "held"), data)),
		"a learner creates a claim":                              may(learner, create(claim)),
		"a learner creates objects":                              may(learner, create(configMap(labNamespace, "new"))),
		"a learner changes objects":                              may(learner, merge(mine, data)),
		"a learner deletes objects":                              may(learner, remove(mine)),
		"a learner changes what the setup made":                  may(learner, merge(deployment("web"), `{"spec":{"replicas":2}}`)),
		"a learner scales what the setup made":                   may(learner, mergeSub(deployment("web"), "scale", `{"spec":{"replicas":2}}`)),
		"a learner's autoscaler scales what the setup made":      may(autoscaler, mergeSub(deployment("web"), "scale", `{"spec":{"replicas":2}}`)),
		"a learner changes the pod of a Job":                     may(learner, merge(worker, metadata("labels", map[string]any{"a": "b"}))),
		"a learner deletes what the setup made":                  may(learner, remove(deployment("web"))),
		"a label of another value protects nothing":              may(learner, merge(mine, metadata("labels", map[string]any{v1beta1.ProtectedLabel: "no"}))),
		"the operator changes guardrails":                        may(operator, merge(quota, `{"spec":{"hard":{"pods":"13"}}}`)),
		"the deployer changes protected objects":                 may(deployer, merge(rules, data)),
		"the deployer makes protected objects":                   may(deployer, create(protected(configMap(labNamespace, "new")))),
		"garbage collection deletes protected objects":           may(garbageCollector, remove(rules)),
		"the namespace controller deletes them all":              may(namespaceController, removeAll(configMap("", ""))),
		"the controller manager changes them":                    may(controllerManager, merge(rules, data)),
		"the scheduler deletes them to make room":                may(scheduler, remove(rules)),
		"a node deletes them":                                    may(node, remove(rules)),
		"a facilitator changes protected objects":                may(facilitator, merge(rules, data)),
		"a facilitator makes room":                               may(facilitator, merge(quota, `{"spec":{"hard":{"pods":"99"}}}`)),
		"an administrator deletes protected objects":             may(administrator, remove(rules)),
		"elsewhere the label means nothing":                      may(editor, create(protected(configMap("default", "new")))),
	}
	return all
}

func labAttempts() map[string]attempt {
	const (
		policy = "lab-operator-labs"
		only   = "a learner changes only spec.answers and spec.environment of a Lab"
	)
	all := map[string]attempt{
		"a learner answers":                              may(learner, merge(lab("hpa"), `{"spec":{"answers":{"k8s-04":"b"}}}`)),
		"a learner takes an answer back":                 may(learner, merge(lab("hpa"), `{"spec":{"answers":null}}`)),
		"a learner asks for no environment":              may(learner, merge(lab("hpa"), `{"spec":{"environment":"Absent"}}`)),
		"a learner annotates, as kubectl apply does":     may(learner, merge(lab("hpa"), metadata("annotations", map[string]any{"a": "b"}))),
		"a learner sets no field that comes later":       mayNot(learner, merge(lab("hpa"), `{"spec":{"later":"new"}}`), policy, only),
		"a learner changes no field that comes later":    mayNot(learner, merge(lab("later"), `{"spec":{"later":"new"}}`), policy, only),
		"a learner takes away no field that comes later": mayNot(learner, merge(lab("later"), `{"spec":{"later":null}}`), policy, only),
		"a learner adds no label to a Lab":               mayNot(learner, merge(lab("later"), metadata("labels", map[string]any{"class": "b"})), policy, only+", not its labels"),
		"a learner takes no label from a Lab":            mayNot(learner, merge(lab("hpa"), metadata("labels", map[string]any{"class": nil})), policy, only+", not its labels"),
		"a learner takes no finalizer from a Lab":        mayNot(learner, merge(lab("hpa"), metadata("finalizers", nil)), policy, only+", not its finalizers"),
		"a learner adds no finalizer to a Lab":           mayNot(learner, merge(lab("later"), metadata("finalizers", []string{"example.com/keep"})), policy, only+", not its finalizers"),
		"a learner gives a Lab no owner":                 mayNot(learner, merge(lab("hpa"), metadata("ownerReferences", owners())), policy, only+", not its owners"),
		"a learner fills a Lab with no annotations":      mayNot(learner, merge(lab("hpa"), metadata("annotations", many(33, ""))), policy, "a Lab has room for 32 annotations"),
		"a learner fills a Lab with no long annotation":  mayNot(learner, merge(lab("hpa"), metadata("annotations", map[string]any{"a": strings.Repeat("x", 64<<10)})), policy, "a Lab has room for 32 annotations"),
		"a learner fills a Lab with no field managers":   mayNot(learner, merge(lab("hpa"), metadata("managedFields", managers(33))), policy, "32 field managers of a Lab are enough"),
		"a learner has room for annotations":             may(learner, merge(lab("hpa"), metadata("annotations", map[string]any{"a": strings.Repeat("x", 60<<10)}))),
		"a facilitator fills a Lab with annotations":     may(facilitator, merge(lab("hpa"), metadata("annotations", many(33, "")))),
		"whoever has all rights on Labs is a learner":    mayNot(editor, merge(lab("hpa"), metadata("labels", map[string]any{"class": "b"})), policy, only+", not its labels"),
		"the operator takes its finalizer away":          may(operator, merge(lab("hpa"), metadata("finalizers", nil))),
		"a facilitator labels Labs":                      may(facilitator, merge(lab("hpa"), metadata("labels", map[string]any{"class": "b"}))),
		"an administrator labels Labs":                   may(administrator, merge(lab("hpa"), metadata("labels", map[string]any{"class": "b"}))),
		"a teacher of one class labels its Labs":         may(teacher, merge(lab("hpa"), metadata("labels", map[string]any{"class": "b"}))),
		"garbage collection takes a finalizer away":      may(garbageCollector, merge(lab("hpa"), metadata("finalizers", nil))),
		"the controller manager takes a finalizer away":  may(controllerManager, merge(lab("hpa"), metadata("finalizers", nil))),
	}
	return all
}

func workloadAttempts() map[string]attempt {
	const (
		policy    = "lab-operator-workloads"
		priority  = "a priority class of the system would push out the pods of others"
		tokens    = "Secrets of the type kubernetes.io/service-account-token hand out tokens"
		addresses = "spec.externalIPs of a Service would take over addresses outside the lab"
	)
	urgent := restrictedPod("new")
	urgent.Spec.PriorityClassName = "system-cluster-critical"
	token := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: labNamespace, Name: "new", Annotations: map[string]string{corev1.ServiceAccountNameKey: "default"}},
		Type:       corev1.SecretTypeServiceAccountToken,
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: labNamespace, Name: "new"}}
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: labNamespace, Name: "new"},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}},
	}
	stealing := service.DeepCopy()
	stealing.Spec.ExternalIPs = []string{"192.0.2.1"}
	elsewhere := stealing.DeepCopy()
	elsewhere.Namespace = "default"
	return map[string]attempt{
		"a learner's Service takes no address later": mayNot(learner, merge(object("v1", "Service", labNamespace, "web"),
			`{"spec":{"externalIPs":["192.0.2.1"]}}`), policy, addresses),
		"elsewhere Services are not the operator's business": may(editor, create(elsewhere)),
		"a learner's pod is not of the system":               mayNot(learner, create(urgent), policy, priority),
		"a controller makes no such pod for a learner":       mayNot(controllerManager, create(urgent), policy, priority),
		"a learner makes no token by a Secret":               mayNot(learner, create(token), policy, tokens),
		"a setup makes no token by a Secret":                 mayNot(deployer, create(token), policy, tokens),
		"a learner's Service takes no address":               mayNot(learner, create(stealing), policy, addresses),
		"a learner's pod":                                    may(learner, create(restrictedPod("new"))),
		"a learner's Secret":                                 may(learner, create(secret)),
		"a learner's Service":                                may(learner, create(service)),
	}
}
