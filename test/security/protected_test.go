//go:build cluster

package security

import (
	"context"
	"net/http"
	"testing"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// onProtected are attacks on the objects of the setup that a learner is to leave alone.
func (s *stage) onProtected() map[string]attack {
	in := s.mallory.environment
	rules, bare := named("v1", "ConfigMap", in, "rules"), named("v1", "Pod", in, "bare")
	guard := named("apps/v1", "Deployment", in, "guard")
	const merge, strategic = types.MergePatchType, types.StrategicMergePatchType
	debug := `{"spec":{"ephemeralContainers":[{"name":"debug","image":"` + toolsImage + `","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}`
	rest := object(in, `{apiVersion: v1, kind: ConfigMap, metadata: {name: rules}, data: {rule: "2"}}`)
	marked := object(in, `{apiVersion: v1, kind: ConfigMap, metadata: {name: marked, labels: {`+protectedMark+`}}}`)
	eviction := &policyv1.Eviction{}
	return map[string]attack{
		"change it":                        s.refused("other rules", patch(rules, `{"data":{"rule":"2"}}`), belongs("rules")),
		"apply over it as the operator":    s.refused("other rules", applyAs(rest, "lab-operator"), belongs("rules")),
		"take its label away":              s.refused("other rules", patch(rules, `{"metadata":{"labels":null}}`), belongs("rules")),
		"give it an owner that goes":       s.refusedLike("garbage collection that deletes it", patch(rules, `{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"gone","uid":"1"}]}}`), refusal{http.StatusForbidden, "rules belongs to the lab itself"}, s.elsewhereMap(`{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"gone","uid":"1"}]}}`)),
		"delete it":                        s.refused("no rules", remove(rules), belongs("rules")),
		"delete it among others":           {gain: "no rules", try: s.deleteAmongOthers},
		"scale it":                         s.refused("a guard that sleeps", patchSub(guard, "scale", merge, `{"spec":{"replicas":0}}`), belongs("guard")),
		"change its pods":                  s.refused("another guard", patch(guard, `{"spec":{"template":{"metadata":{"annotations":{"a":"b"}}}}}`), belongs("guard")),
		"say what its status is":           s.refused("a guard that seems to sleep", patchSub(guard, "status", merge, `{"status":{"readyReplicas":0,"availableReplicas":0}}`), noRight("patch", "deployments/status")),
		"delete its pod":                   s.refused("a guard that is gone", remove(bare), belongs("bare")),
		"evict its pod":                    s.refused("a guard that is gone", createSub(plainPod(in, "bare"), "eviction", eviction), noRight("create", "pods/eviction")),
		"debug its pod":                    s.refused("a way into the guard", patchSub(bare, "ephemeralcontainers", strategic, debug), belongs("bare")),
		"resize its pod":                   s.refused("a guard that is starved", patchSub(bare, "resize", strategic, `{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"1m"}}}]}}`), belongs("bare")),
		"make something that is protected": s.refused("an object that counts as the lab's", create(marked), byPolicy("lab-operator-guardrails", "the label learning.lab-operator.dev/protected marks")),
	}
}

// elsewhereMap patches a ConfigMap that belongs to nobody.
func (s *stage) elsewhereMap(body string) func(context.Context) error {
	return s.elsewhere(patch(named("v1", "ConfigMap", malloryHome, "kube-root-ca.crt"), body))
}

// deleteAmongOthers deletes all there is of a kind with one request, which goes on until it meets what is protected.
func (s *stage) deleteAmongOthers(t *testing.T) {
	in := s.mallory.environment
	rules := named("v1", "ConfigMap", in, "rules")
	// Behind it in the order of names, so that the others are met as well.
	must(t, s.mallory.write(t, "zebra", map[string]string{"a": "b"}))
	defer s.mallory.gone(t, named("v1", "ConfigMap", in, "zebra"))
	a := removeAll(&corev1.ConfigMap{}, in, rules)
	before := s.look(t, a)
	if err := (refusal{http.StatusForbidden, "rules belongs to the lab itself"}).check(a.do(t.Context(), s.mallory.client)); err != nil {
		t.Error(err)
	}
	if after := s.look(t, a); after != before {
		t.Errorf("the rules are now\n%s\nand were\n%s", after, before)
	}
	must(t, a.do(t.Context(), client.NewDryRunClient(s.admin)))
}

// isGone tells whether an object is not there.
func (s *stage) isGone(t *testing.T, o client.Object) bool {
	t.Helper()
	found := &unstructured.Unstructured{}
	found.SetGroupVersionKind(o.GetObjectKind().GroupVersionKind())
	err := s.admin.Get(t.Context(), client.ObjectKeyFromObject(o), found)
	if err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	return err != nil
}
