package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	module = "github.com/torii-go/torii"
	root   = "../.."
)

// source is one Go file.
type source struct {
	path  string // from the repository's root, with slashes
	lines int
	file  *ast.File
}

// One set of positions for all files: go/token makes it safe for concurrent use.
var positions = token.NewFileSet()

func (s source) dir() string     { return path.Dir(s.path) }
func (s source) test() bool      { return strings.HasSuffix(s.path, "_test.go") }
func (s source) generated() bool { return ast.IsGenerated(s.file) }

// at is where a node stands, for people.
func (s source) at(n ast.Node) string {
	p := positions.Position(n.Pos())
	return s.path + ":" + itoa(p.Line)
}

// imports are the paths that the file imports.
func (s source) imports() []string {
	var list []string
	for _, spec := range s.file.Imports {
		list = append(list, strings.Trim(spec.Path.Value, "`\""))
	}
	return list
}

// host tells whether the file uses an Ent client of its own: its Session may be anything.
func (s source) host() bool {
	return slices.ContainsFunc(s.imports(), func(path string) bool {
		return strings.HasSuffix(path, "/ent") && path != module+"/ent"
	})
}

// in tells whether the file is in one of the directories or below it.
func (s source) in(dirs ...string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool { return s.dir() == d || strings.HasPrefix(s.dir(), d+"/") })
}

// parse reads one file. Build constraints are not looked at: a rule holds for all of them.
func parse(t testing.TB, name, text string) source {
	t.Helper()
	f, err := parser.ParseFile(positions, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return source{path: name, lines: strings.Count(text, "\n"), file: f}
}

var readTree = sync.OnceValues(func() (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); name != root && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(name)
		rel, rerr := filepath.Rel(root, name)
		if err != nil || rerr != nil {
			return err
		}
		files[filepath.ToSlash(rel)] = string(text)
		return nil
	})
	return files, err
})

// tree is every Go file of the repository.
func tree(t testing.TB) []source {
	t.Helper()
	files, err := readTree()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("found %d Go files: the rules would pass on nothing", len(files))
	}
	list := make([]source, 0, len(files))
	for name, text := range files {
		list = append(list, parse(t, name, text))
	}
	slices.SortFunc(list, func(a, b source) int { return strings.Compare(a.path, b.path) })
	return list
}

// report fails the test with every violation.
func report(t *testing.T, violations []string) {
	t.Helper()
	for _, v := range violations {
		t.Error(v)
	}
}

// sample is a file that exists only in a test, and what a check must say of it: ""
// means nothing.
type sample struct{ name, path, text, want string }

// try shows a check its samples.
func try(t *testing.T, check func(...source) []string, samples []sample) {
	t.Helper()
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			got := check(parse(t, s.path, s.text))
			switch {
			case s.want == "" && len(got) > 0:
				t.Errorf("complains about what is right: %q", got)
			case s.want != "" && !strings.Contains(strings.Join(got, "\n"), s.want):
				t.Errorf("says %q, want %q", got, s.want)
			}
		})
	}
}
