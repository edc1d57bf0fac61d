package catalog

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// TestAPinIsTheSameWhenReadBack: a lab that is pinned to what it was started from must not look outdated.
func TestAPinIsTheSameWhenReadBack(t *testing.T) {
	exercise := anExercise("hpa-scaling")
	exercise.Spec.Quota = v1beta1.LabQuota{CPU: resource.MustParse("1500m"), Memory: resource.MustParse("0.5Gi"), Pods: 12, Storage: resource.MustParse("0")}
	exercise.Spec.Tasks[0].HoldFor = &metav1.Duration{Duration: 90 * time.Second}
	exercise.Spec.Tasks[0].Hints = []v1beta1.Hint{{After: metav1.Duration{Duration: 5 * time.Minute}, Text: "<&>"}}
	exercise.Spec.Setup = append(exercise.Spec.Setup, raw(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"<&>\u2028ä"},"big":12345678901234567890,"exact":1.10}`))
	b := NewBundle(exercise, aTopic("kubernetes", "hpa-scaling"), aKey("kubernetes"))
	data := mustEncode(t, b)
	if !strings.Contains(data, "12345678901234567890") || !strings.Contains(data, `"exact":1.10`) {
		t.Errorf("numbers lost digits: %s", data)
	}
	read, err := DecodePin(b.Name(), []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	if read.Language.String() != check.CurrentLanguage().String() {
		t.Errorf("the language is %s, was %s", read.Language, check.CurrentLanguage())
	}
	if found := read.Bundle.Name(); found != b.Name() {
		t.Errorf("the name is %s, was %s", found, b.Name())
	}
	if again, err := DecodePin(b.Name(), []byte(mustEncode(t, read.Bundle))); err != nil || !cmp.Equal(again.Bundle, read.Bundle) {
		t.Errorf("error %v; (-first +second):\n%s", err, cmp.Diff(read.Bundle, again.Bundle))
	}
	if !read.Bundle.Exercise.Quota.Storage.IsZero() || read.Bundle.Exercise.Difficulty != v1beta1.DifficultyIntermediate {
		t.Errorf("storage is %v, difficulty %q", &read.Bundle.Exercise.Quota.Storage, read.Bundle.Exercise.Difficulty)
	}
}

// TestPinsOfEarlierVersionsAreRead holds what labs have been pinned to: neither the format nor the hash may change.
func TestPinsOfEarlierVersionsAreRead(t *testing.T) {
	const name = "hpa-scaling-11d0dc2ed0"
	data, err := os.ReadFile("testdata/pin-v1.json")
	if err != nil {
		t.Fatal(err)
	}
	pin, err := DecodePin(name, data)
	if err != nil {
		t.Fatal(err)
	}
	if _, problems := Compile(pin); len(problems) > 0 {
		t.Errorf("problems %v", problems)
	}
}

func TestPinsThatCannotBeUsed(t *testing.T) {
	b := aBundle()
	name, data := b.Name(), mustEncode(t, b)
	tests := map[string]struct{ name, data, reason, message string }{
		"another format": {
			name: name, data: strings.Replace(data, pinVersion, "pin.lab-operator.dev/v2", 1), reason: v1beta1.ReasonRevisionUnsupported,
			message: `it is stored in the format "pin.lab-operator.dev/v2", and this version of the operator reads pin.lab-operator.dev/v1. Install the version`,
		},
		"another language": {
			name: name, data: strings.Replace(data, `"language":"`+check.CurrentLanguage().String(), `"language":"1.99`, 1), reason: v1beta1.ReasonRevisionUnsupported,
			message: "and not 1.99. Install the version of the operator that wrote it, or a later one",
		},
		"a field of a later version": {
			name: name, data: strings.Replace(data, `"title":"Scale"`, `"title":"Scale","diagram":"x"`, 1), reason: v1beta1.ReasonRevisionUnsupported,
			message: `unknown field "diagram"`,
		},
		"other content": {
			name: name, data: strings.Replace(data, `"title":"Scale"`, `"title":"Skale"`, 1), reason: v1beta1.ReasonRevisionAltered,
			message: "the ControllerRevision " + name + " in the operator's namespace is not what its name says: its content is that of hpa-scaling-",
		},
		"another name": {name: "hpa-scaling-0123456789", data: data, reason: v1beta1.ReasonRevisionAltered, message: "its content is that of " + name},
		"no JSON":      {name: name, data: `{"apiVersion"`, reason: v1beta1.ReasonRevisionAltered, message: "unexpected end of JSON input"},
		"nothing":      {name: name, data: `{}`, reason: v1beta1.ReasonRevisionUnsupported, message: `it is stored in the format ""`},
	}
	for label, tc := range tests {
		t.Run(label, func(t *testing.T) {
			if tc.data == data && tc.name == name {
				t.Fatal("the test changes nothing")
			}
			_, err := DecodePin(tc.name, []byte(tc.data))
			var refused *PinError
			if !errors.As(err, &refused) || refused.Reason != tc.reason || !strings.Contains(refused.Message, tc.message) {
				t.Errorf("error %#v, want %s with: %s", err, tc.reason, tc.message)
			}
		})
	}
}

func TestAPinIsStoredUnderTheNameOfItsRevision(t *testing.T) {
	b := aBundle()
	stored, err := pinOf(b).ControllerRevision("system")
	if err != nil {
		t.Fatal(err)
	}
	revision := b.Revision()
	if stored.Name != revision.Name || stored.Namespace != "system" || !cmp.Equal(stored.Labels, revision.Labels) {
		t.Errorf("stored as %s/%s with %v, the revision is %s with %v", stored.Namespace, stored.Name, stored.Labels, revision.Name, revision.Labels)
	}
	if _, err := DecodePin(stored.Name, stored.Data.Raw); err != nil {
		t.Error(err)
	}
}

func TestASetupThatIsNoJSONIsReported(t *testing.T) {
	b := aBundle()
	b.Exercise.Setup = append(b.Exercise.Setup, raw(`{"kind":`))
	if _, err := pinOf(b).Encode(); err == nil || !strings.Contains(err.Error(), "encoding the content of exercise hpa-scaling") {
		t.Errorf("error is %v", err)
	}
	if _, problems := Compile(pinOf(b)); len(problems) != 1 || problems[0].Field != "spec.setup[1]" {
		t.Errorf("problems are %v", problems)
	}
}
