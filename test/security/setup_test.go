//go:build cluster

package security

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// authorHome is the namespace of the Labs of exercises that mean harm.
const authorHome = "sec-author"

// bySetup are attacks of an author, by what a lab starts with. Most are found before any lab is started; the others are
// refused to the deployer, who has no more rights in a lab than a learner.
func (s *stage) bySetup() map[string]attack {
	found := func(gain, object, words string) attack {
		return attack{gain: gain, try: func(t *testing.T) { s.notAccepted(t, "spec: {setup: ["+object+"]}", words) }}
	}
	refusedAtOnce := func(gain, object, words string) attack {
		return attack{gain: gain, try: func(t *testing.T) {
			err := s.admin.Create(t.Context(), exerciseWith("sec-refused", "spec: {setup: ["+object+"]}"))
			if err := invalid(words).check(err); err != nil {
				t.Error(err)
			}
		}}
	}
	started := func(gain, object, words string) attack {
		return attack{gain: gain, try: func(t *testing.T) { s.stalls(t, object, words) }}
	}
	const configMap = `{apiVersion: v1, kind: ConfigMap, metadata: {name: sec-planted, %s}}`
	pod := func(more string) string {
		return fmt.Sprintf(`{apiVersion: v1, kind: Pod, metadata: {name: sec-planted}, spec: %s}`, podSpec(more))
	}
	return map[string]attack{
		"reach another namespace":       found("the cluster", fmt.Sprintf(configMap, "namespace: kube-system"), "name no namespace"),
		"make a namespace":              found("room without a fence", `{apiVersion: v1, kind: Namespace, metadata: {name: sec-planted}}`, "Namespace is not accepted"),
		"make a role of the cluster":    found("every right", `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: sec-planted}}`, "ClusterRole is not accepted"),
		"bind a role":                   found("every right in the lab", `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: sec-planted}}`, "RoleBinding is not accepted"),
		"overwrite the quota":           found("more of the cluster", `{apiVersion: v1, kind: ResourceQuota, metadata: {name: lab}, spec: {hard: {pods: "999"}}}`, "ResourceQuota is not accepted"),
		"make a volume of the node":     found("the node's disk", `{apiVersion: v1, kind: PersistentVolume, metadata: {name: sec-planted, labels: {a: b}}}`, "would be an object of the whole cluster"),
		"hide the scope by a namespace": found("the cluster", `{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: sec-planted, namespace: x}, value: 1}`, "name no namespace"),
		"change admission":              found("everybody's objects", `{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: lab-operator-guardrails}}`, "admission concerns the whole cluster"),
		"start another lab":             found("labs without end", `{apiVersion: learning.lab-operator.dev/v1beta1, kind: Lab, metadata: {name: sec-planted}}`, "a lab cannot start another"),
		"hold the lab by a finalizer":   found("a namespace that never goes", fmt.Sprintf(configMap, "finalizers: [example.com/keep]"), "leave finalizers out"),
		"own what is there":             found("garbage collection", fmt.Sprintf(configMap, `ownerReferences: [{apiVersion: v1, kind: Node, name: a, uid: b}]`), "leave ownerReferences out"),
		"claim to be of another lab":    found("another's objects", fmt.Sprintf(configMap, `labels: {learning.lab-operator.dev/lab-uid: "1"}`), "is the operator's"),
		"hide objects in a list":        found("the cluster", `{apiVersion: v1, kind: List, metadata: {name: sec-planted}, items: []}`, "list its items one by one"),
		"name an object with a path":    refusedAtOnce("the cluster", `{apiVersion: v1, kind: ConfigMap, metadata: {name: "../../kube-system/configmaps/x"}}`, "may not contain '/'"),
		"hand out a token":              found("access that never ends", `{apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, metadata: {name: sec-planted}}`, "hands out a token"),
		"be privileged":                 started("the node", strings.Replace(pod(""), "securityContext: {allowPrivilegeEscalation: false,", "securityContext: {privileged: true,", 1), "violates PodSecurity"),
		"push others out":               started("the place of others", pod("priorityClassName: system-node-critical,"), "a priority class of the system would push out"),
		"be the operator":               started("all that the operator may", pod("serviceAccountName: lab-operator,"), `serviceaccount "lab-operator" not found`),
		"take a port of every node":     started("a door of every node", `{apiVersion: v1, kind: Service, metadata: {name: sec-planted}, spec: {type: NodePort, ports: [{port: 80}]}}`, "exceeded quota: lab, requested: services.nodeports=1"),
		"lead looks astray":             started("looks at what is not the lab's", `{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: sec-planted}, addressType: IPv4, endpoints: []}`, `cannot patch resource "endpointslices"`),
		"take a year to end": started("a namespace that goes in half a year", strings.Replace(pod(""), "terminationGracePeriodSeconds: 1,", "terminationGracePeriodSeconds: 31536000,", 1),
			"a lab cannot wait so long for a pod to end"),
	}
}

// entry makes an exercise, with a spec as of exerciseWith, and a topic of the test's own.
func (s *stage) entry(t *testing.T, spec string) string {
	t.Helper()
	name := fmt.Sprintf("sec-author-%d", wordCount.Add(1))
	topic := object("", fmt.Sprintf(`{apiVersion: %s, kind: Topic, metadata: {name: %s, labels: {%s: "true"}}, spec: {title: Harm, exercises: [%s]}}`, labVersion, name, suiteLabel, name))
	for _, o := range []client.Object{exerciseWith(name, spec), topic} {
		s.make(t, o)
		t.Cleanup(func() { must(t, client.IgnoreNotFound(s.admin.Delete(background(t), o))) })
	}
	return name
}

// exerciseWith is an exercise with a spec in YAML over what every exercise needs.
func exerciseWith(name, spec string) client.Object {
	exercise := object("", fmt.Sprintf(`{apiVersion: %s, kind: Exercise, metadata: {name: %s, labels: {%s: "true"}}, spec: {title: Harm,
		evidence: [{name: note, object: {apiVersion: v1, kind: ConfigMap, name: note}}],
		tasks: [{name: say, title: Say it, instructions: Say it., checks: [{expression: note.data.word == 'never', expected: never}]}]}}`, labVersion, name, suiteLabel))
	more := object("", spec).Object["spec"].(map[string]any)
	for field, value := range more {
		exercise.Object["spec"].(map[string]any)[field] = value
	}
	return exercise
}

// accepted waits until the operator has said whether an exercise can be used, and why not.
func (s *stage) accepted(t *testing.T, name string) (yes bool, message string) {
	t.Helper()
	eventually(t, "the operator has looked at the exercise", func() bool {
		exercise := &v1beta1.Exercise{}
		must(t, s.admin.Get(t.Context(), types.NamespacedName{Name: name}, exercise))
		condition := meta.FindStatusCondition(exercise.Status.Conditions, v1beta1.ConditionAccepted)
		if condition != nil {
			yes, message = condition.Status == metav1.ConditionTrue, condition.Message
		}
		return condition != nil
	})
	return yes, message
}

// notAccepted shows that the operator refuses an exercise, and the one that is the same without the harm not.
func (s *stage) notAccepted(t *testing.T, spec, words string) {
	t.Helper()
	if yes, message := s.accepted(t, s.entry(t, spec)); yes || !strings.Contains(message, words) {
		t.Errorf("the exercise is accepted: %t, %q; want it refused with: %s", yes, message, words)
	}
	if yes, message := s.accepted(t, s.entry(t, `spec: {setup: [{apiVersion: v1, kind: ConfigMap, metadata: {name: sec-planted}}]}`)); !yes {
		t.Errorf("an exercise without harm is refused: %s", message)
	}
}

// start makes a Lab of an exercise, which is gone after the test.
func (s *stage) start(t *testing.T, name string) *v1beta1.Lab {
	t.Helper()
	home := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: authorHome}}
	if err := s.admin.Create(t.Context(), home); err != nil && !isThere(err) {
		t.Fatal(err)
	}
	lab := labOf(types.NamespacedName{Namespace: authorHome, Name: name}, name)
	s.make(t, lab)
	t.Cleanup(func() { must(t, client.IgnoreNotFound(s.admin.Delete(background(t), lab))) })
	return lab
}

// stalls shows that a lab cannot be set up, says why, and that nothing of the object was made. What is wrong is the
// author's fault, so it is told as that.
func (s *stage) stalls(t *testing.T, planted, words string) {
	t.Helper()
	name := s.entry(t, "spec: {setup: ["+planted+"]}")
	if yes, message := s.accepted(t, name); !yes {
		t.Fatalf("it is found earlier than thought: %s", message)
	}
	lab := s.start(t, name)
	key := client.ObjectKeyFromObject(lab)
	var stalled *metav1.Condition
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("stalled: %v", stalled)
		}
	})
	eventually(t, "the lab is stalled: "+words, func() bool {
		stalled = meta.FindStatusCondition(s.lab(t, key).Status.Conditions, v1beta1.ConditionStalled)
		return stalled != nil && stalled.Status == metav1.ConditionTrue && strings.Contains(stalled.Message, words)
	})
	made := object(s.lab(t, key).Status.Namespace, planted)
	if !s.isGone(t, made) {
		t.Errorf("%s %s was made", made.GetKind(), made.GetName())
	}
}
