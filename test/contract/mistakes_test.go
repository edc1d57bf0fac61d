//go:build cluster

package contract

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// toldWithin is how long the lab may take to tell what a mistake led to: a pod has to fail first.
const toldWithin = 2 * time.Minute

// missingImage is one that no registry has.
const missingImage = "lab-operator.invalid/missing:1"

// mistake is something that a learner does to an object of the setup without meaning to.
type mistake struct {
	what   string // such as "delete Service web"
	object *unstructured.Unstructured
	patch  string // of the type merge, or JSON where it is a list; empty to delete
	says   []string
	// orSays is what the lab says instead where a pod of a StatefulSet waits for the learner: it is not replaced.
	orSays []string
}

// mistakesOf are the usual mistakes with what a learner may change in a setup: to delete each object, to scale each workload to
// zero, to give it a wrong image, to lead each Service to a wrong port. What the lab has to say is a part of a notice each.
func mistakesOf(setup []*unstructured.Unstructured) []mistake {
	var all []mistake
	for _, object := range setup {
		kind, name := object.GetKind(), object.GetName()
		if object.GetLabels()[v1beta1.ProtectedLabel] == "true" {
			continue
		}
		missing := fmt.Sprintf("%s %s, which the exercise started with, is missing", kind, name)
		all = append(all, mistake{what: "delete " + kind + " " + name, object: object,
			says: []string{missing, "fresh environment", `{"spec":{"environment":"Absent"}}`}})
		switch kind {
		case "Deployment", "StatefulSet":
			if replicas, given, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "replicas"); given && fmt.Sprint(replicas) == "0" {
				continue
			}
			all = append(all,
				mistake{what: "scale " + kind + " " + name + " to zero", object: object, patch: `{"spec":{"replicas":0}}`,
					says: []string{kind + " " + name + " is scaled to 0 replicas", "kubectl"}},
				mistake{what: "give " + kind + " " + name + " a wrong image", object: object,
					patch:  `[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"` + missingImage + `"}]`,
					says:   []string{name + "-", missingImage},
					orSays: []string{"still has an earlier template of StatefulSet " + name, "delete pod"}})
		case "Service":
			if selector, _, _ := unstructured.NestedMap(object.Object, "spec", "selector"); len(selector) > 0 && !headless(object) {
				all = append(all, mistake{what: "lead Service " + name + " to a wrong port", object: object,
					patch: `[{"op":"replace","path":"/spec/ports/0/targetPort","value":9}]`, says: []string{"Service " + name + " sends port", "port 9"}})
			}
		}
	}
	return all
}

// headless tells whether the name of a Service leads to its pods, at whatever port they listen.
func headless(service *unstructured.Unstructured) bool {
	ip, _, _ := unstructured.NestedString(service.Object, "spec", "clusterIP")
	return ip == "None"
}

// make carries the mistake out with a learner's rights.
func (m mistake) make(t *testing.T, learner client.Client, namespace string) error {
	object := m.object.DeepCopy()
	object.SetNamespace(namespace)
	switch {
	case m.patch == "":
		return learner.Delete(t.Context(), object)
	case strings.HasPrefix(m.patch, "["):
		return learner.Patch(t.Context(), object, client.RawPatch(types.JSONPatchType, []byte(m.patch)))
	default:
		return learner.Patch(t.Context(), object, client.RawPatch(types.MergePatchType, []byte(m.patch)))
	}
}

// waysOut makes every usual mistake at the start of an exercise: each time, the lab says what became of what, and a fresh
// environment leads out of it. In the end the solution still completes the lab.
func (s *suite) waysOut(t *testing.T, f folder, count *counts) {
	g := expecting(t)
	sitting := s.sit(t, f.exercise, "mistakes")
	sitting.untilReady(t)
	learner := sitting.client(t)
	setup, err := f.setup()
	g.Expect(err).NotTo(HaveOccurred())
	for _, m := range mistakesOf(setup) {
		count.mistakes.Add(1)
		g.Expect(m.make(t, learner, sitting.environment())).To(Succeed(), m.what)
		g.Eventually(func() []string { return sitting.lab(t).Status.Notices }).WithTimeout(toldWithin).WithPolling(lookEvery).
			Should(ContainElement(Or(containing(m.says), containing(m.orSays))), func() string { return m.what + "\n" + sitting.String() })
		sitting.startsAfresh(t)
		count.fresh.Add(1)
	}
	sitting.isCompletedBy(t, f)
	count.completed.Add(1)
}

// containing expects every part. Without parts nothing will do: no notice is empty.
func containing(parts []string) OmegaMatcher {
	if len(parts) == 0 {
		return BeEmpty()
	}
	matchers := make([]OmegaMatcher, 0, len(parts))
	for _, part := range parts {
		matchers = append(matchers, ContainSubstring(part))
	}
	return And(matchers...)
}
