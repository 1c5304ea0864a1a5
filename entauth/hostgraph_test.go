package entauth_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent"
	"entgo.io/ent/entc/gen"
	"entgo.io/ent/entc/load"
	entschema "entgo.io/ent/schema"

	torii "github.com/torii-go/torii/ent/schema"
	"github.com/torii-go/torii/entauth"
)

type (
	// Post is a host's own type.
	Post struct{ ent.Schema }
	// Team is a host's own type.
	Team struct{ ent.Schema }
)

// host is a host's schema as Ent has loaded it, by the names of the types.
type host struct {
	t       *testing.T
	types   map[string]*load.Schema
	cfg     *gen.Config
	isLight bool
}

func newHost(t *testing.T) *host {
	t.Helper()
	storage, err := gen.NewStorage("sql")
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, types: map[string]*load.Schema{}, cfg: &gen.Config{Package: "example.com/host/ent", Storage: storage, Target: t.TempDir()}}
	for _, s := range torii.Extendable() {
		h.put(s)
	}
	h.put(Post{})
	h.put(Team{})
	return h
}

func (h *host) put(s ent.Interface) {
	h.t.Helper()
	raw, err := load.MarshalSchema(s)
	if err != nil {
		h.t.Fatal(err)
	}
	loaded, err := load.UnmarshalSchema(raw)
	if err != nil {
		h.t.Fatal(err)
	}
	h.types[loaded.Name] = loaded
}

// light makes User what torii.UserFields{} makes of it.
func (h *host) light() {
	for name := range torii.Extendable() {
		if name != "User" {
			delete(h.types, name)
		}
	}
	h.types["User"].Edges = nil
	h.isLight = true
}

func (h *host) rename(from, to string) {
	h.types[to] = h.types[from]
	h.types[to].Name = to
	delete(h.types, from)
}

func (h *host) field(typ string, f ent.Field) {
	h.t.Helper()
	loaded, err := load.NewField(f.Descriptor())
	if err != nil {
		h.t.Fatal(err)
	}
	h.types[typ].Fields = append(h.types[typ].Fields, loaded)
}

func (h *host) edge(typ string, e ent.Edge) {
	h.types[typ].Edges = append(h.types[typ].Edges, load.NewEdge(e.Descriptor()))
}

func (h *host) annotate(typ string, a entschema.Annotation) {
	if h.types[typ].Annotations == nil {
		h.types[typ].Annotations = map[string]any{}
	}
	h.types[typ].Annotations[a.Name()] = a
}

// at returns a field that is there.
func (h *host) at(typ, name string) *load.Field {
	i := slices.IndexFunc(h.types[typ].Fields, func(f *load.Field) bool { return f.Name == name })
	return h.types[typ].Fields[i]
}

func (h *host) mark(typ, name string, a entschema.Annotation) {
	h.at(typ, name).Annotations = map[string]any{a.Name(): a}
}

// check runs the extension's hook on the graph.
func (h *host) check() error {
	h.t.Helper()
	dir := h.t.TempDir()
	source := head + mixedUser
	if h.isLight {
		source = head + lightUser
	}
	write(h.t, filepath.Join(dir, "user.go"), source)
	e := entauth.New(entauth.SchemaDir(dir))
	if err := e.Options()[0](h.cfg); err != nil {
		h.t.Fatal(err)
	}
	var loaded []*load.Schema
	for _, s := range h.types {
		loaded = append(loaded, s)
	}
	slices.SortFunc(loaded, func(a, b *load.Schema) int { return strings.Compare(a.Name, b.Name) })
	g, err := gen.NewGraph(h.cfg, loaded...)
	if err != nil {
		h.t.Fatal(err)
	}
	generated := false
	err = e.Hooks()[0](gen.GenerateFunc(func(*gen.Graph) error { generated = true; return nil })).Generate(g)
	if generated == (err != nil) {
		h.t.Errorf("generated: %t, with the error %v", generated, err)
	}
	return err
}
