package lab

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestEventReasonsAreConstants reads the source of both controllers that write events: who filters events by reason finds
// all reasons in the API package.
func TestEventReasonsAreConstants(t *testing.T) {
	// Where the reason is: the index of a field of a literal, or of an argument of a call.
	literals := map[string]int{"event": 1, "note": 1, "fault": 0}
	calls := map[string]int{"tell": 3}
	found := 0
	check := func(files *token.FileSet, expressions []ast.Expr, index int) {
		if index >= len(expressions) {
			return
		}
		found++
		if literal, ok := expressions[index].(*ast.BasicLit); ok {
			t.Errorf("%s: reason %s is no constant", files.Position(literal.Pos()), literal.Value)
		}
	}
	for _, folder := range []string{".", "../workshop"} {
		paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no source in %s: %v", folder, err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			files := token.NewFileSet()
			source, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(source, func(node ast.Node) bool {
				switch node := node.(type) {
				case *ast.CompositeLit:
					if name, ok := node.Type.(*ast.Ident); ok {
						if index, known := literals[name.Name]; known {
							check(files, node.Elts, index)
						}
					}
				case *ast.CallExpr:
					if called, ok := node.Fun.(*ast.SelectorExpr); ok {
						if index, known := calls[called.Sel.Name]; known {
							check(files, node.Args, index)
						}
					}
				}
				return true
			})
		}
	}
	if found < 10 {
		t.Errorf("only %d reasons were found", found)
	}
}
