package random

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"
)

// Golden bits catch a fused multiply-add only on a processor for which the
// compiler fuses. This test reads the source instead: in the files of the
// transform, every product must be the whole operand of a float64 conversion.
func TestEveryProductIsRounded(t *testing.T) {
	for _, file := range []string{"normal.go", "logarithm.go"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if products := countProducts(t, file, parsed); products == 0 {
			t.Errorf("%s: no product found; the test reads the wrong file", file)
		}
	}
}

func TestEveryProductIsRoundedNoticesAFault(t *testing.T) {
	const fault = "package p\nfunc f(x, y, z float64) float64 { return x*y + z }"
	parsed, err := parser.ParseFile(token.NewFileSet(), "fault.go", fault, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(nakedProducts(parsed)) != 1 {
		t.Error("x*y + z passed as rounded")
	}
}

func countProducts(t *testing.T, file string, parsed *ast.File) int {
	t.Helper()
	for _, product := range nakedProducts(parsed) {
		t.Errorf("%s: byte %d: a product outside a float64 conversion may be fused", file, product.Pos())
	}
	count := 0
	ast.Inspect(parsed, func(n ast.Node) bool {
		if isProduct(n) {
			count++
		}
		return true
	})
	return count
}

// nakedProducts returns the products that are not the operand of float64(…).
func nakedProducts(parsed *ast.File) []ast.Node {
	rounded := map[ast.Node]bool{}
	var naked []ast.Node
	ast.Inspect(parsed, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 1 {
			if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "float64" {
				rounded[call.Args[0]] = true
			}
		}
		if isProduct(n) && !rounded[n] {
			naked = append(naked, n)
		}
		return true
	})
	return naked
}

func isProduct(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		return n.Op == token.MUL
	case *ast.AssignStmt:
		return n.Tok == token.MUL_ASSIGN
	}
	return false
}
