package install

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// TestInstallation is what becomes of an installation. The parts build on each other.
func TestInstallation(t *testing.T) {
	s := start(t)
	if !t.Run("kinds of an earlier edition are told and left alone", s.earlierEdition) {
		t.FailNow()
	}
	s.install(t)
	s.publish(t)
	for _, part := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"a deletion by accident takes nothing away", s.deleteByAccident},
		{"an installation makes good what was deleted by accident", s.installAgain},
		{"the operator waits for kinds that are missing", s.waitForKinds},
		{"the operator waits for policies that know it", s.waitForPolicies},
		{"make undeploy leaves the results in a file and nothing else", s.undeploy},
		{"the operator works in another namespace", s.otherNamespace},
	} {
		if !t.Run(part.name, part.run) {
			t.Fatalf("what follows builds on: %s", part.name)
		}
	}
}

// result is what an attendee has reached.
func result() *v1beta1.LabResult {
	return &v1beta1.LabResult{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "room-ada-first"},
		Spec: v1beta1.LabResultSpec{
			Workshop: "room", Attendee: "ada", Lab: "first", Topic: subject, Exercise: subject, ScorePercent: 50,
			Passed: []v1beta1.PassedTask{{Name: "wait", At: metav1.NewTime(time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))}},
		},
	}
}

// held is a Lab that somebody works on while there is no operator.
func held() *v1beta1.Lab {
	return &v1beta1.Lab{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "held", Finalizers: []string{v1beta1.LabFinalizer}},
		Spec:       v1beta1.LabSpec{Topic: subject, Exercise: subject},
	}
}

func (s *site) deleteByAccident(t *testing.T) {
	for _, object := range []client.Object{result(), held()} {
		if err := s.Client.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	before := s.must(t, "kubectl", "get", "-f", "dist/install.yaml", "-o", "name")
	// The second time is no other than the first.
	for range 2 {
		output, err := s.run(t.Context(), nil, "kubectl", "delete", "-f", "dist/install.yaml")
		if err == nil {
			t.Fatalf("kubectl delete succeeds:\n%s", output)
		}
		for _, want := range []string{
			"labresults.learning.lab-operator.dev is a part of lab-operator, and stays",
			"lab-operator-system is a part of lab-operator, and stays", "run make undeploy", "learning.lab-operator.dev/uninstall=confirmed",
		} {
			if !strings.Contains(output, want) {
				t.Errorf("kubectl delete does not say %q:\n%s", want, output)
			}
		}
	}
	if diff := cmp.Diff(before, s.must(t, "kubectl", "get", "-f", "dist/install.yaml", "-o", "name")); diff != "" {
		t.Errorf("what is installed (-before +after):\n%s", diff)
	}
	s.hasResult(t)
	if err := s.Client.Get(t.Context(), client.ObjectKeyFromObject(held()), &v1beta1.Lab{}); err != nil {
		t.Error(err)
	}
	output, err := s.run(t.Context(), nil, "kubectl", "label", "namespace", "default", "--dry-run=server", v1beta1.LabUIDLabel+"=forged")
	if err == nil || !strings.Contains(output, "lab-operator-namespaces") {
		t.Errorf("the policies hold nobody any more: %s", output)
	}
}

func (s *site) installAgain(t *testing.T) {
	const going = `{{range .items}}{{if .metadata.deletionTimestamp}}{{.metadata.name}} {{end}}{{end}}`
	marked := func() string {
		return s.must(t, "kubectl", "get", "validatingadmissionpolicies,validatingadmissionpolicybindings", "-o", "go-template="+going)
	}
	if marked() == "" {
		t.Fatal("no policy is marked as deleted, so there is nothing to make good")
	}
	s.must(t, "hack/settle.sh")
	s.install(t)
	if left := marked(); left != "" {
		t.Errorf("still marked as deleted: %s", left)
	}
	s.hasResult(t)
	operator := s.operator(t, testenv.OperatorNamespace, testenv.OperatorNamespace)
	untilReady(t, operator)
	s.untilLabReady(t, held().Name)
}

func (s *site) waitForKinds(t *testing.T) {
	const kind = "answerkeys.learning.lab-operator.dev"
	take := func() {
		s.must(t, "kubectl", "annotate", "crd", kind, "learning.lab-operator.dev/uninstall=confirmed")
		s.must(t, "kubectl", "delete", "crd", kind)
	}
	take()
	operator := s.operator(t, testenv.OperatorNamespace, testenv.OperatorNamespace)
	untilNotReady(t, operator)
	untilLogged(t, operator, "the API server does not serve answerkeys of learning.lab-operator.dev/v1beta1; install all of it: kubectl apply")
	s.install(t)
	untilReady(t, operator)

	// It is noticed under an operator that runs too.
	take()
	untilNotReady(t, operator)
	untilLogged(t, operator, "Beginning again")
	s.install(t)
	untilReady(t, operator)
	s.untilLabReady(t, "after-kinds")
}

func (s *site) waitForPolicies(t *testing.T) {
	const binding = "validatingadmissionpolicybinding/lab-operator-fence"
	s.must(t, "kubectl", "patch", binding, "--type", "merge", "-p", `{"metadata":{"finalizers":null}}`)
	s.must(t, "kubectl", "delete", binding)
	testenv.Eventually(t, patience, "the fence is gone", func() error {
		output, err := s.run(t.Context(), nil, "kubectl", "create", "namespace", "beyond", "--dry-run=server", "--as", testenv.OperatorAccount)
		if err != nil {
			return fmt.Errorf("%w: %s", err, output)
		}
		return nil
	})
	operator := s.operator(t, testenv.OperatorNamespace, testenv.OperatorNamespace)
	untilLogged(t, operator, "the admission policy lab-operator-fence does not hold "+testenv.OperatorAccount)
	untilNotReady(t, operator)
	s.install(t)
	untilReady(t, operator)

	elsewhere := s.operator(t, testenv.OperatorNamespace, "default")
	untilLogged(t, elsewhere, "the operator runs as "+testenv.OperatorAccount+", and must run as system:serviceaccount:default:lab-operator")
	untilNotReady(t, elsewhere)
}

func (s *site) undeploy(t *testing.T) {
	operator := s.operator(t, testenv.OperatorNamespace, testenv.OperatorNamespace)
	untilReady(t, operator)
	s.untilLabReady(t, "last")
	s.pretend(t)
	results := filepath.Join(t.TempDir(), "results.yaml")
	if output, err := s.run(t.Context(), []string{"RESULTS=" + results}, "hack/undeploy.sh"); err != nil {
		t.Fatalf("hack/undeploy.sh: %v:\n%s", err, output)
	}
	for _, left := range []string{
		"crd", "clusterrole", "clusterrolebinding", "flowschema", "prioritylevelconfiguration", "validatingadmissionpolicy", "validatingadmissionpolicybinding", "namespace",
	} {
		if names := s.must(t, "kubectl", "get", left, "-l", "app.kubernetes.io/part-of=lab-operator", "-o", "name"); names != "" {
			t.Errorf("left: %s", names)
		}
	}
	testenv.Eventually(t, patience, "the namespaces of the labs are gone", func() error {
		if names := s.must(t, "kubectl", "get", "namespace", "-l", v1beta1.LabUIDLabel, "-o", "name"); names != "" {
			return fmt.Errorf("left: %s", names)
		}
		return nil
	})
	// Its account is gone too: whether it can still ask for its kinds, and begins again, is a matter of time.
	untilNotReady(t, operator)

	// Nothing is there to be undone the second time.
	if output, err := s.run(t.Context(), []string{"RESULTS=" + results + ".none"}, "hack/undeploy.sh"); err != nil {
		t.Errorf("hack/undeploy.sh, again: %v:\n%s", err, output)
	}
	if _, err := os.Stat(results + ".none"); err == nil {
		t.Error("results were written where there are none")
	}
	s.install(t)
	s.must(t, "kubectl", "create", "-f", results)
	s.hasResult(t)
}

func (s *site) otherNamespace(t *testing.T) {
	const namespace = "learning"
	overlay := t.TempDir()
	base, err := filepath.Rel(overlay, filepath.Join(testenv.Root(), "config", "default"))
	if err != nil {
		t.Fatal(err)
	}
	kustomization := "namespace: " + namespace + "\nresources:\n- " + base + "\n" + flowPatch(t)
	if err := os.WriteFile(filepath.Join(overlay, "kustomization.yaml"), []byte(kustomization), 0o644); err != nil {
		t.Fatal(err)
	}
	if built := s.must(t, "kubectl", "kustomize", overlay); strings.Contains(built, testenv.OperatorNamespace) {
		t.Errorf("the overlay still names %s", testenv.OperatorNamespace)
	}
	s.must(t, "kubectl", "apply", "--server-side", "--force-conflicts", "-k", overlay)
	operator := s.operator(t, namespace, namespace)
	untilReady(t, operator)
	s.publish(t)
	s.untilLabReady(t, "elsewhere")
	// The one in the namespace before is the operator no more.
	other := s.operator(t, testenv.OperatorNamespace, testenv.OperatorNamespace)
	untilLogged(t, other, "install all of it")
	untilNotReady(t, other)
}

// flowPatch is what docs/installation.md has an overlay patch, for the namespace that is its example.
func flowPatch(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testenv.Root(), "docs", "installation.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, patch, found := strings.Cut(string(text), "```yaml\npatches:\n")
	if !found {
		t.Fatal("the page has no patch of an overlay")
	}
	patch, _, _ = strings.Cut(patch, "```")
	return "patches:\n" + patch
}

// hasResult holds the LabResult to what it was at first.
func (s *site) hasResult(t *testing.T) {
	t.Helper()
	now := &v1beta1.LabResult{}
	if err := s.Client.Get(t.Context(), client.ObjectKeyFromObject(result()), now); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(result().Spec, now.Spec); diff != "" {
		t.Errorf("the LabResult (-before +after):\n%s", diff)
	}
}
