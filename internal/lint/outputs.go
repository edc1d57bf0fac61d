package lint

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/google/cel-go/common/ast"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// environmentFields are the fields whose values end with an environment: a fresh environment has other ones.
var environmentFields = []string{
	"clusterIP", "clusterIPs", "containerID", "creationTimestamp", "hostIP", "podIP", "podIPs", "resourceVersion", "restartCount",
	"startTime", "startedAt", "uid", "volumeName",
	// What services of ours and others call themselves.
	"pod", "podName", "run_id", "runId", "systemIdentifier", "system_identifier",
}

// serverColumn matches a column of a query whose value a server chooses when its data is created or when it starts.
var serverColumn = regexp.MustCompile(`(?i)(?:system_identifier|pg_postmaster_start_time\(\)|pg_conf_load_time\(\)|relfilenode)[^,]*?\bas\s+"?(\w+)"?`)

// generatedNames are the kinds whose objects get a generated name from their controller.
var generatedNames = []string{"ControllerRevision", "Job", "Pod", "ReplicaSet"}

// checkOutputs finds checks that demand an output that is of one environment. A pass and its outputs stay when the learner
// asks for a fresh environment, where nothing is ever equal to them.
func (l *exerciseLinter) checkOutputs() {
	environment := map[string]string{}
	for i, t := range l.spec.Tasks {
		for name := range t.Outputs {
			if e := l.expressionAt(fmt.Sprintf("spec.tasks[%d].outputs[%s]", i, name)); e != nil {
				if what := l.environmentValue(e.Tree().Expr()); what != "" {
					environment["done."+t.Name+"."+name] = what
				}
			}
		}
	}
	for _, e := range l.expressions {
		if e.role != conditionRole {
			continue
		}
		f := &outputFinder{paths: environment}
		required := requirement{isTarget: f.isOutput, isPastTime: isPassTime}
		for _, part := range required.of(e.Tree().Expr(), true) {
			message := "needs something to be before a task was passed: in a fresh environment everything is later. Compare two times of one environment"
			if required.hasTarget(part) {
				message = fmt.Sprintf("needs %s, which is %s and ends with its environment: after a break it can't be true again. "+
					"Compare things of one environment with each other, or ask for another than the one in the outputs", f.last, environment[f.last])
			}
			found := e.document.finding(ruleOutlived, e.field, "%s", message)
			found.Line = e.document.lineOfText(e.field, max(e.Tree().SourceInfo().GetStartLocation(part.ID()).Line(), 1))
			l.findings = append(l.findings, found)
		}
	}
}

// outputFinder finds outputs of tasks in an expression that end with their environment.
type outputFinder struct {
	// paths says what each output is, by its path.
	paths map[string]string
	// last is the path of the one that was found last.
	last string
}

func (f *outputFinder) isOutput(e ast.Expr) bool {
	p, ok := pathOf(e)
	if !ok || f.paths[p.String()] == "" {
		return false
	}
	f.last = p.String()
	return true
}

// isPassTime tells whether an expression is the time at which a task was passed.
func isPassTime(e ast.Expr) bool {
	p, ok := pathOf(e)
	return ok && p.root == "done" && len(p.steps) == 2 && p.steps[1].key == "at"
}

// environmentValue names the part of an expression that ends with its environment, empty where there is none.
func (l *exerciseLinter) environmentValue(e ast.Expr) string {
	ranges := map[string]ast.Expr{}
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(part ast.Expr) {
		if part.Kind() == ast.ComprehensionKind {
			ranges[part.AsComprehension().IterVar()] = part.AsComprehension().IterRange()
		}
	}))
	found := ""
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(part ast.Expr) {
		operand, step, _, ok := stepOf(part)
		if !ok || step.isIndex || found != "" {
			return
		}
		source := l.evidenceOf(operand, ranges)
		switch {
		case slices.Contains(environmentFields, step.key):
			found = "a " + step.key
		case source == nil:
		case source.Probe != nil && source.Probe.SQL != nil && slices.Contains(serverColumns(source.Probe.SQL.Query), step.key):
			found = "drawn by a server (" + step.key + ")"
		case step.key == "name" && source.List != nil && slices.Contains(generatedNames, source.List.Kind) && isMetadata(operand):
			found = "the name of a " + source.List.Kind
		}
	}))
	return found
}

// evidenceOf is the evidence that a value is from, through macros and indexes, nil where that is not known.
func (l *exerciseLinter) evidenceOf(e ast.Expr, ranges map[string]ast.Expr) *v1beta1.Evidence {
	for range maxDepth {
		switch e.Kind() {
		case ast.IdentKind:
			over, ok := ranges[e.AsIdent()]
			if !ok {
				at := slices.IndexFunc(l.spec.Evidence, func(known v1beta1.Evidence) bool { return known.Name == e.AsIdent() })
				if at < 0 {
					return nil
				}
				return &l.spec.Evidence[at]
			}
			e = over
		case ast.SelectKind:
			e = e.AsSelect().Operand()
		case ast.ComprehensionKind:
			e = e.AsComprehension().IterRange()
		case ast.CallKind:
			switch call := e.AsCall(); {
			case call.IsMemberFunction():
				e = call.Target()
			case len(call.Args()) > 0:
				e = call.Args()[0]
			default:
				return nil
			}
		default:
			return nil
		}
	}
	return nil
}

// maxDepth bounds how far a value is followed to its evidence.
const maxDepth = 100

func serverColumns(query string) []string {
	var columns []string
	for _, match := range serverColumn.FindAllStringSubmatch(query, -1) {
		columns = append(columns, match[1])
	}
	return columns
}

// isMetadata tells whether an expression is the metadata of an object.
func isMetadata(e ast.Expr) bool {
	_, step, _, ok := stepOf(e)
	return ok && step.key == "metadata"
}
