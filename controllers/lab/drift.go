package lab

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/evidence"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// setupSource precedes the names under which the objects of the setup are watched. No expression can see them.
const setupSource = "setup:"

// driftKinds are the kinds of setup objects that a learner can lose or stop by mistake and that the operator may read.
// Jobs and Pods end by themselves, and no rule lets the operator read Secrets.
var driftKinds = map[string]bool{
	"Deployment": true, "StatefulSet": true, "DaemonSet": true, "CronJob": true,
	"Service": true, "ConfigMap": true, "PersistentVolumeClaim": true,
}

// setupSources are the sources to watch in order to tell what became of the setup.
func setupSources(pinned *catalog.Compiled) []evidence.Source {
	var sources []evidence.Source
	for _, object := range pinned.Setup {
		if driftKinds[object.GetKind()] {
			sources = append(sources, evidence.Source{
				Name: setupSource + nameOf(object), GVK: object.GroupVersionKind(), ObjectName: object.GetName(),
				Brief: object.GetKind() != "Service", // the ports of a Service are no plain field
			})
		}
	}
	return sources
}

// nameOf a setup object as a learner reads it: its kind and name.
func nameOf(object *unstructured.Unstructured) string {
	return object.GetKind() + " " + object.GetName()
}

// drift tells what became of the objects of the setup that a usual mistake leads to: deleted, scaled to zero, led to a
// port that nobody has. It says the way back, since the tasks may only show what follows from it. What it says is never
// an accusation: an exercise may ask for just that.
func drift(setup []*unstructured.Unstructured, seen check.Snapshot, pods []*unstructured.Unstructured, fresh string) []string {
	var found []string
	for _, object := range setup {
		switch now := seen[setupSource+nameOf(object)]; now.State {
		case check.Missing:
			if guardrail.IsProtected(object) {
				continue // it is made again
			}
			found = append(found, fmt.Sprintf("%s, which the exercise started with, is missing. If you did not replace it, %s", nameOf(object), fresh))
		case check.Seen:
			live := asObject(now.Value)
			found = append(found, stopped(object, live, fresh)...)
			if object.GetKind() == "Service" {
				found = append(found, strayPorts(live, pods)...)
			}
		default:
		}
	}
	return found
}

// stopped tells of a workload that has no replicas although the exercise started it with some.
func stopped(setup, live *unstructured.Unstructured, fresh string) []string {
	if kind := setup.GetKind(); kind != "Deployment" && kind != "StatefulSet" {
		return nil
	}
	began, given := replicas(setup)
	if !given {
		began = 1 // the default of the API
	}
	if now, given := replicas(live); !given || now > 0 || began == 0 {
		return nil
	}
	if guardrail.IsProtected(setup) {
		return []string{fmt.Sprintf("%s is scaled to 0 replicas; the exercise started with %d. It belongs to the lab itself: %s", nameOf(setup), began, fresh)}
	}
	return []string{fmt.Sprintf("%s is scaled to 0 replicas; the exercise started with %d. To start it again: kubectl -n %s scale %s/%s --replicas %d",
		nameOf(setup), began, live.GetNamespace(), strings.ToLower(setup.GetKind()), setup.GetName(), began)}
}

// replicas that the spec of a workload asks for. YAML and JSON give integers and floats.
func replicas(object *unstructured.Unstructured) (n int64, given bool) {
	value, _, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "replicas")
	switch number := value.(type) {
	case int64:
		return number, true
	case float64:
		return int64(number), true
	default:
		return 0, false
	}
}

// strayPorts tells of the ports of a Service that lead to none which the containers behind it declare.
func strayPorts(service *unstructured.Unstructured, pods []*unstructured.Unstructured) []string {
	declared := portsBehind(service, pods)
	if len(declared) == 0 {
		return nil // without a pod, or without a declaration, there is nothing to compare with
	}
	ports, _, _ := unstructured.NestedSlice(service.Object, "spec", "ports")
	var found []string
	for _, p := range ports {
		port, _ := p.(map[string]any)
		target := fmt.Sprint(cmp.Or(port["targetPort"], port["port"]))
		if !slices.Contains(declared, target) {
			found = append(found, fmt.Sprintf("%s sends port %v to port %s of its pods, and no container there declares that one; they declare %s",
				nameOf(service), port["port"], target, strings.Join(declared, ", ")))
		}
	}
	return found
}

// portsBehind are the names and numbers of the ports that the containers of a Service's pods declare, sorted.
func portsBehind(service *unstructured.Unstructured, pods []*unstructured.Unstructured) []string {
	wanted, _, _ := unstructured.NestedStringMap(service.Object, "spec", "selector")
	if len(wanted) == 0 {
		return nil
	}
	selector := labels.SelectorFromSet(wanted)
	var declared []string
	for _, pod := range pods {
		if !selector.Matches(labels.Set(pod.GetLabels())) {
			continue
		}
		containers, _, _ := unstructured.NestedSlice(pod.Object, "spec", "containers")
		for _, c := range containers {
			container, _ := c.(map[string]any)
			ports, _ := container["ports"].([]any)
			for _, p := range ports {
				port, _ := p.(map[string]any)
				for _, field := range []string{"name", "containerPort"} {
					if value, ok := port[field]; ok {
						declared = append(declared, fmt.Sprint(value))
					}
				}
			}
		}
	}
	slices.Sort(declared)
	return slices.Compact(declared)
}

// asObject reads an observed value as an object.
func asObject(value any) *unstructured.Unstructured {
	content, _ := value.(map[string]any)
	return &unstructured.Unstructured{Object: content}
}

// freshEnvironment says how to get one, as the end of a sentence.
func (s *scope) freshEnvironment() string { return "start a fresh environment: " + s.freshCommands() }

// freshCommands are the commands that start a fresh environment.
func (s *scope) freshCommands() string {
	return fmt.Sprintf("%s, then the same with %s", s.environmentCommand(v1beta1.EnvironmentAbsent), v1beta1.EnvironmentPresent)
}

// environmentCommand is the command that asks for an environment or for none.
func (s *scope) environmentCommand(value v1beta1.Environment) string {
	return fmt.Sprintf("kubectl%s patch lab %s --type merge -p '{\"spec\":{\"environment\":\"%s\"}}'", s.namespaceFlag(), s.lab.Name, value)
}
