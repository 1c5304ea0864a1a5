package entauth

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// source is what can be read of a schema folder without compiling it, which is not
// possible while the stubs are missing.
type source struct {
	pkg   string
	types map[string]*declared // by name, exported ones
	// uses are the types of Torii's that the code names as values or embeds, anywhere.
	uses map[string]bool
	// multi are the places where a table is put into a schema of the database.
	multi []string
}

// declared is a type that the application declares.
type declared struct {
	name     string
	at       string // file:line
	isStruct bool
	embeds   map[string]bool // types of Torii's
	mixes    map[string]bool // types of Torii's, named in its Mixin method
	methods  map[string]method
}

type method struct {
	decl *ast.FuncDecl
	file *file
}

type file struct {
	*ast.File
	fset *token.FileSet
}

// readSource parses the files of a folder that Go would compile with the build tags,
// but not the stubs.
func readSource(dir string, tags []string) (*source, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("entauth: the folder of the schema: %w (entauth.SchemaDir says where it is)", err)
	}
	ctx := build.Default
	ctx.BuildTags = append(ctx.BuildTags, tags...)
	src := &source{types: map[string]*declared{}, uses: map[string]bool{}}
	var files []*file
	fset := token.NewFileSet()
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || name == stubFile {
			continue
		}
		if ok, err := ctx.MatchFile(dir, name); err != nil || !ok {
			continue // a file that Go cannot read is refused by Ent's own load, with the reason
		}
		parsed, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("entauth: %w", err)
		}
		files = append(files, &file{parsed, fset})
	}
	for _, f := range files {
		src.pkg = f.Name.Name
		src.readTypes(f)
	}
	for _, f := range files {
		src.readMethods(f)
		src.readValues(f)
	}
	return src, nil
}

func (f *file) at(n ast.Node) string {
	pos := f.fset.Position(n.Pos())
	return filepath.Base(pos.Filename) + ":" + strconv.Itoa(pos.Line)
}

// imported returns the name under which the file has a package, "" if it has not.
func (f *file) imported(path string) string {
	for _, spec := range f.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != path {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path[strings.LastIndex(path, "/")+1:]
	}
	return ""
}

// member returns the name that an expression takes from a package, "" if it takes none.
func (f *file) member(x ast.Expr, path string) string {
	sel, ok := x.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	pkg, ok := sel.X.(*ast.Ident)
	if !ok || pkg.Name != f.imported(path) {
		return ""
	}
	return sel.Sel.Name
}

func (s *source) readTypes(f *file) {
	for _, d := range f.Decls {
		group, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range group.Specs {
			t, ok := spec.(*ast.TypeSpec)
			if !ok || !t.Name.IsExported() {
				continue
			}
			d := &declared{name: t.Name.Name, at: f.at(t), embeds: map[string]bool{}, mixes: map[string]bool{}, methods: map[string]method{}}
			s.types[d.name] = d
			st, ok := t.Type.(*ast.StructType)
			d.isStruct = ok && !t.Assign.IsValid()
			if !ok {
				continue
			}
			for _, field := range st.Fields.List {
				if name := f.member(field.Type, schemaPath); len(field.Names) == 0 && name != "" {
					d.embeds[name], s.uses[name] = true, true
				}
			}
		}
	}
}

func (s *source) readMethods(f *file) {
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv == nil || len(fn.Recv.List) == 0 {
			continue
		}
		recv := fn.Recv.List[0].Type
		if star, ok := recv.(*ast.StarExpr); ok {
			recv = star.X
		}
		if id, ok := recv.(*ast.Ident); ok && s.types[id.Name] != nil {
			t := s.types[id.Name]
			t.methods[fn.Name.Name] = method{fn, f}
			if fn.Name.Name == "Mixin" {
				f.values(fn, func(name string) { t.mixes[name] = true })
			}
		}
	}
}

func (s *source) readValues(f *file) {
	f.values(f.File, func(name string) { s.uses[name] = true })
	ast.Inspect(f.File, func(n ast.Node) bool {
		const entsql = "entgo.io/ent/dialect/entsql"
		switch n := n.(type) {
		case *ast.CallExpr:
			if name := f.member(n.Fun, entsql); name == "Schema" || name == "SchemaTable" {
				s.multi = append(s.multi, f.at(n))
			}
		case *ast.CompositeLit:
			if f.member(n.Type, entsql) == "Annotation" && hasKey(n, "Schema") {
				s.multi = append(s.multi, f.at(n))
			}
		}
		return true
	})
}

func hasKey(lit *ast.CompositeLit, name string) bool {
	for _, x := range lit.Elts {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == name {
				return true
			}
		}
	}
	return false
}

// values calls use with each type of Torii's of which the code makes a value: torii.User{}
// or new(torii.User).
func (f *file) values(in ast.Node, use func(name string)) {
	ast.Inspect(in, func(n ast.Node) bool {
		var typ ast.Expr
		switch n := n.(type) {
		case *ast.CompositeLit:
			typ = n.Type
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "new" && len(n.Args) == 1 {
				typ = n.Args[0]
			}
		}
		if name := f.member(typ, schemaPath); name != "" {
			use(name)
		}
		return true
	})
}
