package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
)

// Note is all that this host declares.
type Note struct{ ent.Schema }

// Fields of Note.
func (Note) Fields() []ent.Field { return []ent.Field{field.String("text")} }

// Edges of Note.
func (Note) Edges() []ent.Edge { return []ent.Edge{edge.To("author", User.Type).Unique()} }
