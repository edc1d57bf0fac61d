//go:build cluster

package security

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/test/testenv"
)

// onOperator are attacks on what the operator keeps to itself.
func (s *stage) onOperator() map[string]attack {
	const in = testenv.OperatorNamespace
	lease := named("coordination.k8s.io/v1", "Lease", in, "lab-operator")
	operator := named("apps/v1", "Deployment", in, "lab-operator")
	key := named(labVersion, "AnswerKey", in, rangeName)
	own := object(s.mallory.environment, `{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: lab-operator}, spec: {holderIdentity: me}}`)
	event := object(malloryHome, fmt.Sprintf(`{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: sec-forged}, type: Normal, reason: Passed, action: Judge, note: "Task say is passed",
		reportingController: lab-operator, reportingInstance: one, eventTime: "2026-01-01T00:00:00.000000Z", regarding: {apiVersion: %s, kind: Lab, namespace: %s, name: %s}}`, labVersion, malloryHome, rangeName))
	started := object(in, `{apiVersion: v1, kind: Pod, metadata: {name: sec-thief}, spec: `+strings.Replace(podSpec("serviceAccountName: lab-operator,"), "automountServiceAccountToken: false, ", "", 1)+`}`)
	return map[string]attack{
		"read the answer keys":              s.refused("all answers", list(labVersion, "AnswerKey", in), noRight("list", "answerkeys")),
		"read one answer key":               s.refused("all answers", read(key), noRight("get", "answerkeys")),
		"write an answer key":               s.refused("answers of one's own", patch(key, `{"spec":{"topic":"sec-range"}}`), noRight("patch", "answerkeys")),
		"read what labs are pinned to":      s.refused("all answers", list("apps/v1", "ControllerRevision", in), noRight("list", "controllerrevisions")),
		"read its Secrets":                  s.refused("credentials", list("v1", "Secret", in), noRight("list", "secrets")),
		"take the lead":                     s.refused("an operator that stops", patch(lease, `{"spec":{"holderIdentity":"me"}}`), noRight("patch", "leases")),
		"make a lease of the name":          s.refused("an operator that stops", create(own), noRight("create", "leases")),
		"stop it":                           s.refused("an operator that stops", patchSub(operator, "scale", "application/merge-patch+json", `{"spec":{"replicas":0}}`), noRight("patch", "deployments/scale")),
		"start a pod as the operator":       s.refused("all that the operator may", create(started), noRight("create", "pods")),
		"tell of a pass as the operator":    s.refused("words that look like the operator's", create(event), noRight("create", "events")),
		"read the operator's log":           s.intoPod("knowledge of others", in, "lab-operator-", "log"),
		"enter the operator's pod":          s.intoPod("the operator's token", in, "lab-operator-", "exec"),
		"dial the operator's pod":           s.intoPod("the operator's doors", in, "lab-operator-", "portforward"),
		"read the operator's doors by pods": {gain: "knowledge of others", try: s.readMetrics},
	}
}

// podIn finds a pod by the beginning of its name.
func (s *stage) podIn(t *testing.T, namespace, prefix string) *corev1.Pod {
	t.Helper()
	pods := &corev1.PodList{}
	must(t, s.admin.List(t.Context(), pods, client.InNamespace(namespace)))
	for i := range pods.Items {
		if pod := &pods.Items[i]; strings.HasPrefix(pod.Name, prefix) && pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil {
			return pod
		}
	}
	t.Fatalf("no pod %s* runs in %s", prefix, namespace)
	return nil
}

// intoPod is a request for a subresource of a pod of others. The administrator gets past the authorizer with it.
func (s *stage) intoPod(gain, namespace, prefix, way string) attack {
	return attack{gain: gain, try: func(t *testing.T) {
		pod := s.podIn(t, namespace, prefix)
		ask := func(config *rest.Config) error {
			typed, err := kubernetes.NewForConfig(config)
			must(t, err)
			verb := "POST"
			if way == "log" {
				verb = "GET"
			}
			request := typed.CoreV1().RESTClient().Verb(verb).Namespace(namespace).Resource("pods").Name(pod.Name).SubResource(way)
			if way == "exec" {
				request = request.VersionedParams(&corev1.PodExecOptions{Command: []string{"true"}, Stdout: true}, scheme.ParameterCodec)
			}
			return request.Do(t.Context()).Error()
		}
		verb := map[string]string{"log": "get", "exec": "create", "portforward": "create"}[way]
		if err := noRight(verb, "pods/"+way).check(ask(s.mallory.config)); err != nil {
			t.Error(err)
		}
		err := ask(s.config)
		// To go further, a connection has to be upgraded, which a plain request is not.
		if way != "log" && err != nil && (refusal{http.StatusBadRequest, "pgrade"}).check(err) == nil {
			err = nil
		}
		if err != nil {
			t.Errorf("it is not well-formed: the administrator gets %v", err)
		}
	}}
}

// readMetrics asks for the operator's metrics from a pod of the lab. Where network policies are enforced it gets no
// answer; where they are not, the answer tells of no lab.
func (s *stage) readMetrics(t *testing.T) {
	s.haveTools(t)
	address := s.podIn(t, testenv.OperatorNamespace, "lab-operator-").Status.PodIP
	script := fmt.Sprintf(`timeout 5 bash -c 'exec 3<>/dev/tcp/%s/8080; printf "GET /metrics HTTP/1.0\r\n\r\n" >&3; cat <&3' || echo no answer`, address)
	out, err := s.mallory.run(t.Context(), s.mallory.environment, "tools", "bash", "-c", script)
	must(t, err)
	if !strings.Contains(out, "no answer") && !strings.Contains(out, "workqueue_depth") {
		t.Fatalf("it is not well-formed: it got %q", out)
	}
	// What is in the catalog is no secret, and counted by it. A Lab has the same name here, and must not be told of.
	out = strings.NewReplacer(fmt.Sprintf("topic=%q", rangeName), "", fmt.Sprintf("exercise=%q", rangeName), "").Replace(out)
	for _, secret := range []string{rangeName, aliceHome, malloryHome, s.alice.environment, s.mallory.environment, modelAnswer} {
		if strings.Contains(out, secret) {
			t.Errorf("the metrics tell of %s", secret)
		}
	}
}

// haveTools starts a pod of mallory's with a shell, and the token that every pod gets.
func (s *stage) haveTools(t *testing.T) {
	t.Helper()
	tools := object(s.mallory.environment, fmt.Sprintf(`{apiVersion: v1, kind: Pod, metadata: {name: tools, labels: {app: tools}}, spec: {terminationGracePeriodSeconds: 0, securityContext: %s,
		containers: [{name: main, image: %q, command: [sleep, infinity], securityContext: %s, resources: {requests: {cpu: 5m}}}]}}`, restrictedPod, toolsImage, restrictedContainer))
	if err := s.mallory.client.Create(t.Context(), tools); err != nil && !isThere(err) {
		t.Fatal(err)
	}
	s.untilRuns(t, s.mallory.environment, "tools")
}

// run executes a command in a pod.
func (p *person) run(ctx context.Context, namespace, pod string, command ...string) (string, error) {
	return execute(ctx, p.config, namespace, pod, command...)
}

func execute(ctx context.Context, config *rest.Config, namespace, pod string, command ...string) (string, error) {
	typed, err := kubernetes.NewForConfig(config)
	if err != nil {
		return "", err
	}
	url := typed.CoreV1().RESTClient().Post().Namespace(namespace).Resource("pods").Name(pod).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Command: command, Stdout: true, Stderr: true}, scheme.ParameterCodec).URL()
	executor, err := remotecommand.NewWebSocketExecutor(config, http.MethodGet, url.String())
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: &out, Stderr: io.Discard})
	return out.String(), err
}
