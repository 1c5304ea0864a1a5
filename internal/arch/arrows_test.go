package arch_test

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// room is a part of the repository and where its arrows may point.
type room struct {
	// path is a directory, with all below it. The longest that fits counts. A star is
	// any one name: each provider is a room of its own.
	path string
	// may are the packages of ours that it imports beside its own; "x/..." is x and
	// all below.
	may []string
	// not are exceptions from may.
	not []string
	// outside bounds the packages that are neither ours nor Go's; nil leaves them free.
	outside []string
}

// The picture, from the bottom to the top. A new room needs a line here.
var rooms = []room{
	{path: "ent/schema", outside: []string{"entgo.io/ent/..."}},
	{path: "ent", may: []string{"ent/schema"}},
	{path: "internal", may: []string{"internal/..."}},
	{path: "sessions", may: []string{"ent/...", "internal/..."}},
	{path: "mail", outside: []string{"github.com/wneessen/go-mail/...", "golang.org/x/..."}},
	{path: "auth", may: []string{"sessions", "mail", "ent/...", "internal/..."}},
	{path: "providers/*", may: []string{"auth", "sessions", "mail", "ent/...", "internal/..."}, not: []string{"ent/session"}},
	{path: "migrate", may: []string{"ent/...", "internal/..."}},
	{path: "entauth", may: []string{"ent/schema"}, outside: []string{"entgo.io/ent/..."}},
	{path: "authtest", may: []string{"auth", "mail", "migrate", "sessions", "ent/...", "internal/..."}},
	{path: "examples", may: []string{"..."}},
	{path: "cmd", may: []string{"..."}},
}

// drivers register themselves when they are linked, and panic when another has taken
// their name: hosts choose theirs.
var drivers = []string{
	"github.com/mattn/go-sqlite3/...", "modernc.org/sqlite/...", "github.com/ncruces/go-sqlite3/...",
	"github.com/glebarez/...", "github.com/lib/pq/...", "github.com/jackc/pgx/...", "github.com/go-sql-driver/mysql/...",
}

// matches tells whether a pattern of the go command fits a path.
func matches(pattern, name string) bool {
	if pattern == "..." {
		return true
	}
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return name == base || strings.HasPrefix(name, base+"/")
	}
	return name == pattern
}

func anyMatches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, name) })
}

// roomOf finds a directory's room, and the directory at which it begins.
func roomOf(dir string) (found room, at string, ok bool) {
	parts := strings.Split(dir, "/")
	for n := len(parts); n > 0; n-- {
		at := path.Join(parts[:n]...)
		for _, r := range rooms {
			if fits, err := path.Match(r.path, at); err == nil && fits {
				return r, at, true
			}
		}
	}
	return room{}, "", false
}

// arrows lists the imports that point the wrong way. Tests may import anything.
func arrows(sources ...source) []string {
	var wrong []string
	for _, s := range sources {
		if s.test() {
			continue
		}
		r, at, ok := roomOf(s.dir())
		if !ok {
			wrong = append(wrong, s.path+": "+s.dir()+" is no room yet: say in internal/arch where its arrows may point")
			continue
		}
		for _, imported := range s.imports() {
			if why := r.refuse(at, imported); why != "" {
				wrong = append(wrong, s.path+": imports "+imported+": "+why)
			}
		}
	}
	return wrong
}

// refuse says why a room at a directory may not import a package; "" means that it may.
func (r room) refuse(at, imported string) string {
	ours, isOurs := strings.CutPrefix(imported, module+"/")
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case isOurs && matches("internal/testdb/...", ours):
		if at == "internal" || r.path == "examples" {
			return ""
		}
		return "it links every driver; only tests may"
	case isOurs && matches(at+"/...", ours):
		return ""
	case isOurs && anyMatches(r.not, ours):
		return "forbidden to " + r.path
	case isOurs && !anyMatches(r.may, ours):
		return "the arrow points the wrong way"
	case !isOurs && strings.Contains(first, ".") && r.outside != nil && !anyMatches(r.outside, imported):
		return r.path + " imports nothing but Ent and the standard library"
	}
	return ""
}

// driversLinked lists the database drivers that the library would force on its hosts.
func driversLinked(sources ...source) []string {
	var wrong []string
	for _, s := range sources {
		if s.test() || s.in("examples", "cmd", "internal/testdb") {
			continue
		}
		for _, imported := range s.imports() {
			if anyMatches(drivers, imported) {
				wrong = append(wrong, s.path+": imports the database driver "+imported)
			}
		}
	}
	return wrong
}

func TestArrowsPointOneWay(t *testing.T) { report(t, arrows(tree(t)...)) }

func TestLibraryLinksNoDriver(t *testing.T) { report(t, driversLinked(tree(t)...)) }

func TestArrowsCanFail(t *testing.T) {
	imports := func(p string) string { return "package x\n\nimport _ \"" + p + "\"\n" }
	ours := func(p string) string { return imports(module + "/" + p) }
	const wrongWay = "the wrong way"
	try(t, arrows, []sample{
		{"a provider imports the hub", "providers/x/a.go", ours("auth"), ""},
		{"a provider imports a table", "providers/x/a.go", ours("ent/credential"), ""},
		{"a provider imports its own part", "providers/x/a.go", ours("providers/x/y"), ""},
		{"a provider imports another", "providers/x/a.go", ours("providers/y"), wrongWay},
		{"a provider imports the session table", "providers/x/a.go", ours("ent/session"), "forbidden"},
		{"a provider imports migrate", "providers/x/a.go", ours("migrate"), wrongWay},
		{"the hub imports a provider", "auth/a.go", ours("providers/x"), wrongWay},
		{"the hub imports migrate", "auth/a.go", ours("migrate"), wrongWay},
		{"sessions import the hub", "sessions/a.go", ours("auth"), wrongWay},
		{"the client imports its schema", "ent/a.go", ours("ent/schema"), ""},
		{"the client imports internal", "ent/a.go", ours("internal/token"), wrongWay},
		{"the schema imports the client", "ent/schema/a.go", ours("ent"), wrongWay},
		{"the schema imports Ent", "ent/schema/a.go", imports("entgo.io/ent/schema/field"), ""},
		{"the schema imports something else", "ent/schema/a.go", imports("github.com/google/uuid"), "nothing but Ent"},
		{"migrate imports the hub", "migrate/a.go", ours("auth"), wrongWay},
		{"entauth imports the schema", "entauth/a.go", ours("ent/schema"), ""},
		{"entauth imports the client", "entauth/a.go", ours("ent"), wrongWay},
		{"internal imports sessions", "internal/token/a.go", ours("sessions"), wrongWay},
		{"authtest imports the test databases", "authtest/a.go", ours("internal/testdb"), "links every driver"},
		{"an example imports all", "examples/x/main.go", ours("providers/x"), ""},
		{"a test imports what it likes", "sessions/a_test.go", ours("auth"), ""},
		{"a room nobody knows", "newroom/a.go", "package newroom\n", "no room yet"},
	})
	try(t, driversLinked, []sample{
		{"the hub links a driver", "auth/a.go", imports("github.com/lib/pq"), "the database driver"},
		{"migrate links a part of one", "migrate/a.go", imports("github.com/jackc/pgx/v5/stdlib"), "the database driver"},
		{"an example links one", "examples/x/main.go", imports("github.com/mattn/go-sqlite3"), ""},
		{"a test links one", "migrate/a_test.go", imports("github.com/mattn/go-sqlite3"), ""},
	})
}
