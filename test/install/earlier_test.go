package install

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lab-operator/lab-operator/test/testenv"
)

// anEarlierKind is Lab as an earlier edition served it, and a Lab of it.
const anEarlierKind = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: labs.learning.lab-operator.dev}
spec:
  group: learning.lab-operator.dev
  names: {kind: Lab, listKind: LabList, plural: labs, singular: lab}
  scope: Namespaced
  versions:
  - name: v1alpha1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`

const anEarlierLab = `
apiVersion: learning.lab-operator.dev/v1alpha1
kind: Lab
metadata: {name: earlier, namespace: default}
spec: {topic: kubernetes}
`

// earlierEdition is a cluster with kinds and objects of a version that the operator does not read: it says what to do, and
// deletes nothing.
func (s *site) earlierEdition(t *testing.T) {
	apply := func(manifest string) {
		file := filepath.Join(t.TempDir(), "manifest.yaml")
		if err := os.WriteFile(file, []byte(manifest), 0o600); err != nil {
			t.Fatal(err)
		}
		testenv.Eventually(t, patience, "the manifest is applied", func() error {
			output, err := s.run(t.Context(), nil, "kubectl", "apply", "-f", file)
			if err != nil {
				return fmt.Errorf("%w: %s", err, output)
			}
			return nil
		})
	}
	const kind = "labs.learning.lab-operator.dev"
	s.must(t, "kubectl", "delete", "customresourcedefinition", kind)
	apply(anEarlierKind)
	apply(anEarlierLab)

	operator := s.operator(t, testenv.OperatorNamespace, testenv.OperatorNamespace)
	untilNotReady(t, operator)
	untilLogged(t, operator, "the cluster has kinds of learning.lab-operator.dev/v1alpha1, which this operator does not read. It deletes nothing")
	untilLogged(t, operator, "kubectl delete customresourcedefinition labs.learning.lab-operator.dev")
	output, err := s.run(t.Context(), nil, "hack/settle.sh")
	if err == nil || !strings.Contains(output, "learning.lab-operator.dev/v1alpha1") {
		t.Errorf("the installation does not stop: %v\n%s", err, output)
	}
	if found := s.must(t, "kubectl", "get", "labs", "-n", "default", "-o", "name"); found != "lab.learning.lab-operator.dev/earlier\n" {
		t.Errorf("the Labs that are left: %q", found)
	}
	s.must(t, "kubectl", "delete", "customresourcedefinition", kind)
}
