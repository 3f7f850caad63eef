package archtest

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sinks are the methods of database/sql, pgx and GORM that execute SQL, which is their first
// argument after any context.
var sinks = []string{
	"Exec", "ExecContext", "Query", "QueryContext", "QueryRow", "QueryRowContext", "Prepare", "PrepareContext",
	"Raw", "Where", "Or", "Not", "Order", "Select", "Joins", "InnerJoins", "Group", "Having", "Table", "Pluck", "Distinct", "Omit", "Expr",
}

// SQL is never built at run time: each statement is a constant, or a variable that only ever
// holds constants, including where a method of this module passes it on. Input can only be
// bound as a parameter (OWASP ASVS 5.0, 1.2.4).
func TestSQLIsConstant(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		if strings.HasPrefix(p.name(), "internal/handlers") { // has no SQL, but Echo's groups and queries share these names
			continue
		}
		var files []*ast.File
		set := token.NewFileSet()
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		found := newStatements(set, files)
		for _, at := range found.built() {
			t.Errorf("%s: this SQL is not a constant", set.Position(at))
		}
		seen += found.seen
	}
	if seen < 50 {
		t.Errorf("saw only %d statements", seen)
	}
}

// TestBuiltSQLIsFound verifies that the test above can fail.
func TestBuiltSQLIsFound(t *testing.T) {
	const source = `package planted
		import ("fmt"; "database/sql")
		const table = "posts"; var columns = "id"
		type DB struct{ sql *sql.DB }
		func (db *DB) rows(query string, args ...any) { db.sql.Query(query, args...) }
		func (db *DB) outer(ctx any, query string) { db.rows(query) }
		func column[T any](db *DB, query string) { db.rows(query) }
		func good(db *DB, postgres bool, word string) {
			find := "SELECT 1 FROM " + table; if postgres { find = "SELECT 2" }
			db.outer(nil, find)
			for _, s := range []string{"BEGIN", "COMMIT"} { db.rows(s, word) }
			for _, s := range []struct{ what, statement string }{{word, "BEGIN"}} { db.rows(s.statement) }
		}
		func Bad(db *DB, word string) {
			db.sql.Query("SELECT " + word)                  // bad
			db.rows(fmt.Sprintf("SELECT %s", word))         // bad
			db.outer(nil, "SELECT "+columns)                // bad
			column[string](db, "SELECT "+word)              // bad
			find := "SELECT 1"; find += " WHERE " + word
			db.rows(find)                                   // bad
			query := fmt.Sprint("SELECT ", word)
			db.outer(nil, query)                            // bad
			for _, s := range []string{"BEGIN", word} { db.rows(s) }                                   // bad
			for _, s := range []struct{ what, statement string }{{"x", word}} { db.rows(s.statement) } // bad
			columns = word
		}`
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "planted.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []int
	for _, at := range newStatements(set, []*ast.File{file}).built() {
		got = append(got, set.Position(at).Line)
	}
	for i, line := range strings.Split(source, "\n") {
		if strings.Contains(line, "// bad") {
			want = append(want, i+1)
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("found lines %v, want %v", got, want)
	}
}

// statements analyses the SQL statements of one package.
type statements struct {
	info   *types.Info
	files  []*ast.File
	values map[types.Object][]ast.Expr // all values assigned to each variable
	takes  map[types.Object]bool       // parameters that contain SQL
	seen   int                         // number of arguments analysed
}

// newStatements type-checks a package on its own: imports stay unresolved, but its own
// constants, variables and methods are known.
func newStatements(set *token.FileSet, files []*ast.File) *statements {
	s := &statements{files: files, values: map[types.Object][]ast.Expr{}, takes: map[types.Object]bool{}}
	s.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	config := types.Config{Importer: nothing{}, Error: func(error) {}, FakeImportC: true}
	_, _ = config.Check("", set, files, s.info) // errors are expected, for the imports
	for _, file := range files {
		ast.Inspect(file, s.learn)
	}
	return s
}

type nothing struct{}

func (nothing) Import(string) (*types.Package, error) { return nil, errors.New("not read") }

// learn records the values that are assigned to variables.
func (s *statements) learn(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if len(n.Rhs) != len(n.Lhs) {
				s.give(left, nil)
			} else {
				s.give(left, n.Rhs[i])
			}
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if i < len(n.Values) {
				s.give(name, n.Values[i])
			}
		}
	case *ast.RangeStmt:
		if n.Value != nil {
			s.give(n.Value, n.X)
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND { // any code with the address can assign to it
			s.give(n.X, nil)
		}
	}
	return true
}

func (s *statements) give(to, value ast.Expr) {
	if name, ok := to.(*ast.Ident); ok {
		if object := s.object(name); object != nil {
			s.values[object] = append(s.values[object], value)
		}
	}
}

func (s *statements) object(name *ast.Ident) types.Object {
	if object := s.info.Defs[name]; object != nil {
		return object
	}
	return s.info.Uses[name]
}

// built returns the positions at which SQL that is not constant is passed on. A parameter that
// is passed on makes every call of its function a place to check, so it repeats until no
// further such parameters are found.
func (s *statements) built() (at []token.Pos) {
	for before := -1; before < len(s.takes); {
		before, at, s.seen = len(s.takes), nil, 0
		for _, file := range s.files {
			ast.Inspect(file, func(node ast.Node) bool {
				if call, ok := node.(*ast.CallExpr); ok {
					for _, sql := range s.sqlOf(call) {
						s.seen++
						if !s.constant(sql) {
							at = append(at, sql.Pos())
						}
					}
				}
				return true
			})
		}
	}
	return at
}

// sqlOf returns the arguments of a call that contain SQL.
func (s *statements) sqlOf(call *ast.CallExpr) (sql []ast.Expr) {
	called := call.Fun
	if generic, ok := called.(*ast.IndexExpr); ok { // column[string](…)
		called = generic.X
	}
	name, ok := called.(*ast.Ident)
	selector, isMethod := called.(*ast.SelectorExpr)
	if isMethod {
		name, ok = selector.Sel, true
	}
	if !ok {
		return nil
	}
	if fn, known := s.object(name).(*types.Func); known {
		params := fn.Signature().Params()
		for i := range min(params.Len(), len(call.Args)) {
			if s.takes[params.At(i)] {
				sql = append(sql, call.Args[i])
			}
		}
		return sql
	}
	if isMethod && slices.Contains(sinks, name.Name) && !isIdent(selector.X, "cmp") { // cmp.Or is not GORM's
		for _, arg := range call.Args {
			if _, isFunc := arg.(*ast.FuncLit); isFunc {
				return nil // (*sql.Conn).Raw
			}
			if !isContext(arg) {
				return []ast.Expr{arg}
			}
		}
	}
	return nil
}

// isContext reports whether an argument looks like a context.
func isContext(arg ast.Expr) bool {
	switch e := arg.(type) {
	case *ast.Ident:
		return e.Name == "ctx"
	case *ast.CallExpr:
		selector, ok := e.Fun.(*ast.SelectorExpr)
		return ok && slices.Contains([]string{"uncancelled", "WithoutCancel", "Background", "Context"}, selector.Sel.Name)
	}
	return false
}

func isIdent(e ast.Expr, name string) bool {
	ident, ok := e.(*ast.Ident)
	return ok && ident.Name == name
}

// constant reports whether e can only be text from the source code.
func (s *statements) constant(e ast.Expr) bool {
	if s.info.Types[e].Value != nil {
		return true
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return s.constant(e.X)
	case *ast.CompositeLit: // a list of statements
		return !slices.ContainsFunc(e.Elts, func(element ast.Expr) bool { return !s.constant(element) })
	case *ast.Ident:
		object, ok := s.object(e).(*types.Var)
		if !ok {
			return false
		}
		if s.isParameter(object) {
			s.takes[object] = true
			return len(s.values[object]) == 0 // its callers are checked instead
		}
		given := s.values[object]
		return len(given) > 0 && !slices.ContainsFunc(given, func(value ast.Expr) bool { return value == nil || !s.constant(value) })
	case *ast.SelectorExpr:
		return s.constantField(e)
	}
	return false
}

// constantField is constant for a field of the loop variable over a literal list.
func (s *statements) constantField(e *ast.SelectorExpr) bool {
	of, ok := e.X.(*ast.Ident)
	selection := s.info.Selections[e]
	if !ok || selection == nil || len(selection.Index()) != 1 {
		return false
	}
	given := s.values[s.object(of)]
	for _, value := range given {
		list, ok := value.(*ast.CompositeLit)
		if !ok {
			return false
		}
		for _, element := range list.Elts {
			fields, ok := element.(*ast.CompositeLit)
			if !ok || len(fields.Elts) <= selection.Index()[0] || !s.constant(fields.Elts[selection.Index()[0]]) {
				return false
			}
		}
	}
	return len(given) > 0
}

// isParameter reports whether v is a parameter of an unexported function, whose calls are all
// within the package.
func (s *statements) isParameter(v *types.Var) (is bool) {
	for _, object := range s.info.Defs {
		if fn, ok := object.(*types.Func); ok && !fn.Exported() {
			for param := range fn.Signature().Params().Variables() {
				is = is || param == v
			}
		}
	}
	return is
}
