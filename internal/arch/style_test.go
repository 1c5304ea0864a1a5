package arch_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

// maxLines is how long a file written by hand may be.
const maxLines = 400

func tooLong(sources ...source) []string {
	var wrong []string
	for _, s := range sources {
		if !s.generated() && s.lines > maxLines {
			wrong = append(wrong, s.path+": "+itoa(s.lines)+" lines, at most "+itoa(maxLines)+": split it by noun or verb")
		}
	}
	return wrong
}

// wellKnown are methods whose interface says all there is to say.
var wellKnown = []string{"Error", "Unwrap", "String"}

// undocumented lists what is exported and not explained by a comment that begins with
// its name. In a group the group's comment will do.
func undocumented(sources ...source) []string {
	var wrong []string
	for _, s := range sources {
		if s.test() || s.generated() || s.file.Name.Name == "main" {
			continue
		}
		check := func(n ast.Node, name string, doc *ast.CommentGroup) {
			if !beginsWith(doc, name) {
				wrong = append(wrong, s.at(n)+": the comment of "+name+" does not begin with its name, or is missing")
			}
		}
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && exportedReceiver(d) && !(d.Recv != nil && slices.Contains(wellKnown, d.Name.Name)) {
					check(d, d.Name.Name, d.Doc)
				}
			case *ast.GenDecl:
				checkGroup(d, check)
			}
		}
	}
	return wrong
}

func checkGroup(d *ast.GenDecl, check func(ast.Node, string, *ast.CommentGroup)) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			doc := spec.Doc
			if doc == nil && !d.Lparen.IsValid() {
				doc = d.Doc
			}
			if spec.Name.IsExported() {
				check(spec, spec.Name.Name, doc)
			}
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				grouped := d.Lparen.IsValid() && spec.Doc == nil && (d.Doc != nil || spec.Comment != nil)
				if !name.IsExported() || grouped {
					continue
				}
				doc := spec.Doc
				if doc == nil {
					doc = d.Doc
				}
				check(spec, name.Name, doc)
			}
		}
	}
}

// exportedReceiver tells whether a function is one, or a method of an exported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

// beginsWith allows an article before the name, as Go's own comments have it.
func beginsWith(doc *ast.CommentGroup, name string) bool {
	text := doc.Text()
	for _, article := range []string{"A ", "An ", "The "} {
		text = strings.TrimPrefix(text, article)
	}
	rest, ok := strings.CutPrefix(text, name)
	return ok && rest != "" && !token.IsIdentifier(rest[:1]) && !('0' <= rest[0] && rest[0] <= '9')
}

// unexplained lists the packages without a package comment.
func unexplained(sources ...source) []string {
	explained := map[string]bool{}
	for _, s := range sources {
		if s.test() || s.generated() {
			continue
		}
		want := "Package " + s.file.Name.Name + " "
		if s.file.Name.Name == "main" { // "Gofmt formats …", "Command gofmt formats …"
			want = ""
		}
		explained[s.dir()] = explained[s.dir()] || s.file.Doc != nil && strings.HasPrefix(s.file.Doc.Text(), want)
	}
	var wrong []string
	for dir, ok := range explained {
		if !ok && dir != "ent" { // generated, but for a few files
			wrong = append(wrong, dir+": no package comment that begins with \"Package name\"")
		}
	}
	return wrong
}

func TestFilesAreShort(t *testing.T) { report(t, tooLong(tree(t)...)) }

func TestWhatIsExportedIsExplained(t *testing.T) { report(t, undocumented(tree(t)...)) }

func TestPackagesAreExplained(t *testing.T) { report(t, unexplained(tree(t)...)) }

func TestStyleCanFail(t *testing.T) {
	const complaint = "does not begin with its name"
	try(t, undocumented, []sample{
		{"a function without a comment", "x/a.go", "package x\n\nfunc F() {}\n", complaint},
		{"a comment about something else", "x/a.go", "package x\n\n// Does it.\nfunc F() {}\n", complaint},
		{"the name of another", "x/a.go", "package x\n\n// Fuel burns.\nfunc F() {}\n", complaint},
		{"a comment", "x/a.go", "package x\n\n// F does it.\nfunc F() {}\n", ""},
		{"an article", "x/a.go", "package x\n\n// A T is one.\ntype T int\n", ""},
		{"a type", "x/a.go", "package x\n\ntype T int\n", complaint},
		{"a type in a group with a comment", "x/a.go", "package x\n\n// All of them.\ntype (\n\tT int\n)\n", complaint},
		{"a method", "x/a.go", "package x\n\n// T is one.\ntype T int\n\nfunc (t *T) M() {}\n", complaint},
		{"a method that everybody knows", "x/a.go", "package x\n\n// T is one.\ntype T int\n\nfunc (t *T) Error() string { return \"\" }\n", ""},
		{"a method of a hidden type", "x/a.go", "package x\n\ntype t int\n\nfunc (t) M() {}\n", ""},
		{"a constant", "x/a.go", "package x\n\nconst C = 1\n", complaint},
		{"a constant in a bare group", "x/a.go", "package x\n\nconst (\n\tC = 1\n)\n", complaint},
		{"a constant in a group with a comment", "x/a.go", "package x\n\n// The numbers.\nconst (\n\tC = 1\n)\n", ""},
		{"a variable with a wrong comment of its own", "x/a.go", "package x\n\n// The numbers.\nvar (\n\t// One.\n\tV = 1\n)\n", complaint},
		{"generated", "x/a.go", "// Code generated by x, DO NOT EDIT.\n\npackage x\n\nfunc F() {}\n", ""},
		{"a test", "x/a_test.go", "package x\n\nfunc F() {}\n", ""},
	})
	try(t, unexplained, []sample{
		{"no package comment", "x/a.go", "package x\n", "no package comment"},
		{"another comment", "x/a.go", "// Things.\npackage x\n", "no package comment"},
		{"a package comment", "x/a.go", "// Package x is one.\npackage x\n", ""},
		{"a command", "x/main.go", "// Command x runs.\npackage main\n", ""},
	})
	lines := strings.Repeat("\n", maxLines-1)
	try(t, tooLong, []sample{
		{"as long as allowed", "x/a.go", "package x\n" + lines, ""},
		{"one line more", "x/a.go", "package x\n\n" + lines, "401 lines"},
		{"generated", "x/a.go", "// Code generated by x, DO NOT EDIT.\n\npackage x\n" + lines, ""},
	})
}
