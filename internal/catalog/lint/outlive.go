package lint

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/google/cel-go/common/ast"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// ofOneEnvironment are the fields whose values end with an environment: another one draws, counts or dates them anew.
var ofOneEnvironment = []string{
	"clusterIP", "clusterIPs", "containerID", "creationTimestamp", "hostIP", "podIP", "podIPs", "resourceVersion", "restartCount",
	"startTime", "startedAt", "uid", "volumeName",
	// What services of ours and others call themselves.
	"pod", "podName", "run_id", "runId", "systemIdentifier", "system_identifier",
}

// drawnColumn is a column of a query with a value that a server draws when its data is made or when it starts.
var drawnColumn = regexp.MustCompile(`(?i)(?:system_identifier|pg_postmaster_start_time\(\)|pg_conf_load_time\(\)|relfilenode)[^,]*?\bas\s+"?(\w+)"?`)

// namedByController are the kinds whose objects a controller names anew each time.
var namedByController = []string{"ControllerRevision", "Job", "Pod", "ReplicaSet"}

// lookAtRecords finds checks that demand what a task recorded of an environment. A pass and its record stay when the learner
// asks for a fresh environment, where nothing is ever equal to it.
func (s *subject) lookAtRecords() {
	bound := map[string]string{}
	for i, t := range s.spec.Tasks {
		for name := range t.Record {
			if e := s.at(fmt.Sprintf("spec.tasks[%d].record[%s]", i, name)); e != nil {
				if what := s.environmental(e.Tree().Expr()); what != "" {
					bound["done."+t.Name+"."+name] = what
				}
			}
		}
	}
	for _, e := range s.expressions {
		if e.role != condition {
			continue
		}
		r := &records{bound: bound}
		d := demand{isBound: r.isBound, isPast: isPassed}
		for _, part := range d.of(e.Tree().Expr(), true) {
			message := "needs something to be before a task was passed: in a fresh environment everything is later. Compare two times of one environment"
			if d.mentions(part) {
				message = fmt.Sprintf("needs %s, which is %s and ends with its environment: after a break it can't be true again. "+
					"Compare things of one environment with each other, or ask for another than the recorded one", r.last, bound[r.last])
			}
			f := e.document.finding(ruleOutlived, e.field, "%s", message)
			f.Line = e.document.lineOfText(e.field, max(e.Tree().SourceInfo().GetStartLocation(part.ID()).Line(), 1))
			s.findings = append(s.findings, f)
		}
	}
}

// records finds records of an environment in an expression.
type records struct {
	// bound says what each of them is, by its path.
	bound map[string]string
	// last is the path of the one that was found last.
	last string
}

func (r *records) isBound(e ast.Expr) bool {
	p, ok := pathOf(e)
	if !ok || r.bound[p.String()] == "" {
		return false
	}
	r.last = p.String()
	return true
}

// isPassed tells whether an expression is the time at which a task was passed.
func isPassed(e ast.Expr) bool {
	p, ok := pathOf(e)
	return ok && p.root == "done" && len(p.steps) == 2 && p.steps[1].key == "at"
}

// environmental says what of an expression ends with an environment, empty where nothing does.
func (s *subject) environmental(e ast.Expr) string {
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
		source := s.evidenceOf(operand, ranges)
		switch {
		case slices.Contains(ofOneEnvironment, step.key):
			found = "a " + step.key
		case source == nil:
		case source.SQL != nil && slices.Contains(drawnColumns(source.SQL.Query), step.key):
			found = "drawn by a server (" + step.key + ")"
		case step.key == "name" && source.List != nil && slices.Contains(namedByController, source.List.Kind) && isMetadata(operand):
			found = "the name of a " + source.List.Kind
		}
	}))
	return found
}

// evidenceOf is the evidence that a value is from, through macros and indexes, nil where that is not known.
func (s *subject) evidenceOf(e ast.Expr, ranges map[string]ast.Expr) *v1alpha1.Evidence {
	for range maxDepth {
		switch e.Kind() {
		case ast.IdentKind:
			over, ok := ranges[e.AsIdent()]
			if !ok {
				at := slices.IndexFunc(s.spec.Evidence, func(known v1alpha1.Evidence) bool { return known.Name == e.AsIdent() })
				if at < 0 {
					return nil
				}
				return &s.spec.Evidence[at]
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

func drawnColumns(query string) []string {
	var columns []string
	for _, match := range drawnColumn.FindAllStringSubmatch(query, -1) {
		columns = append(columns, match[1])
	}
	return columns
}

// isMetadata tells whether an expression is the metadata of an object.
func isMetadata(e ast.Expr) bool {
	_, step, _, ok := stepOf(e)
	return ok && step.key == "metadata"
}
