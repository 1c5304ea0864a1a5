package entauth

import (
	"math"
	"slices"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/entc/gen"
	"entgo.io/ent/schema/field"
)

// checkField compares a field of Torii's with the one in the application's type.
func checkField(t *gen.Type, ours *gen.Field, found *findings) {
	f := fieldOf(t, ours.Name)
	if f == nil {
		found.add("%s has no field %s: append Torii's in Fields(), or use torii.%s{} as a mixin", t.Name, ours.Name, t.Name)
		return
	}
	differs := func(what, have, want any) {
		found.add("%s.%s is Torii's, with another %s (%v instead of %v): take it from torii.%s{} unchanged", t.Name, f.Name, what, have, want, t.Name)
	}
	if f.Type.Type != ours.Type.Type || f.Type.String() != ours.Type.String() {
		differs("type", f.Type, ours.Type)
		return
	}
	for _, x := range []struct {
		what       string
		have, want bool
	}{
		{"Optional", f.Optional, ours.Optional},
		{"Nillable", f.Nillable, ours.Nillable},
		{"Immutable", f.Immutable, ours.Immutable},
		{"Unique", f.Unique, ours.Unique},
		{"Sensitive", f.Sensitive(), ours.Sensitive()},
	} {
		if x.have != x.want {
			differs(x.what, x.have, x.want)
		}
	}
	if f.StorageKey() != ours.StorageKey() {
		differs("column", f.StorageKey(), ours.StorageKey())
	}
	if have, want := sizeOf(f), sizeOf(ours); have < want {
		differs("size", have, want)
	}
	for name, want := range ours.Column().SchemaType {
		if have := f.Column().SchemaType[name]; have != want {
			differs("column type on "+name, quoted(have), want)
		}
	}
	if ant := f.EntSQL(); ant != nil && ant.Skip {
		found.add("%s.%s is left out of the migration by entsql.Skip: remove that", t.Name, f.Name)
	}
}

func quoted(s string) string {
	if s == "" {
		return "Ent's own"
	}
	return s
}

// entsSize is what Ent makes of a string without MaxLen on MySQL, in characters.
const entsSize = 255

// sizeOf is how much fits into a string or bytes column, as far as Ent decides.
func sizeOf(f *gen.Field) int64 {
	n := f.Column().Size
	switch {
	case n != 0:
		return n
	case f.Type.Type == field.TypeString:
		return entsSize
	}
	return math.MaxInt64
}

// checkRequiredEdges finds edges that a new user must have and nobody could give.
func checkRequiredEdges(t, ours *gen.Type, found *findings) {
	for _, e := range t.Edges {
		if edgeOf(ours, e.Name) == nil && !e.Optional && e.Field() == nil {
			found.add("the edge User.%s is required, and Torii makes users without it: bind it to a field, "+
				"edge.….Field(%q) with field.….(%q), for which AuthUser then has a method, or remove Required()", e.Name, e.Name+"_id", e.Name+"_id")
		}
	}
}

// checkInserted finds what a row that Torii inserts by its own client would lack.
func checkInserted(t, ours *gen.Type, found *findings) {
	for _, f := range added(t, ours) {
		switch {
		case f.Optional, hasDefault(f):
		case f.Default && f.IsString() && f.Column().Default != nil:
			found.add("%s.%s is a text with a default, which MySQL does not give to such columns, and Torii makes rows without it: make it Optional(), or give it a MaxLen up to 65535", t.Name, f.Name)
		case f.Default:
			found.add("%s.%s has a default that is only in Go, and Torii makes rows by its own client: make it Optional(), or give the column a constant Default or entsql.DefaultExpr", t.Name, f.Name)
		default:
			found.add("%s.%s is required, and Torii makes rows without it: make it Optional(), or give it a constant Default or entsql.DefaultExpr", t.Name, f.Name)
		}
	}
	for _, e := range t.Edges {
		if edgeOf(ours, e.Name) == nil && !e.Optional && (e.Field() == nil || fieldOf(ours, e.Field().Name) != nil) {
			found.add("the edge %s.%s is required, and Torii makes rows without it: remove Required()", t.Name, e.Name)
		}
	}
}

// hasDefault tells whether every database fills the column itself.
func hasDefault(f *gen.Field) bool {
	c := f.Column()
	switch d := c.Default.(type) {
	case nil:
		return false
	case schema.Expr:
		return true
	case map[string]schema.Expr:
		return !slices.ContainsFunc([]string{dialect.SQLite, dialect.MySQL, dialect.Postgres}, func(name string) bool { return d[name] == "" })
	}
	return !f.IsString() || sizeOf(f) <= math.MaxUint16
}
