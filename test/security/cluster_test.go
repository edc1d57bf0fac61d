//go:build cluster

package security

import (
	"fmt"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// requestsPath is where the API server tells whose requests wait.
const requestsPath = "/debug/api_priority_and_fairness/dump_requests"

// onCluster are attacks on what is of the whole cluster: there is no fence to get through, only no right.
func (s *stage) onCluster() map[string]attack {
	guardrails := named("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "", "lab-operator-guardrails")
	bound := named("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "", "lab-operator-guardrails")
	exercise, topic := named(labVersion, "Exercise", "", rangeName), named(labVersion, "Topic", "", rangeName)
	node := named("v1", "Node", "", s.node())
	volume := object("", `{apiVersion: v1, kind: PersistentVolume, metadata: {name: sec-root}, spec: {capacity: {storage: 1Mi}, accessModes: [ReadWriteOnce], hostPath: {path: /}, claimRef: {namespace: `+s.mallory.environment+`, name: root}}}`)
	class := object("", `{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: sec-mine}, provisioner: example.com/mine}`)
	priority := object("", `{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: sec-first}, value: 1000000}`)
	runtimeClass := object("", `{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: sec-loose}, handler: runc}`)
	definition := object("", `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: mines.sec.example.com}, spec: {group: sec.example.com, scope: Namespaced,
		names: {plural: mines, singular: mine, kind: Mine, listKind: MineList}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}`)
	hook := func(kind, operation string) client.Object {
		return object("", fmt.Sprintf(`{apiVersion: admissionregistration.k8s.io/v1, kind: %s, metadata: {name: sec-hook}, webhooks: [{name: hook.sec.example.com, sideEffects: None,
			admissionReviewVersions: [v1], clientConfig: {url: "https://192.0.2.1/"}, namespaceSelector: {matchLabels: {no: such}},
			rules: [{apiGroups: [""], apiVersions: [v1], operations: [%s], resources: [secrets]}]}]}`, kind, operation))
	}
	service := object("", `{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1.sec.example.com}, spec: {group: sec.example.com, version: v1, groupPriorityMinimum: 1, versionPriority: 1, insecureSkipTLSVerify: true, service: {namespace: default, name: none}}}`)
	return map[string]attack{
		"take the guardrails' policy away":  s.refused("a lab without guardrails", remove(guardrails), noRight("delete", "validatingadmissionpolicies")),
		"loosen the guardrails' policy":     s.refused("a lab without guardrails", patch(guardrails, `{"spec":{"failurePolicy":"Ignore"}}`), noRight("patch", "validatingadmissionpolicies")),
		"unbind the guardrails' policy":     s.refused("a lab without guardrails", remove(bound), noRight("delete", "validatingadmissionpolicybindings")),
		"make the exercise easier":          s.refused("a pass without work", patch(exercise, `{"spec":{"minutes":1}}`), noRight("patch", "exercises")),
		"say that an exercise is good":      s.refused("an exercise nobody looked at", patchSub(exercise, "status", "application/merge-patch+json", `{"status":{"taskCount":1}}`), noRight("patch", "exercises/status")),
		"delete the topic":                  s.refused("labs that go on with nothing", remove(topic), noRight("delete", "topics")),
		"provide a volume of the node":      s.refused("the node's disk", create(volume), noRight("create", "persistentvolumes")),
		"make a class of storage":           s.refused("storage without a bound", create(class), noRight("create", "storageclasses")),
		"make a class of priority":          s.refused("the place of others", create(priority), noRight("create", "priorityclasses")),
		"make a class of runtime":           s.refused("the node", create(runtimeClass), noRight("create", "runtimeclasses")),
		"define a kind":                     s.refused("the API", create(definition), noRight("create", "customresourcedefinitions")),
		"change what others write":          s.refused("everybody's objects", create(hook("MutatingWebhookConfiguration", "CREATE")), noRight("create", "mutatingwebhookconfigurations")),
		"read what others write":            s.refused("everybody's Secrets", create(hook("ValidatingWebhookConfiguration", "UPDATE")), noRight("create", "validatingwebhookconfigurations")),
		"serve an API":                      s.refused("everybody's requests", create(service), noRight("create", "apiservices")),
		"label the node":                    s.refused("the place of others", patch(node, `{"metadata":{"labels":{"a":"b"}}}`), noRight("patch", "nodes")),
		"read the nodes":                    s.refused("knowledge of the cluster", list("v1", "Node", ""), noRight("list", "nodes")),
		"enter a pod by its node":           s.raw("every container of the node", "/api/v1/nodes/"+s.node()+"/proxy/pods", `cannot get resource "nodes/proxy"`),
		"read the metrics of the API":       s.raw("knowledge of others", "/metrics", `cannot get path "/metrics"`),
		"read what others ask the API":      s.raw("knowledge of others", requestsPath, `cannot get path "`+requestsPath+`"`),
		"go through the API to a service":   s.raw("services behind a policy", "/api/v1/namespaces/kube-system/services/kube-dns:metrics/proxy/metrics", `cannot get resource "services/proxy"`),
		"go through the API to another pod": {gain: "pods behind a policy", try: s.proxyToPod},
	}
}

// proxyToPod asks the API server to ask the operator.
func (s *stage) proxyToPod(t *testing.T) {
	pod := s.podIn(t, "lab-operator-system", "lab-operator-")
	path := fmt.Sprintf("/api/v1/namespaces/%s/pods/%s:8080/proxy/metrics", pod.Namespace, pod.Name)
	s.raw("", path, `cannot get resource "pods/proxy"`).try(t)
}
