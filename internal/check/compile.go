package check

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/text"
)

// Exercise is a compiled exercise. It is safe for concurrent use.
type Exercise struct {
	sources map[string]source
	// evidence are the names of all evidence, in the order of the exercise.
	evidence []string
	ready    []clause
	tasks    []task
	// order holds the indexes of tasks such that each comes after those that it waits for.
	order []int
}

// source says what a piece of evidence looks at.
type source struct {
	// kind of the objects, empty for a service.
	kind string
	// name of the object, empty for a list.
	name string
	// given tells that the setup makes the object.
	given bool
}

// clause is one compiled check.
type clause struct {
	expected string
	holds    *program
	// observed is nil when the author wrote none.
	observed *program
	// label names the clause in a fault.
	label string
}

// output is an expression whose value is kept with the pass of a task.
type output struct {
	name  string
	value *program
}

type task struct {
	name       string
	dependsOn  []string
	continuous bool
	holdFor    time.Duration
	clauses    []clause
	// outputs in the order of their names.
	outputs []output
	hints   []v1beta1.Hint
	usesNow bool
	// decides is the evidence that the checks look at.
	decides []string
	// needs is all evidence that the task looks at, also for words and outputs.
	needs []string
}

// Compile compiles every expression of an exercise that is written now. With any problem the Exercise is nil.
func Compile(spec *v1beta1.ExerciseSpec) (*Exercise, []Problem) {
	return CurrentLanguage().Compile(spec)
}

func (b *builder) build(spec *v1beta1.ExerciseSpec) (*Exercise, []Problem) {
	b.declare(spec)
	b.arrange(spec)
	if b.compiler.env == nil {
		return nil, b.problems
	}
	for i, c := range spec.ReadyWhen {
		field := fmt.Sprintf("spec.readyWhen[%d]", i)
		b.exercise.ready = append(b.exercise.ready, b.clause(field, fmt.Sprintf("check %d of readyWhen", i+1), c,
			nil, "readyWhen is looked at before any task"))
	}
	for i := range spec.Tasks {
		b.exercise.tasks = append(b.exercise.tasks, b.task(i, &spec.Tasks[i]))
	}
	if len(b.problems) > 0 {
		return nil, b.problems
	}
	return b.exercise, nil
}

type builder struct {
	language Language
	compiler compiler
	exercise *Exercise
	// before holds for each task those that must have been passed before it is open.
	before map[string]map[string]bool
	// longest are the values of the params that take the most space.
	longest  map[string]any
	problems []Problem
}

func (b *builder) problem(field, format string, args ...any) {
	b.problems = append(b.problems, Problem{Field: field, Message: fmt.Sprintf(format, args...)})
}

// declare reads the names that expressions can use.
func (b *builder) declare(spec *v1beta1.ExerciseSpec) {
	var problems []Problem
	b.longest = longestValues(spec.Params)
	b.compiler, b.exercise.sources, problems = newCompiler(b.language, spec)
	b.problems = append(b.problems, problems...)
	for _, e := range spec.Evidence {
		b.exercise.evidence = append(b.exercise.evidence, e.Name)
	}
	for i, c := range spec.ReadyWhen {
		b.text(fmt.Sprintf("spec.readyWhen[%d].expected", i), c.Expected, TextLength)
	}
	for i, t := range spec.Tasks {
		field := fmt.Sprintf("spec.tasks[%d]", i)
		if !namePattern.MatchString(t.Name) {
			b.problem(field+".name", "%q is no name of a task: write a lower-case letter, then at most 30 letters and digits", t.Name)
		}
		if slices.ContainsFunc(spec.Tasks[:i], func(o v1beta1.Task) bool { return o.Name == t.Name }) {
			b.problem(field+".name", "another task is named %s: each needs a name of its own", t.Name)
		}
		for _, name := range slices.Sorted(maps.Keys(t.Outputs)) {
			if !namePattern.MatchString(name) || name == "at" || name == "passed" {
				b.problem(outputField(i, name), "%q cannot be the name of an output: write a lower-case letter, then at most 30 "+
					"letters and digits; at and passed are taken", name)
			}
		}
	}
}

// newCompiler declares the evidence and the outputs of an exercise. The compiler has no environment when that
// is not possible.
func newCompiler(language Language, spec *v1beta1.ExerciseSpec) (compiler, map[string]source, []Problem) {
	c := compiler{evidence: map[string]bool{}, outputs: map[string][]string{}}
	var found []Problem
	c.params, found = paramNames(language, spec)
	sources := map[string]source{}
	problems := found
	for i, e := range spec.Evidence {
		message := ""
		switch {
		case !namePattern.MatchString(e.Name):
			message = fmt.Sprintf("%q is no name of evidence: write a lower-case letter, then at most 30 letters and digits", e.Name)
		case slices.Contains([]string{varLab, varNow, varDone, varParams}, e.Name), !language.isVariableName(e.Name):
			message = fmt.Sprintf("%s is a word of the language: choose another name", e.Name)
		case c.evidence[e.Name]:
			message = fmt.Sprintf("other evidence is named %s: each needs a name of its own", e.Name)
		}
		if message != "" {
			problems = append(problems, Problem{Field: fmt.Sprintf("spec.evidence[%d].name", i), Message: message})
			continue
		}
		c.evidence[e.Name] = true
		source, message := sourceOf(e)
		if message != "" {
			problems = append(problems, Problem{Field: fmt.Sprintf("spec.evidence[%d]", i), Message: message})
			continue
		}
		source.given = source.name != "" && slices.ContainsFunc(spec.Setup, source.isMadeBy)
		sources[e.Name] = source
	}
	for _, t := range spec.Tasks {
		c.outputs[t.Name] = slices.Sorted(maps.Keys(t.Outputs))
	}
	env, err := newEnvironment(language, slices.Sorted(maps.Keys(c.evidence)))
	if err != nil {
		problems = append(problems, Problem{Field: "spec.evidence", Message: text.OneLine(err.Error(), TextLength)})
	}
	c.env = env
	return c, sources, problems
}

// sourceOf reads what a piece of evidence looks at, or says what is wrong with it.
func sourceOf(e v1beta1.Evidence) (s source, message string) {
	var apiVersion string
	if e.Members() != 1 {
		return s, "must have exactly one of object, list and probe"
	}
	switch {
	case e.Object != nil:
		apiVersion, s = e.Object.APIVersion, source{kind: e.Object.Kind, name: e.Object.Name}
		if s.name == "" {
			return s, "names no object: give object a name, or use list"
		}
	case e.List != nil:
		apiVersion, s = e.List.APIVersion, source{kind: e.List.Kind}
	default:
		return s, ""
	}
	if gv, err := schema.ParseGroupVersion(apiVersion); err != nil || gv.Version == "" || s.kind == "" {
		return s, fmt.Sprintf("apiVersion %q and kind %q name no kind: write them as in autoscaling/v2 and HorizontalPodAutoscaler", apiVersion, s.kind)
	}
	return s, ""
}

// isMadeBy tells whether an object of the setup is the one that is looked at.
func (s source) isMadeBy(setup runtime.RawExtension) bool {
	var made struct {
		Kind     string `json:"kind"`
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
	}
	return json.Unmarshal(setup.Raw, &made) == nil && made.Kind == s.kind && made.Metadata.Name == s.name
}

func (b *builder) task(i int, t *v1beta1.Task) task {
	out := task{
		name:       t.Name,
		dependsOn:  t.DependsOn,
		continuous: t.Mode == v1beta1.TaskContinuous,
		hints:      t.Hints,
	}
	if t.HoldFor != nil {
		out.holdFor = t.HoldFor.Duration
	}
	done := b.before[t.Name]
	help := fmt.Sprintf("add it to spec.tasks[%d].dependsOn, so that it has been passed by then", i)
	for j, c := range t.Checks {
		compiled := b.clause(fmt.Sprintf("spec.tasks[%d].checks[%d]", i, j), fmt.Sprintf("check %d of task %s", j+1, t.Name), c, done, help)
		out.clauses = append(out.clauses, compiled)
		out.usesNow = out.usesNow || compiled.holds != nil && compiled.holds.usesNow
		out.decides = append(out.decides, compiled.holds.looksAt()...)
		out.needs = append(out.needs, compiled.observed.looksAt()...)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Outputs)) {
		value := b.expression(outputField(i, name), t.Outputs[name], scope{
			length: OutputExpressionLength, accepts: isScalar, returns: "a text, a number, a bool, a timestamp or a duration",
			done: done, doneHelp: help,
		})
		out.outputs = append(out.outputs, output{name: name, value: value})
		out.needs = append(out.needs, value.looksAt()...)
	}
	out.needs = append(out.needs, out.decides...)
	b.texts(fmt.Sprintf("spec.tasks[%d]", i), t)
	return out
}

func outputField(task int, name string) string {
	return fmt.Sprintf("spec.tasks[%d].outputs[%s]", task, name)
}

func (b *builder) clause(field, label string, c v1beta1.Check, done map[string]bool, doneHelp string) clause {
	s := scope{length: ExpressionLength, accepts: isKind(types.BoolKind), returns: "a bool", done: done, doneHelp: doneHelp}
	out := clause{expected: text.OneLine(c.Expected, TextLength), label: label}
	out.holds = b.expression(field+".expression", c.Expression, s)
	if c.Observed != "" {
		s.accepts, s.returns = isKind(types.StringKind), "a string"
		out.observed = b.expression(field+".observed", c.Observed, s)
	}
	return out
}

func (b *builder) expression(field, text string, s scope) *program {
	p, message := b.compiler.compile(text, s)
	if message != "" {
		b.problem(field, "%s", message)
	}
	return p
}

func isKind(kind types.Kind) func(*cel.Type) bool {
	return func(t *cel.Type) bool { return t.Kind() == kind }
}

// isScalar accepts what can be kept as one short text.
func isScalar(t *cel.Type) bool {
	if inner, ok := optionalOf(t); ok {
		return inner.Kind() == types.DynKind || isScalar(inner)
	}
	switch t.Kind() {
	case types.BoolKind, types.IntKind, types.UintKind, types.DoubleKind, types.StringKind, types.TimestampKind, types.DurationKind:
		return true
	}
	return false
}

// optionalOf is the type inside an optional one.
func optionalOf(t *cel.Type) (*cel.Type, bool) {
	if t.Kind() != types.OpaqueKind || t.TypeName() != types.OptionalType.TypeName() {
		return nil, false
	}
	return t.Parameters()[0], true
}
