package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/text"
)

// pinVersion is the format of pins that this package writes and reads.
const pinVersion = "pin.lab-operator.dev/v1"

// Pin is all that the operator judges labs on a revision by. It is kept where learners cannot read.
type Pin struct {
	// Language that the expressions are written in.
	Language check.Language
	// Bundle is the content.
	Bundle Bundle
}

// storedPin is a pin in JSON.
type storedPin struct {
	APIVersion string `json:"apiVersion"`
	Language   string `json:"language"`
	Bundle
}

// PinError says why a pin cannot be used, and what to do.
type PinError struct {
	// Reason of a condition in the API.
	Reason string
	// Message for who runs the operator.
	Message string
}

// Error is the message.
func (e *PinError) Error() string { return e.Message }

// Encode is the pin as canonical JSON. It holds all fields, also those with a default.
func (p Pin) Encode() ([]byte, error) {
	content, err := contentOf(p.Bundle)
	if err != nil {
		return nil, err
	}
	content["apiVersion"], content["language"] = pinVersion, p.Language.String()
	return json.Marshal(content)
}

// ControllerRevision is the pin as it is stored in the operator's namespace, under the name of its revision.
func (p Pin) ControllerRevision(namespace string) (*appsv1.ControllerRevision, error) {
	data, err := p.Encode()
	if err != nil {
		return nil, err
	}
	return &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: p.Bundle.Name(), Labels: p.Bundle.labels()},
		Data:       runtime.RawExtension{Raw: data},
		Revision:   1,
	}, nil
}

// labels are those of a revision and its pin.
func (b Bundle) labels() map[string]string {
	return map[string]string{v1beta1.ExerciseLabel: b.ExerciseName, v1beta1.TopicLabel: b.Topic}
}

// DecodePin reads the pin of the revision with this name. An error is a PinError.
func DecodePin(name string, data []byte) (Pin, error) {
	var header struct {
		APIVersion string `json:"apiVersion"`
		Language   string `json:"language"`
	}
	if err := json.Unmarshal(data, &header); err != nil {
		return Pin{}, altered(name, err)
	}
	if header.APIVersion != pinVersion {
		return Pin{}, unsupported(name, fmt.Sprintf("it is stored in the format %s, and this version of the operator reads %s",
			text.OneLine(fmt.Sprintf("%q", header.APIVersion), 64), pinVersion))
	}
	language, err := check.ParseLanguage(header.Language)
	if err != nil {
		return Pin{}, unsupported(name, err.Error())
	}
	stored, err := decodeStored(data)
	if err != nil {
		return Pin{}, unsupported(name, "this version of the operator cannot read all of it: "+err.Error())
	}
	if found := stored.Bundle.Name(); found != name {
		return Pin{}, altered(name, fmt.Errorf("its content is that of %s", found))
	}
	return Pin{Language: language, Bundle: stored.Bundle}, nil
}

// decodeStored reads a pin of the present format. A field that is not known is an error: a later version gave it a meaning.
func decodeStored(data []byte) (stored storedPin, err error) {
	content, err := generic(data)
	if err != nil {
		return stored, err
	}
	fillInDefaults(content)
	if data, err = json.Marshal(content); err != nil {
		return stored, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&stored)
	return stored, err
}

func unsupported(name, why string) error {
	return &PinError{v1beta1.ReasonRevisionUnsupported, text.OneLine(fmt.Sprintf(
		"revision %s needs another version of the operator: %s. Install the version of the operator that wrote it, or a later one", name, why), messageLength)}
}

func altered(name string, why error) error {
	return &PinError{v1beta1.ReasonRevisionAltered, text.OneLine(fmt.Sprintf(
		"the ControllerRevision %s in the operator's namespace is not what its name says: %v. Delete it: where the catalog still has that "+
			"content, the operator stores it again", name, why), messageLength)}
}
