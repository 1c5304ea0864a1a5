package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
)

// Post is the host's own.
type Post struct{ ent.Schema }

// Fields of Post.
func (Post) Fields() []ent.Field { return []ent.Field{field.String("title")} }

// Edges of Post.
func (Post) Edges() []ent.Edge {
	return []ent.Edge{edge.From("author", User.Type).Ref("posts").Unique().Required()}
}

// Team is the host's own.
type Team struct{ ent.Schema }

// Fields of Team.
func (Team) Fields() []ent.Field { return []ent.Field{field.String("id"), field.String("name")} }

// Edges of Team.
func (Team) Edges() []ent.Edge { return []ent.Edge{edge.To("members", User.Type)} }
