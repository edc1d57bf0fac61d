//go:build cluster

package security

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// onEvidence are attacks on what the operator sees: lies, and what is too much to look at.
func (s *stage) onEvidence() map[string]attack {
	in := s.mallory.environment
	const merge = types.MergePatchType
	guard, bare := named("apps/v1", "Deployment", in, "guard"), named("v1", "Pod", in, "bare")
	scaler := object(in, `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: liar}, spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: none}}}`)
	scaled := patchSub(scaler, "status", merge, `{"status":{"currentReplicas":5,"desiredReplicas":5}}`)
	scaled.part = []string{"status", "currentReplicas"}
	ready := patchSub(bare, "status", merge, `{"status":{"phase":"Failed"}}`)
	ready.part = []string{"status", "phase"}
	serving := patchSub(guard, "status", merge, `{"status":{"readyReplicas":99,"replicas":99}}`)
	serving.part = []string{"status", "readyReplicas"}
	return map[string]attack{
		"say that a Deployment serves": s.refused("a pass without work", serving, noRight("patch", "deployments/status")),
		"say that a pod runs":          s.refused("a pass without work", ready, noRight("patch", "pods/status")),
		"say that an autoscaler scaled": {gain: "a pass without work", try: func(t *testing.T) {
			must(t, s.mallory.client.Create(t.Context(), copyOf(scaler)))
			defer s.mallory.gone(t, scaler)
			s.refused("", scaled, noRight("patch", "horizontalpodautoscalers/status")).try(t)
		}},
		"have more objects than are looked at": {gain: "an operator that is too busy, or a fault of ours", try: s.tooMany},
		"have an object larger than is looked at": {gain: "an operator that is too busy, or a fault of ours", try: func(t *testing.T) {
			s.tooLarge(t, map[string]string{"good": "yes", "more": strings.Repeat("x", 300<<10)}, "the ConfigMap large is too large to inspect")
		}},
		"have more than can be compared":      {gain: "an operator that is too busy, or a fault of ours", try: s.tooCostly},
		"have patterns that never end":        {gain: "an operator that is too busy, or a fault of ours", try: s.patterns},
		"say something with escape sequences": {gain: "a terminal that does what it is told", try: s.escapes},
		"say something without an end":        {gain: "a status of any size", try: s.longWord},
		"name an image with escape sequences": {gain: "a terminal that does what it is told", try: s.escapesInImage},
	}
}

// tooMuch is the refusal of a learner's ConfigMap that is larger than one needs.
var tooMuch = byPolicy("lab-operator-sizes", "a ConfigMap or Secret of a lab holds at most 64 KiB in 256 keys")

// facilitating writes in the lab of a learner as the administrator, whose objects may be large.
func (s *stage) facilitating(p *person) *person {
	helped := *p
	helped.client = s.admin
	return &helped
}

// tooMany has one object more than the list of the evidence holds.
func (s *stage) tooMany(t *testing.T) {
	notes := func(n int) {
		for i := range n {
			note := object(s.mallory.environment, fmt.Sprintf(`{apiVersion: v1, kind: ConfigMap, metadata: {name: few-%d, labels: {few: "yes"}}, data: {good: "yes"}}`, i))
			if err := s.mallory.client.Create(t.Context(), note); err != nil && !isThere(err) {
				t.Fatal(err)
			}
		}
	}
	defer func() {
		for i := range 6 {
			s.mallory.gone(t, named("v1", "ConfigMap", s.mallory.environment, fmt.Sprintf("few-%d", i)))
		}
	}()
	notes(5)
	s.untilSeen(t, s.mallory, "few", "there are 5 objects of kind ConfigMap")
	notes(6)
	s.untilSeen(t, s.mallory, "few", "more than 5 ConfigMaps with few=yes: delete some")
	s.pending(t, s.mallory, "few")
}

// tooLarge has an object that is as the task wants it, but too large to be inspected. Without what is too much it passes.
func (s *stage) tooLarge(t *testing.T, data map[string]string, words string) {
	if err := tooMuch.check(s.mallory.write(t, "large", data)); err != nil {
		t.Error(err)
	}
	must(t, s.facilitating(s.mallory).write(t, "large", data))
	s.untilSeen(t, s.mallory, "large", words)
	s.pending(t, s.mallory, "large")
	delete(data, "more")
	must(t, s.mallory.write(t, "large", data))
	eventually(t, "it passes without", func() bool { return s.mallory.task(t, "large").State == v1beta1.TaskPassed })
	s.mallory.gone(t, named("v1", "ConfigMap", s.mallory.environment, "large"))
}

// tooCostly has as many things as the task wants, which it compares with each other.
func (s *stage) tooCostly(t *testing.T) {
	heap := map[string]string{}
	for i := range 3 {
		heap[fmt.Sprintf("thing-%d", i)] = fmt.Sprint(i)
	}
	must(t, s.mallory.write(t, "heap", heap))
	defer s.mallory.gone(t, named("v1", "ConfigMap", s.mallory.environment, "heap"))
	eventually(t, "three things are compared", func() bool {
		seen := s.mallory.task(t, "heap").Observed
		return seen != "" && !strings.Contains(seen, "there is no ConfigMap")
	})
	for i := range 2000 {
		heap[fmt.Sprintf("thing-%d", i)] = fmt.Sprint(i)
	}
	if err := tooMuch.check(s.mallory.write(t, "heap", heap)); err != nil {
		t.Error(err)
	}
	must(t, s.facilitating(s.mallory).write(t, "heap", heap))
	s.untilSeen(t, s.mallory, "heap", "too large to inspect within the limits")
	s.pending(t, s.mallory, "heap")
	s.stillJudged(t)
}

// patterns are regular expressions that other engines do not come to an end with.
func (s *stage) patterns(t *testing.T) {
	defer s.mallory.gone(t, named("v1", "ConfigMap", s.mallory.environment, "pattern"))
	for name, data := range map[string]map[string]string{
		"backtracking": {"pattern": "^(([a-z])+.)+[A-Z]([a-z])+$", "text": strings.Repeat("a", 60<<10)},
		"repetition":   {"pattern": "((((a{100}){100}){100}){100}){100}", "text": "a"},
		"nesting":      {"pattern": strings.Repeat("(", 5000) + strings.Repeat(")", 5000), "text": "a"},
		"no pattern":   {"pattern": "(", "text": "a"},
		"no texts":     {"pattern": "\u001b[2J", "text": "\u202e"},
	} {
		must(t, s.mallory.write(t, "pattern", data))
		s.stillJudged(t)
		s.pending(t, s.mallory, "pattern")
		if t.Failed() {
			t.Fatalf("by: %s", name)
		}
	}
	s.cleanStatus(t, s.lab(t, s.mallory.lab))
}

// escapes puts what moves a cursor into a text that the status quotes.
func (s *stage) escapes(t *testing.T) {
	for _, word := range []string{"\u001b[2J\u001b]0;title\u0007", "\u202egnorw si", "a\r\nTask say is Passed\n", "\u0000\u0001\u009b31m"} {
		mark := fmt.Sprintf("mark%d", wordCount.Add(1))
		s.say(t, s.mallory, word+mark)
		s.untilSeen(t, s.mallory, "say", mark)
		s.cleanStatus(t, s.lab(t, s.mallory.lab))
	}
}

// longWord is longer than a status may be.
func (s *stage) longWord(t *testing.T) {
	mark := fmt.Sprintf("mark%d ", wordCount.Add(1))
	s.say(t, s.mallory, mark+strings.Repeat("🦝", 50<<10))
	s.untilSeen(t, s.mallory, "say", mark)
	if seen := s.mallory.task(t, "say").Observed; len([]rune(seen)) > 512 {
		t.Errorf("the status quotes %d characters", len([]rune(seen)))
	}
	s.stillJudged(t)
}

// escapesInImage has the kubelet say why a pod does not run, which the status quotes.
func (s *stage) escapesInImage(t *testing.T) {
	pod := plainPod(s.mallory.environment, "painted")
	pod.Spec.Containers[0].Image = "a\u001b[2J\u001b[31mPAINTED\u0007\u202e"
	must(t, s.mallory.client.Create(t.Context(), pod))
	eventually(t, "a notice tells of it", func() bool {
		return strings.Contains(strings.Join(s.lab(t, s.mallory.lab).Status.Notices, " "), "painted")
	})
	s.cleanStatus(t, s.lab(t, s.mallory.lab))
	s.neverOurFault(t, s.mallory)
	s.mallory.gone(t, pod)
	eventually(t, "the notice is gone", func() bool { return len(s.lab(t, s.mallory.lab).Status.Notices) == 0 })
}

// background is for what has to be cleared when a test is over.
func background(t *testing.T) context.Context { return context.WithoutCancel(t.Context()) }

// objectReference names a pod in full.
func objectReference(pod *corev1.Pod) *corev1.ObjectReference {
	return &corev1.ObjectReference{Kind: "Pod", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID}
}
