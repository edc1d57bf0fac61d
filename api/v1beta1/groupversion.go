package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	// GroupVersion is the group and version of every type in this package.
	GroupVersion = schema.GroupVersion{Group: "learning.lab-operator.dev", Version: "v1beta1"}

	// SchemeBuilder collects the functions that add this package's types to a scheme.
	SchemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

	// AddToScheme adds this package's types to a scheme.
	AddToScheme = SchemeBuilder.AddToScheme
)

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&Lab{}, &LabList{},
		&Exercise{}, &ExerciseList{},
		&ExerciseRevision{}, &ExerciseRevisionList{},
		&Topic{}, &TopicList{},
		&AnswerKey{}, &AnswerKeyList{},
		&Workshop{}, &WorkshopList{},
		&LabResult{}, &LabResultList{},
		&LabReview{}, &LabReviewList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
