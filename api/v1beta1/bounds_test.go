package v1beta1_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// bound is something that the API server enforces at one place of an object.
type bound struct {
	// path of the value, as in spec.tasks[0].name.
	path string
	// at is where the bound stands in the schema where that is not the path, as in spec.tasks[]. See theObject.
	at string
	// breaks is the keyword of the schema or the message of the rule that refused goes against.
	breaks string
	// given is what else is set before: path to value.
	given map[string]any
	// fits is a value that is accepted, at the bound where there is one.
	fits any
	// refused is a value that is not, just over the bound where there is one.
	refused any
}

// theObject is where rules about a whole object stand in the schema.
const theObject = "the object"

// wordings is how the API server says that a keyword of the schema is violated.
func wordings() map[string]string {
	return map[string]string{
		"required":      "Required value",
		"maxLength":     "Too long",
		"minLength":     "should be at least 1 chars long",
		"pattern":       "should match",
		"enum":          "Unsupported value",
		"minimum":       "should be greater than or equal to",
		"maximum":       "should be less than or equal to",
		"maxItems":      "Too many",
		"minItems":      "should have at least",
		"maxProperties": "Too many",
		"minProperties": "should have at least",
		"unique":        "Duplicate value",
	}
}

// checkBounds tries both sides of every bound against the API server, and that no bound of the schema is left out.
func checkBounds(t *testing.T, kind string, tables ...map[string]bound) {
	t.Helper()
	bounds := map[string]bound{}
	for _, table := range tables {
		maps.Copy(bounds, table)
	}
	t.Run("every bound of the schema has a test", func(t *testing.T) {
		checkComplete(t, kind, bounds)
	})
	for name, tc := range bounds {
		t.Run(name, func(t *testing.T) {
			if err := submit(t, kind, tc, tc.fits); err != nil {
				t.Errorf("%s refuses what fits: %v", tc.path, err)
			}
			want := tc.breaks
			if wording, ok := wordings()[tc.breaks]; ok {
				want = wording
			}
			err := submit(t, kind, tc, tc.refused)
			if got := complaint(err, tc.path); !strings.Contains(got, want) {
				t.Errorf("%s: want a complaint with %q, got %v", tc.path, want, err)
			}
		})
	}
}

// submit sends the sample of the kind with one value changed, as a dry run.
func submit(t *testing.T, kind string, tc bound, value any) error {
	t.Helper()
	ctx := context.Background()
	object := document(t, kind)
	status, hasStatus := object.Object["status"]
	dryRun := []string{metav1.DryRunAll}
	if !strings.HasPrefix(tc.path, "status") {
		delete(object.Object, "status")
		change(t, object, tc, value)
		_, err := resource(t, object).Create(ctx, object, metav1.CreateOptions{DryRun: dryRun, FieldValidation: metav1.FieldValidationStrict})
		return err
	}
	if !hasStatus {
		t.Fatalf("testdata/%s.yaml has no status", kind)
	}
	delete(object.Object, "status")
	created := create(t, object)
	created.Object["status"] = status
	change(t, created, tc, value)
	_, err := resource(t, object).UpdateStatus(ctx, created, metav1.UpdateOptions{DryRun: dryRun, FieldValidation: metav1.FieldValidationStrict})
	return err
}

func change(t *testing.T, object *unstructured.Unstructured, tc bound, value any) {
	t.Helper()
	for path, given := range tc.given {
		set(t, object, path, given)
	}
	set(t, object, tc.path, value)
}

// create makes an object for the time of the test.
func create(t *testing.T, object *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	ctx := context.Background()
	client := resource(t, object)
	created, err := client.Create(ctx, object, metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict})
	if apierrors.IsAlreadyExists(err) {
		created, err = client.Get(ctx, object.GetName(), metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return created
	}
	if err != nil {
		t.Fatalf("creating the sample: %v", err)
	}
	t.Cleanup(func() {
		if err := client.Delete(ctx, object.GetName(), metav1.DeleteOptions{}); err != nil {
			t.Errorf("deleting the sample: %v", err)
		}
	})
	return created
}

// complaint is what the API server says about a field, or about what is around or within it.
func complaint(err error, field string) string {
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) || status.Status().Reason != metav1.StatusReasonInvalid || status.Status().Details == nil {
		return ""
	}
	said := make([]string, 0, 1)
	for _, cause := range status.Status().Details.Causes {
		whole := cause.Field == "<nil>"
		if whole || strings.HasPrefix(field, cause.Field) || strings.HasPrefix(cause.Field, field) {
			said = append(said, cause.Message)
		}
	}
	return strings.Join(said, "; ")
}

// step is an update that is accepted or refused because of what was there before.
type step struct {
	path   string
	was    any
	then   any
	breaks string // empty where the update is accepted
}

func checkSteps(t *testing.T, kind string, steps map[string]step) {
	t.Helper()
	for name, tc := range steps {
		t.Run(name, func(t *testing.T) {
			object := document(t, kind)
			delete(object.Object, "status")
			set(t, object, tc.path, tc.was)
			created := create(t, object)
			set(t, created, tc.path, tc.then)
			_, err := resource(t, object).Update(context.Background(), created, metav1.UpdateOptions{FieldValidation: metav1.FieldValidationStrict})
			if tc.breaks == "" {
				if err != nil {
					t.Errorf("%s from %v to %v: %v", tc.path, tc.was, tc.then, err)
				}
				return
			}
			if got := complaint(err, tc.path); !strings.Contains(got, tc.breaks) {
				t.Errorf("%s from %v to %v: want a complaint with %q, got %v", tc.path, tc.was, tc.then, tc.breaks, err)
			}
		})
	}
}
