package entauth

import (
	"fmt"
	"maps"
	"slices"

	"entgo.io/ent"
	"entgo.io/ent/entc/gen"
	"entgo.io/ent/entc/load"

	torii "github.com/torii-go/torii/ent/schema"
)

// schemaPath is the package of Torii's types.
const schemaPath = "github.com/torii-go/torii/ent/schema"

// light is the mixin of a graph that has nothing of Torii's but users.
const light = "UserFields"

// internal are the types that are never in an application's graph.
func internal() []ent.Interface {
	return []ent.Interface{torii.Challenge{}, torii.AuthEvent{}, torii.RateLimit{}, torii.Outbox{}, torii.SigningKey{}, torii.AuthMeta{}}
}

// extendable are the names of the types that an application can have, in order.
func extendable() []string { return slices.Sorted(maps.Keys(torii.Extendable())) }

// reference is what the checks compare with: Torii's types as Ent understands them.
type reference struct {
	types  map[string]*gen.Type
	tables map[string]string // the type of each table of Torii's, internal ones too
}

func newReference() (*reference, error) {
	types := torii.Extendable()
	var all []ent.Interface
	for _, name := range extendable() {
		all = append(all, types[name])
	}
	g, err := newGraph(append(all, internal()...)...)
	if err != nil {
		return nil, fmt.Errorf("entauth: read Torii's schema: %w", err)
	}
	ref := &reference{types: map[string]*gen.Type{}, tables: map[string]string{}}
	for _, n := range g.Nodes {
		if types[n.Name] != nil {
			ref.types[n.Name] = n
		}
		ref.tables[n.Table()] = n.Name
	}
	return ref, nil
}

// newGraph makes Ent's graph of types of this process.
func newGraph(types ...ent.Interface) (*gen.Graph, error) {
	storage, err := gen.NewStorage("sql")
	if err != nil {
		return nil, err
	}
	var loaded []*load.Schema
	for _, t := range types {
		raw, err := load.MarshalSchema(t)
		if err != nil {
			return nil, err
		}
		s, err := load.UnmarshalSchema(raw)
		if err != nil {
			return nil, err
		}
		loaded = append(loaded, s)
	}
	return gen.NewGraph(&gen.Config{Package: "torii/ent", Storage: storage}, loaded...)
}

// fieldsOf are the fields of a type with its id.
func fieldsOf(t *gen.Type) []*gen.Field {
	if t.ID == nil {
		return t.Fields
	}
	return append([]*gen.Field{t.ID}, t.Fields...)
}

func fieldOf(t *gen.Type, name string) *gen.Field {
	fields := fieldsOf(t)
	if i := slices.IndexFunc(fields, func(f *gen.Field) bool { return f.Name == name }); i >= 0 {
		return fields[i]
	}
	return nil
}

func edgeOf(t *gen.Type, name string) *gen.Edge {
	if i := slices.IndexFunc(t.Edges, func(e *gen.Edge) bool { return e.Name == name }); i >= 0 {
		return t.Edges[i]
	}
	return nil
}

// added are the fields of an application's type that are not Torii's.
func added(t, ours *gen.Type) []*gen.Field {
	return slices.DeleteFunc(slices.Clone(t.Fields), func(f *gen.Field) bool { return fieldOf(ours, f.Name) != nil })
}
