package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
)

// Team is who works together. Every user has one from the first moment.
type Team struct{ ent.Schema }

// Fields of Team.
func (Team) Fields() []ent.Field { return []ent.Field{field.String("name").NotEmpty().MaxLen(450)} }

// Edges of Team.
func (Team) Edges() []ent.Edge { return []ent.Edge{edge.To("members", User.Type)} }
