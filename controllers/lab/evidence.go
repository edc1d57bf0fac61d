package lab

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/evidence"
)

// What every lab is watched for besides the evidence of its exercise. The names hold a colon, so that no
// expression can see them.
const (
	noticeSource  = "notices:"
	requireSource = "requires:"
)

var apiServiceKind = schema.GroupVersionKind{Group: "apiregistration.k8s.io", Version: "v1", Kind: "APIService"}

// watchEvidence has the lab's namespace watched for all that the phases look at. It is called before the namespace
// is made, so that nothing in it goes unseen and nothing has to be listed.
func (r *Reconciler) watchEvidence(s *scope) error {
	sources, err := s.pinned.Sources(sourcesOf)
	if err != nil {
		return &fault{v1beta1.ReasonInvalidExercise, fmt.Sprintf("the evidence of exercise %s cannot be used: %v", s.pinned.Bundle.ExerciseName, err)}
	}
	if s.found == nil {
		r.Evidence.Expect(s.key, s.namespace, sources)
	} else {
		r.Evidence.Watch(s.key, evidence.Namespace{Name: s.namespace, UID: s.found.UID}, sources)
	}
	return nil
}

// sourcesOf is the evidence of an exercise that is watched, and what every lab is watched for besides.
func sourcesOf(pinned *catalog.Compiled) ([]evidence.Source, error) {
	sources, err := evidence.Sources(pinned.Bundle.Exercise.Evidence)
	if err != nil {
		return nil, err
	}
	sources = append(sources, noticeSources()...)
	sources = append(sources, setupSources(pinned)...)
	for _, required := range pinned.Bundle.Exercise.Requires {
		sources = append(sources, evidence.Source{Name: requireSource + required.API, GVK: apiServiceKind, ObjectName: apiServiceName(required.API)})
	}
	return sources, nil
}
