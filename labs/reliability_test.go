package labs

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// trusted is a row of the table in docs/reliability.md.
type trusted struct {
	// protected are the objects of the setup that the checks believe, learners those that a learner can replace. Both are
	// of the form Kind/name.
	protected, learners []string
}

var quoted = regexp.MustCompile("`([A-Z][A-Za-z]+/[a-z0-9-]+)`")

// trustTable reads the rows by exercise.
func trustTable(t *testing.T) map[string]trusted {
	t.Helper()
	data, err := os.ReadFile("../docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(data), "| exercise | protected, and believed | the learner's own, and compared | why no learner can forge it |\n")
	if !found {
		t.Fatal("docs/reliability.md has no table of what the checks trust")
	}
	rows := map[string]trusted{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 6 {
			break
		}
		objects := func(cell string) (named []string) {
			for _, match := range quoted.FindAllStringSubmatch(cell, -1) {
				named = append(named, match[1])
			}
			return named
		}
		if name := strings.TrimSpace(cells[1]); !strings.HasPrefix(name, "-") {
			if _, twice := rows[name]; twice {
				t.Errorf("%s has two rows", name)
			}
			rows[name] = trusted{protected: objects(cells[2]), learners: objects(cells[3])}
		}
	}
	return rows
}

// What is said to be protected is so, nothing that is protected is left out, and whatever answers a check stands in the
// row.
func TestTheTableOfWhatChecksTrustIsTrue(t *testing.T) {
	rows := trustTable(t)
	exercises := load(t).exercises
	for name := range rows {
		if exercises[name] == nil {
			t.Errorf("there is a row for %s, which is no exercise", name)
		}
	}
	for name, exercise := range exercises {
		t.Run(name, func(t *testing.T) {
			row, found := rows[name]
			if !found {
				t.Fatal("it has no row in docs/reliability.md")
			}
			setup := map[string]*unstructured.Unstructured{}
			for _, raw := range exercise.Spec.Setup {
				object := &unstructured.Unstructured{}
				if err := object.UnmarshalJSON(raw.Raw); err != nil {
					t.Fatal(err)
				}
				setup[object.GetKind()+"/"+object.GetName()] = object
			}
			for _, named := range row.protected {
				if object := setup[named]; object == nil || !isClosed(object) {
					t.Errorf("%s is said to be protected, and is not so in all of its parts", named)
				}
			}
			for _, named := range row.learners {
				if object := setup[named]; object == nil || isClosed(object) {
					t.Errorf("%s is said to be the learner's, and is protected or not in the setup", named)
				}
			}
			for named, object := range setup {
				isAnswering := slices.Contains([]string{"Service", "Pod", "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "PersistentVolumeClaim"}, object.GetKind())
				if isAnswering && isClosed(object) && !slices.Contains(row.protected, named) {
					t.Errorf("%s is protected, and its row does not have it", named)
				}
			}
			for _, evidence := range exercise.Spec.Evidence {
				if answering := answers(evidence, setup); answering != "" && !slices.Contains(slices.Concat(row.protected, row.learners), answering) {
					t.Errorf("the evidence %s is an answer of %s, and its row does not have it", evidence.Name, answering)
				}
			}
		})
	}
}

// isClosed tells whether an object carries the protected label wherever pods are made from it or selected by it.
func isClosed(object *unstructured.Unstructured) bool {
	closed := object.GetLabels()[v1beta1.ProtectedLabel] == "true"
	for _, path := range [][]string{
		{"spec", "template", "metadata", "labels"}, {"spec", "jobTemplate", "spec", "template", "metadata", "labels"}, {"spec", "selector", "matchLabels"},
	} {
		if labels, found, _ := unstructured.NestedStringMap(object.Object, path...); found {
			closed = closed && labels[v1beta1.ProtectedLabel] == "true"
		}
	}
	if labels, found, _ := unstructured.NestedStringMap(object.Object, "spec", "selector"); object.GetKind() == "Service" && found {
		closed = closed && labels[v1beta1.ProtectedLabel] == "true"
	}
	return closed
}

// answers is the object of the setup that answers the evidence. It is empty where objects of the cluster are looked at, and
// where the learner makes what answers.
func answers(evidence v1beta1.Evidence, setup map[string]*unstructured.Unstructured) string {
	if evidence.Probe == nil || evidence.Probe.Target == nil {
		return ""
	}
	at := evidence.Probe.Target
	for named := range setup {
		kind, name, _ := strings.Cut(named, "/")
		if at.Service != "" && named == "Service/"+at.Service || kind == "StatefulSet" && strings.HasPrefix(at.Pod, name+"-") {
			return named
		}
	}
	return ""
}
