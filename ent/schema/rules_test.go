package schema_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	"github.com/torii-go/torii/ent/schema"
)

// types are all types, with their tables.
var types = []struct {
	schema ent.Interface
	table  string
}{
	{schema.User{}, "users"},
	{schema.Session{}, "auth_sessions"},
	{schema.Credential{}, "auth_credentials"},
	{schema.OAuthAccount{}, "auth_oauth_accounts"},
	{schema.MagicToken{}, "auth_magic_tokens"},
	{schema.Challenge{}, "auth_challenges"},
	{schema.AuthEvent{}, "auth_events"},
	{schema.RateLimit{}, "auth_rate_limits"},
	{schema.Outbox{}, "auth_outbox"},
	{schema.SigningKey{}, "auth_signing_keys"},
	{schema.AuthMeta{}, "auth_meta"},
}

func nameOf(s ent.Interface) string { return reflect.TypeOf(s).Name() }

// eachField calls f with every field of every type.
func eachField(t *testing.T, f func(name string, d *field.Descriptor)) {
	t.Helper()
	for _, s := range types {
		for _, x := range s.schema.Fields() {
			d := x.Descriptor()
			if d.Err != nil {
				t.Errorf("%s.%s: %v", nameOf(s.schema), d.Name, d.Err)
			}
			f(nameOf(s.schema)+"."+d.Name, d)
		}
	}
}

// A type that is added must be in the list above, or no rule sees it.
func TestAllTypesAreListed(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if s, ok := spec.Type.(*ast.StructType); ok && embedsSchema(s) {
					found = append(found, spec.Name.Name)
				}
			}
			return true
		})
	}
	var listed []string
	for _, s := range types {
		listed = append(listed, nameOf(s.schema))
	}
	slices.Sort(found)
	slices.Sort(listed)
	if !slices.Equal(found, listed) {
		t.Errorf("the package has %q, the rules look at %q", found, listed)
	}
}

func embedsSchema(s *ast.StructType) bool {
	return slices.ContainsFunc(s.Fields.List, func(f *ast.Field) bool {
		e, ok := f.Type.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		pkg, ok := e.X.(*ast.Ident) // mixin.Schema is no type
		return ok && len(f.Names) == 0 && pkg.Name == "ent" && e.Sel.Name == "Schema"
	})
}

// As mixins the types would hand these to a host's own types.
func TestTypesHaveNoBehaviour(t *testing.T) {
	for _, s := range types {
		if n := len(s.schema.Hooks()) + len(s.schema.Interceptors()) + len(s.schema.Mixin()); n > 0 || s.schema.Policy() != nil {
			t.Errorf("%s has hooks, interceptors, mixins or a policy", nameOf(s.schema))
		}
	}
}

func TestTablesAreNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range types {
		var table string
		for _, a := range s.schema.Annotations() {
			if sql, ok := a.(entsql.Annotation); ok {
				table = sql.Table
			}
		}
		if table != s.table || seen[table] || table != "users" && !strings.HasPrefix(table, "auth_") {
			t.Errorf("%s: table %q, want %q: users, or auth_ and a name of its own", nameOf(s.schema), table, s.table)
		}
		seen[table] = true
	}
}

func TestEveryStringIsBounded(t *testing.T) {
	eachField(t, func(name string, d *field.Descriptor) {
		if (d.Info.Type == field.TypeString || d.Info.Type == field.TypeBytes) && (d.Size <= 0 || d.Size > 65535) {
			t.Errorf("%s: MaxLen %d", name, d.Size)
		}
	})
}

// The bound is checked before the database is asked, also where it would cut in silence.
func TestBoundsAreChecked(t *testing.T) {
	eachField(t, func(name string, d *field.Descriptor) {
		if d.Info.Type != field.TypeString {
			return
		}
		refused := false
		for _, v := range d.Validators {
			if check, ok := v.(func(string) error); ok && check(strings.Repeat("x", d.Size+1)) != nil {
				refused = true
			}
		}
		if !refused {
			t.Errorf("%s: %d bytes are accepted, want at most %d", name, d.Size+1, d.Size)
		}
	})
}

func TestTimesAreMicroseconds(t *testing.T) {
	eachField(t, func(name string, d *field.Descriptor) {
		if d.Info.Type == field.TypeTime && d.SchemaType[dialect.MySQL] != "datetime(6)" {
			t.Errorf("%s: %q on MySQL, want datetime(6)", name, d.SchemaType[dialect.MySQL])
		}
	})
}

func TestHashesAreFixedAndBinary(t *testing.T) {
	eachField(t, func(name string, d *field.Descriptor) {
		if strings.HasSuffix(d.Name, "_hash") && (d.Info.Type != field.TypeBytes || d.Size != 32 || d.SchemaType[dialect.MySQL] != "binary(32)") {
			t.Errorf("%s: %v of %d bytes, %q on MySQL; want 32 bytes, binary(32)", name, d.Info.Type, d.Size, d.SchemaType[dialect.MySQL])
		}
	})
}

// What is secret is not printed with its row.
func TestSecretsAreSensitive(t *testing.T) {
	eachField(t, func(name string, d *field.Descriptor) {
		secret := strings.HasSuffix(d.Name, "_hash") || strings.HasSuffix(d.Name, "_token") ||
			d.Name == "secret" || d.Name == "private_key" || d.Name == "data"
		if secret && !d.Sensitive {
			t.Errorf("%s can be printed: want Sensitive", name)
		}
	})
}

func TestIDs(t *testing.T) {
	prefixes := map[string]string{}
	for _, s := range types {
		d := s.schema.Fields()[0].Descriptor()
		if d.Name != "id" || !d.Immutable || d.Size < 30 {
			t.Errorf("%s: the first field is %s of %d bytes, immutable %t; want an immutable id", nameOf(s.schema), d.Name, d.Size, d.Immutable)
		}
		newID, ok := d.Default.(func() string)
		if !ok {
			continue // a key with a meaning
		}
		prefix, rest, _ := strings.Cut(newID(), "_")
		if other := prefixes[prefix]; other != "" || len(prefix) != 3 || len(rest) != 26 {
			t.Errorf("%s: id %s_%s; prefix taken by %q", nameOf(s.schema), prefix, rest, other)
		}
		prefixes[prefix] = nameOf(s.schema)
	}
	if prefixes["usr"] != "User" || prefixes["ses"] != "Session" {
		t.Errorf("prefixes %v, want usr for User and ses for Session", prefixes)
	}
}

// What the host's graph shows has edges to the user, and goes with the user.
func TestEdges(t *testing.T) {
	want := []string{"Session", "Credential", "OAuthAccount", "MagicToken"}
	var cascading []string
	for _, e := range (schema.User{}).Edges() {
		d := e.Descriptor()
		for _, a := range d.Annotations {
			if sql, ok := a.(*entsql.Annotation); ok && sql.OnDelete == entsql.Cascade {
				cascading = append(cascading, d.Type)
			}
		}
	}
	if !slices.Equal(cascading, want) {
		t.Errorf("deleted with a user: %q, want %q", cascading, want)
	}
	for _, s := range types[1:] {
		visible := slices.Contains(want, nameOf(s.schema))
		edges := s.schema.Edges()
		if visible != (len(edges) == 1) || len(edges) > 0 && edges[0].(interface{ Descriptor() *edge.Descriptor }).Descriptor().Type != "User" {
			t.Errorf("%s has %d edges; in a host's graph: %t", nameOf(s.schema), len(edges), visible)
		}
	}
}
