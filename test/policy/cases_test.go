package policy

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// attempts are all that is tried on the API server.
func attempts() map[string]attempt {
	all := map[string]attempt{}
	for _, some := range []map[string]attempt{guardrailAttempts(), labAttempts(), fenceAttempts(), namespaceAttempts(), workloadAttempts()} {
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
	protected := labelled(configMap(labNamespace, "new"), v1alpha1.ProtectedLabel, "true")
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: labNamespace, Name: "new"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Mi")}},
		},
	}
	guard := object("v1", "Pod", labNamespace, "guard")
	restrictedContext := `{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}`
	data := `{"data":{"rule":"2"}}`
	all := map[string]attempt{
		"a learner changes no protected object":              {learner, merge(rules, data), policy, "rules" + belongs},
		"a learner takes no protection away":                 {learner, merge(rules, metadata("labels", map[string]any{v1alpha1.ProtectedLabel: nil})), policy, "rules" + belongs},
		"a learner deletes no protected object":              {learner, remove(rules), policy, "rules" + belongs},
		"a learner deletes no protected object among others": {learner, removeAll(configMap("", "")), policy, "rules" + belongs},
		"a learner changes no protected workload":            {learner, merge(deployment("load"), `{"spec":{"replicas":0}}`), policy, "load" + belongs},
		"a learner resizes no protected pod": {learner, strategicSub(guard, "resize",
			`{"spec":{"containers":[{"name":"main","resources":{"limits":{"memory":"50Mi"}}}]}}`), policy, "guard" + belongs},
		"a learner adds nothing to a protected pod": {learner, strategicSub(guard, "ephemeralcontainers",
			`{"spec":{"ephemeralContainers":[{"name":"debug","image":"web:1","securityContext":`+restrictedContext+`}]}}`), policy, "guard" + belongs},
		"a learner scales no workload with protected pods":       {learner, mergeSub(deployment("probe"), "scale", `{"spec":{"replicas":0}}`), policy, "probe" + belongs},
		"whoever has all rights in the lab changes no quota":     {editor, merge(quota, `{"spec":{"hard":{"pods":"99"}}}`), policy, "lab" + belongs},
		"whoever has all rights in the lab deletes no quota":     {editor, remove(quota), policy, "lab" + belongs},
		"whoever has all rights in the lab deletes no binding":   {editor, remove(binding), policy, "lab-operator-learner" + belongs},
		"whoever has all rights in the lab deletes no isolation": {editor, remove(network), policy, "lab" + belongs},
		"whoever has all rights in the lab deletes no limits":    {editor, remove(object("v1", "LimitRange", labNamespace, "lab")), policy, "lab" + belongs},
		"a learner makes nothing that is protected":              {learner, create(protected), policy, marks},
		"a learner protects nothing":                             {learner, merge(mine, metadata("labels", map[string]any{v1alpha1.ProtectedLabel: "true"})), policy, marks},
		"a learner creates nothing with a finalizer":             {learner, create(withFinalizer(configMap(labNamespace, "new"), "example.com/keep")), policy, finalizer},
		"a learner adds no finalizer":                            {learner, merge(mine, metadata("finalizers", []string{"example.com/keep"})), policy, finalizer},
		"a learner adds no finalizer that only claims have":      {learner, merge(mine, metadata("finalizers", []string{"kubernetes.io/pvc-protection"})), policy, finalizer},
		"a learner creates a claim":                              {who: learner, do: create(claim)},
		"a learner creates objects":                              {who: learner, do: create(configMap(labNamespace, "new"))},
		"a learner changes objects":                              {who: learner, do: merge(mine, data)},
		"a learner deletes objects":                              {who: learner, do: remove(mine)},
		"a learner changes what the setup made":                  {who: learner, do: merge(deployment("web"), `{"spec":{"replicas":2}}`)},
		"a learner scales what the setup made":                   {who: learner, do: mergeSub(deployment("web"), "scale", `{"spec":{"replicas":2}}`)},
		"a learner deletes what the setup made":                  {who: learner, do: remove(deployment("web"))},
		"a label of another value protects nothing":              {who: learner, do: merge(mine, metadata("labels", map[string]any{v1alpha1.ProtectedLabel: "no"}))},
		"the operator changes guardrails":                        {who: operator, do: merge(quota, `{"spec":{"hard":{"pods":"13"}}}`)},
		"the deployer changes protected objects":                 {who: deployer, do: merge(rules, data)},
		"the deployer makes protected objects":                   {who: deployer, do: create(protected)},
		"garbage collection deletes protected objects":           {who: garbageCollector, do: remove(rules)},
		"the namespace controller deletes them all":              {who: namespaceController, do: removeAll(configMap("", ""))},
		"the controller manager changes them":                    {who: controllerManager, do: merge(rules, data)},
		"the scheduler deletes them to make room":                {who: scheduler, do: remove(rules)},
		"a node deletes them":                                    {who: node, do: remove(rules)},
		"a facilitator changes protected objects":                {who: facilitator, do: merge(rules, data)},
		"a facilitator makes room":                               {who: facilitator, do: merge(quota, `{"spec":{"hard":{"pods":"99"}}}`)},
		"an administrator deletes protected objects":             {who: administrator, do: remove(rules)},
		"elsewhere the label means nothing":                      {who: editor, do: create(labelled(configMap("default", "new"), v1alpha1.ProtectedLabel, "true"))},
	}
	return all
}

func labAttempts() map[string]attempt {
	const (
		policy = "lab-operator-labs"
		only   = "a learner changes only spec.answers and spec.environment of a Lab"
	)
	all := map[string]attempt{
		"a learner answers":                              {who: learner, do: merge(lab("hpa"), `{"spec":{"answers":{"k8s-04":"b"}}}`)},
		"a learner takes an answer back":                 {who: learner, do: merge(lab("hpa"), `{"spec":{"answers":null}}`)},
		"a learner asks for no environment":              {who: learner, do: merge(lab("hpa"), `{"spec":{"environment":"Absent"}}`)},
		"a learner annotates, as kubectl apply does":     {who: learner, do: merge(lab("hpa"), metadata("annotations", map[string]any{"a": "b"}))},
		"a learner sets no field that comes later":       {learner, merge(lab("hpa"), `{"spec":{"later":"new"}}`), policy, only},
		"a learner changes no field that comes later":    {learner, merge(lab("later"), `{"spec":{"later":"new"}}`), policy, only},
		"a learner takes away no field that comes later": {learner, merge(lab("later"), `{"spec":{"later":null}}`), policy, only},
		"a learner adds no label to a Lab":               {learner, merge(lab("later"), metadata("labels", map[string]any{"class": "b"})), policy, only + ", not its labels"},
		"a learner takes no label from a Lab":            {learner, merge(lab("hpa"), metadata("labels", map[string]any{"class": nil})), policy, only + ", not its labels"},
		"a learner takes no finalizer from a Lab":        {learner, merge(lab("hpa"), metadata("finalizers", nil)), policy, only + ", not its finalizers"},
		"a learner adds no finalizer to a Lab":           {learner, merge(lab("later"), metadata("finalizers", []string{"example.com/keep"})), policy, only + ", not its finalizers"},
		"a learner gives a Lab no owner":                 {learner, merge(lab("hpa"), metadata("ownerReferences", owners())), policy, only + ", not its owners"},
		"whoever has all rights on Labs is a learner":    {editor, merge(lab("hpa"), metadata("labels", map[string]any{"class": "b"})), policy, only + ", not its labels"},
		"the operator takes its finalizer away":          {who: operator, do: merge(lab("hpa"), metadata("finalizers", nil))},
		"a facilitator labels Labs":                      {who: facilitator, do: merge(lab("hpa"), metadata("labels", map[string]any{"class": "b"}))},
		"an administrator labels Labs":                   {who: administrator, do: merge(lab("hpa"), metadata("labels", map[string]any{"class": "b"}))},
		"garbage collection takes an owner away":         {who: garbageCollector, do: merge(lab("hpa"), metadata("ownerReferences", nil))},
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
	return map[string]attempt{
		"a learner's pod is not of the system":         {learner, create(urgent), policy, priority},
		"a controller makes no such pod for a learner": {controllerManager, create(urgent), policy, priority},
		"a learner makes no token by a Secret":         {learner, create(token), policy, tokens},
		"a setup makes no token by a Secret":           {deployer, create(token), policy, tokens},
		"a learner's Service takes no address":         {learner, create(stealing), policy, addresses},
		"a learner's pod":                              {who: learner, do: create(restrictedPod("new"))},
		"a learner's Secret":                           {who: learner, do: create(secret)},
		"a learner's Service":                          {who: learner, do: create(service)},
	}
}
