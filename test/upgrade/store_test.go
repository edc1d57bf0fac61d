package upgrade

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/test/testenv"
)

const (
	// patience bounds how long anything may take.
	patience    = time.Minute
	crdsFile    = "crds.yaml"
	objectsFile = "objects.yaml"
	separator   = "---\n"
)

// group is the API version of our own kinds.
var group = v1beta1.GroupVersion.String()

// kinds are those of the fixtures, in an order in which each object comes after those that it refers to. Quotas are last:
// before they are counted, they refuse what comes after them.
var kinds = []struct{ apiVersion, kind, label string }{
	{group, "Exercise", ""},
	{group, "AnswerKey", ""},
	{group, "Topic", ""},
	{group, "ExerciseRevision", ""},
	{"apps/v1", "ControllerRevision", ""},
	{group, "Workshop", ""},
	{"v1", "Namespace", v1beta1.WorkshopUIDLabel},
	{group, "Lab", ""},
	{"v1", "Namespace", v1beta1.LabUIDLabel},
	{group, "LabReview", ""},
	{group, "LabResult", ""},
	{"v1", "ServiceAccount", ""},
	{"v1", "Secret", ""},
	{"v1", "ConfigMap", ""},
	{"networking.k8s.io/v1", "NetworkPolicy", ""},
	{"rbac.authorization.k8s.io/v1", "RoleBinding", ""},
	{"v1", "LimitRange", ""},
	{"v1", "ResourceQuota", ""},
}

// site is an API server, and the clients of an administrator and of the operator's account with all rights: some objects are
// taken from the operator only.
type site struct {
	*testenv.Environment
	operator client.Client
}

func startSite(t *testing.T) *site {
	t.Helper()
	env, err := testenv.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := env.Stop(); err != nil {
			t.Errorf("stop the API server: %v", err)
		}
	})
	config := testenv.Impersonate(env.Config, testenv.OperatorAccount)
	config.Impersonate.Groups = []string{"system:masters"}
	operator, err := client.New(config, client.Options{Scheme: env.Client.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	return &site{Environment: env, operator: operator}
}

// collect reads what the operator works on, in the order of kinds.
func (s *site) collect(ctx context.Context) ([]*unstructured.Unstructured, error) {
	var all []*unstructured.Unstructured
	namespaces := map[string]bool{testenv.OperatorNamespace: false}
	for _, label := range []string{v1beta1.WorkshopUIDLabel, v1beta1.LabUIDLabel} {
		items, err := s.list(ctx, "v1", "Namespace", label)
		if err != nil {
			return nil, err
		}
		for i := range items {
			namespaces[items[i].GetName()] = true
		}
	}
	for _, k := range kinds {
		items, err := s.list(ctx, k.apiVersion, k.kind, k.label)
		if err != nil {
			return nil, err
		}
		for i := range items {
			mine := k.apiVersion == group || k.kind == "Namespace" || k.kind == "ControllerRevision" ||
				namespaces[items[i].GetNamespace()] || items[i].GetLabels()[v1beta1.WorkshopUIDLabel] != ""
			if mine {
				all = append(all, &items[i])
			}
		}
	}
	return all, nil
}

func (s *site) list(ctx context.Context, apiVersion, kind, label string) ([]unstructured.Unstructured, error) {
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion(apiVersion)
	list.SetKind(kind + "List")
	var options []client.ListOption
	if label != "" {
		options = append(options, client.HasLabels{label})
	}
	if err := s.Client.List(ctx, list, options...); err != nil {
		return nil, fmt.Errorf("list %s: %w", kind, err)
	}
	slices.SortFunc(list.Items, func(a, b unstructured.Unstructured) int { return strings.Compare(nameOf(&a), nameOf(&b)) })
	return list.Items, nil
}

// nameOf is unique among all objects.
func nameOf(object *unstructured.Unstructured) string {
	return object.GetKind() + " " + client.ObjectKeyFromObject(object).String()
}

// save writes a state that began at a time into a folder.
func save(folder string, crds []*apiextensionsv1.CustomResourceDefinition, state []*unstructured.Unstructured, began time.Time) error {
	uids := map[string]string{}
	for _, object := range state {
		sum := sha256.Sum256([]byte(nameOf(object)))
		uids[string(object.GetUID())] = strings.ToLower(object.GetKind()) + "-" + hex.EncodeToString(sum[:])[:8]
	}
	var objects, kinds []any
	pin := map[string]any{}
	for _, object := range state {
		if object.GetKind() == "ControllerRevision" {
			pin = object.Object["data"].(map[string]any)
		}
		objects = append(objects, portable(object.Object, moved(uids, began, start, time.Hour)))
	}
	for _, crd := range crds {
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(crd)
		if err != nil {
			return err
		}
		delete(content, "status")
		undescribe(content)
		kinds = append(kinds, content)
	}
	for name, content := range map[string][]any{crdsFile: kinds, objectsFile: objects} {
		var file bytes.Buffer
		for i, item := range content {
			text, err := yaml.Marshal(item)
			if err != nil {
				return fmt.Errorf("encode %s: %w", name, err)
			}
			if i > 0 {
				file.WriteString(separator)
			}
			file.Write(text)
		}
		if err := os.WriteFile(filepath.Join(folder, name), file.Bytes(), 0o644); err != nil {
			return err
		}
	}
	readme := fmt.Sprintf("What an operator with the API %s, pins in the format %s and CEL %s left in an API server. `make upgrade-fixtures` wrote it: it is not edited.\n",
		group, pin["apiVersion"], pin["language"])
	return os.WriteFile(filepath.Join(folder, "README.md"), []byte(readme), 0o644)
}

// undescribe removes the texts for people from a CRD: they change often, and no object depends on them.
func undescribe(value any) {
	switch value := value.(type) {
	case map[string]any:
		if _, isText := value["description"].(string); isText { // and no field of that name
			delete(value, "description")
		}
		for _, item := range value {
			undescribe(item)
		}
	case []any:
		for _, item := range value {
			undescribe(item)
		}
	}
}

// load creates what a folder holds, as it was an hour after it began.
func (s *site) load(t *testing.T, folder string) {
	t.Helper()
	uids := map[string]string{}
	began := time.Now().UTC().Truncate(time.Second).Add(-time.Hour)
	change := func(object map[string]any) map[string]any {
		return rewrite(object, moved(uids, start, began, time.Second)).(map[string]any)
	}
	documents := read[map[string]any](t, filepath.Join(folder, objectsFile))
	created := make([]*unstructured.Unstructured, len(documents))
	for i, document := range documents {
		object := &unstructured.Unstructured{Object: change(*document)}
		old := string(object.GetUID())
		object.SetUID("")
		s.write(t, "create "+nameOf(object), func(c client.Client) error {
			created[i] = object.DeepCopy()
			return c.Create(t.Context(), created[i], client.FieldValidation("Strict"))
		})
		uids[old] = string(created[i].GetUID())
	}
	// A status refers to objects that come later.
	for i, document := range documents {
		status, has := change(*document)["status"]
		if !has {
			continue
		}
		created[i].Object["status"] = status
		s.write(t, "write the status of "+nameOf(created[i]), func(c client.Client) error {
			return c.Status().Update(t.Context(), created[i].DeepCopy(), &client.SubResourceUpdateOptions{
				UpdateOptions: client.UpdateOptions{FieldValidation: "Strict"}})
		})
	}
}

// write writes as an administrator, or as the operator what is taken from nobody else. The caches of an API server may not
// know a new namespace yet.
func (s *site) write(t *testing.T, what string, write func(client.Client) error) {
	t.Helper()
	testenv.Eventually(t, patience, what, func() error {
		err := write(s.Client)
		if apierrors.IsForbidden(err) || apierrors.IsInvalid(err) {
			err = write(s.operator)
		}
		return err
	})
}

// installCRDs replaces our kinds, and waits until the API server has them. It shows the edition in the schemas that it serves.
func (s *site) installCRDs(t *testing.T, edition string, crds []*apiextensionsv1.CustomResourceDefinition) {
	t.Helper()
	for _, crd := range crds {
		for i := range crd.Spec.Versions {
			crd.Spec.Versions[i].Schema.OpenAPIV3Schema.Description = edition
		}
	}
	if _, err := envtest.InstallCRDs(s.Config, envtest.CRDInstallOptions{CRDs: crds}); err != nil {
		t.Fatal(err)
	}
	clients, err := kubernetes.NewForConfig(rest.CopyConfig(s.Config))
	if err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, patience, "the kinds are served", func() error {
		served, err := clients.RESTClient().Get().AbsPath("/openapi/v3/apis/" + group).DoRaw(t.Context())
		if found := strings.Count(string(served), edition); err == nil && found < len(crds) {
			err = fmt.Errorf("%d of %d are those of %s", found, len(crds), edition)
		}
		return err
	})
}

// presentCRDs are those of this checkout.
func presentCRDs(t *testing.T) []*apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testenv.Root(), "config", "crd", "bases", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var crds []*apiextensionsv1.CustomResourceDefinition
	for _, file := range files {
		crds = append(crds, read[apiextensionsv1.CustomResourceDefinition](t, file)...)
	}
	return crds
}

// read reads the documents of a file.
func read[T any](t *testing.T, file string) []*T {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var documents []*T
	for _, part := range strings.Split(strings.TrimPrefix(string(text), separator), "\n"+separator) {
		document := new(T)
		if err := yaml.Unmarshal([]byte(part), document); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		documents = append(documents, document)
	}
	return documents
}
