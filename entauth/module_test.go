package entauth_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/entc/gen"
)

// module is a host's module in a folder of its own: that of testdata/host, on this
// repository.
type module struct{ dir string }

func newModule(t *testing.T) module {
	t.Helper()
	m := module{t.TempDir()}
	if err := os.CopyFS(m.dir, os.DirFS("testdata/host")); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	gomod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(gomod), "module github.com/torii-go/torii", "module example.com/host", 1)
	text = regexp.MustCompile(`(entgo\.io/ent) v\S+`).ReplaceAllString(text, "$1 "+entVersion(t))
	write(t, filepath.Join(m.dir, "go.mod"), text+"\nrequire github.com/torii-go/torii v0.0.0\n\nreplace github.com/torii-go/torii => "+root+"\n")
	gosum, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(m.dir, "go.sum"), string(gosum))
	return m
}

// entVersion is that of the Ent that this test is linked with; tools/ent-next.sh takes
// another than go.mod.
func entVersion(t *testing.T) string {
	t.Helper()
	file, _ := runtime.FuncForPC(reflect.ValueOf(gen.NewStorage).Pointer()).FileLine(0)
	found := regexp.MustCompile(`entgo\.io/ent@(v[^/]+)/`).FindStringSubmatch(filepath.ToSlash(file))
	if found == nil {
		t.Fatalf("no version of Ent in %s", file)
	}
	return found[1]
}

// run runs the go command in the module. The network is for an empty module cache alone.
func (m module) run(t *testing.T, args ...string) (output string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod -buildvcs=false", "GOSUMDB=off", "GOWORK=off")
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	t.Logf("go %s: %.1f s", strings.Join(args, " "), time.Since(begin).Seconds())
	return string(out), err
}

func (m module) must(t *testing.T, args ...string) {
	t.Helper()
	if out, err := m.run(t, args...); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func (m module) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (m module) replace(t *testing.T, name, from, to string) {
	t.Helper()
	text := m.read(t, name)
	if !strings.Contains(text, from) {
		t.Fatalf("%s does not contain %q", name, from)
	}
	write(t, filepath.Join(m.dir, name), strings.Replace(text, from, to, 1))
}

// Three hosts: one that extends User in every way with nearly every feature of Ent, one
// with a Session of its own and no feature, one that declares nothing of Torii's. Their
// own tests run on what is generated.
func TestHosts(t *testing.T) {
	m := newModule(t)
	m.must(t, "generate", "./...")
	m.must(t, "test", "-vet=all", "./...")
	first := m.read(t, "wide/ent/torii_auth.go")

	// A second required field is a second method, without which the host does not build.
	m.replace(t, "wide/ent/schema/user.go", `field.Enum("role")`, `field.String("country"), field.Enum("role")`)
	m.must(t, "generate", "./wide/...")
	if out, err := m.run(t, "vet", "./wide"); err == nil || !strings.Contains(out, "missing method Country") {
		t.Errorf("a host without the method for a new required field: %v\n%s", err, out)
	}

	// Without it everything is as it was, to the byte.
	m.replace(t, "wide/ent/schema/user.go", `field.String("country"), `, "")
	m.must(t, "generate", "./wide/...")
	if again := m.read(t, "wide/ent/torii_auth.go"); again != first {
		t.Error("torii_auth.go is another when it is generated again")
	}

	// A mistake that only the loaded graph shows.
	m.replace(t, "light/ent/schema/user.go", `field.Int("minutes")`, `field.Int("minutes").Annotations(torii.Shown())`)
	if out, err := m.run(t, "generate", "./light/..."); err == nil || !strings.Contains(out, "Session.minutes is not a field of User") {
		t.Errorf("a mistake in the schema: %v\n%s", err, out)
	}
	// The schema is somewhere else.
	m.replace(t, "light/ent/entc.go", `"./schema"`, `"./tables"`)
	if err := os.CopyFS(filepath.Join(m.dir, "light/ent/tables"), os.DirFS(filepath.Join(m.dir, "bare/ent/schema"))); err != nil {
		t.Fatal(err)
	}
	if out, err := m.run(t, "generate", "./light/..."); err == nil || !strings.Contains(out, "say entauth.New(entauth.SchemaDir(…))") {
		t.Errorf("a schema that is not where the extension looks: %v\n%s", err, out)
	}
}
