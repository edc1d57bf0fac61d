package v1beta1

// ParamRange is the whole numbers from min to max.
// +kubebuilder:validation:XValidation:rule="self.min < self.max",message="min is less than max"
// +kubebuilder:validation:XValidation:rule="!has(self.step) || self.min >= self.max || self.step <= self.max - self.min",message="step is at most max - min: with a larger one everybody draws min"
type ParamRange struct {
	// min is the smallest number that can be drawn.
	// +kubebuilder:validation:Minimum=-1000000000
	// +kubebuilder:validation:Maximum=1000000000
	// +required
	Min int64 `json:"min"` //nolint:kubeapilinter // it is always written, and zero is a number like others

	// max is the largest number that can be drawn, if whole steps from min lead to it.
	// +kubebuilder:validation:Minimum=-1000000000
	// +kubebuilder:validation:Maximum=1000000000
	// +required
	Max int64 `json:"max"` //nolint:kubeapilinter // it is always written, and zero is a number like others

	// step is the distance between the numbers that can be drawn, counted from min.
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000000
	// +optional
	Step int64 `json:"step,omitempty"`
}

// Param is a value that is different for each learner.
// +kubebuilder:validation:XValidation:rule="has(self.range) != has(self.oneOf)",message="a param has exactly one of range and oneOf"
type Param struct {
	// name under which expressions and texts use the value.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +kubebuilder:validation:Pattern=`^[a-z][a-zA-Z0-9]{0,30}$`
	// +required
	Name string `json:"name,omitempty"`

	// range draws a whole number.
	// +optional
	Range *ParamRange `json:"range,omitempty"`

	// oneOf draws one of these texts.
	// +kubebuilder:validation:MinItems=2
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +listType=set
	// +optional
	OneOf []string `json:"oneOf,omitempty"`
}
