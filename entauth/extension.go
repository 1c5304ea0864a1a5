package entauth

import (
	"path/filepath"
	"strings"
	"text/template"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

// Extension is the entc.Extension that puts Torii's tables into an application's Ent
// graph. Make one with [New].
type Extension struct {
	entc.DefaultExtension
	schemaDir string
	// dir is the application's schema folder, and src what was read there before Ent
	// loads it.
	dir string
	src *source
}

// Option is a setting of New.
type Option func(*Extension)

// SchemaDir says where the schema package is, if that is not the folder "schema" in the
// one into which Ent generates.
func SchemaDir(path string) Option { return func(e *Extension) { e.schemaDir = path } }

// New returns the extension for
//
//	entc.Generate("./schema", &gen.Config{}, entc.Extensions(entauth.New()))
//
// Everything that is wrong with the schema is one [*SchemaError], and nothing is
// generated.
func New(opts ...Option) *Extension {
	e := &Extension{}
	for _, o := range opts {
		o(e)
	}
	return e
}

// Options implements entc.Extension: before the schema is loaded it is read, checked, and
// completed with the stubs.
func (e *Extension) Options() []entc.Option {
	return []entc.Option{func(cfg *gen.Config) (err error) {
		if e.dir = e.schemaDir; e.dir == "" {
			e.dir = filepath.Join(cfg.Target, "schema")
		}
		e.src, err = writeStubs(e.dir, tagsOf(cfg.BuildFlags))
		return err
	}}
}

// Hooks implements entc.Extension: the loaded graph is checked before anything is
// generated.
func (e *Extension) Hooks() []gen.Hook {
	return []gen.Hook{func(next gen.Generator) gen.Generator {
		return gen.GenerateFunc(func(g *gen.Graph) error {
			ref, err := newReference()
			if err != nil {
				return err
			}
			found := checkGraph(g, ref, e.src != nil && e.src.light())
			e.checkPlace(g, &found)
			if err := found.err(); err != nil {
				return err
			}
			return next.Generate(g)
		})
	}}
}

// Templates implements entc.Extension: the bridge, torii_auth.go.
func (e *Extension) Templates() []*gen.Template {
	t := gen.NewTemplate("torii_auth").Funcs(template.FuncMap{"toriiBridge": newBridge})
	return []*gen.Template{gen.MustParse(t.Parse(bridgeText))}
}

// checkPlace sees that Ent has loaded the folder that was read here.
func (e *Extension) checkPlace(g *gen.Graph, found *findings) {
	u := nodeOf(g, "User")
	if u == nil {
		return
	}
	loaded, _, ok := strings.Cut(u.Pos(), ".go:")
	if !ok {
		return
	}
	if have, want := realDir(filepath.Dir(loaded)), realDir(e.dir); have != want {
		found.add("Ent has loaded the schema in %s, and the extension has read %s: say entauth.New(entauth.SchemaDir(…)) with the folder that entc.Generate is given", have, want)
	}
}

func realDir(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return dir
}

// tagsOf finds the build tags in flags of the go command.
func tagsOf(flags []string) []string {
	var tags []string
	for i, flag := range flags {
		name, value, ok := strings.Cut(strings.TrimLeft(flag, "-"), "=")
		if name != "tags" {
			continue
		}
		if !ok && i+1 < len(flags) {
			value = flags[i+1]
		}
		tags = append(tags, strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })...)
	}
	return tags
}

var _ entc.Extension = (*Extension)(nil)
