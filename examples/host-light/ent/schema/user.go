// Package schema declares what the studio stores: users, yoga sessions and bookings.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	torii "github.com/torii-go/torii/ent/schema"
)

// User is a person who can sign in: Torii's fields, and what the studio knows beside them.
type User struct{ ent.Schema }

// Mixin of User: Torii's fields without its edges, so that nothing else of Torii's is in
// this graph and the name Session is free.
func (User) Mixin() []ent.Mixin { return []ent.Mixin{torii.UserFields{}} }

// Fields of User.
func (User) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("level").Values("beginner", "advanced").Default("beginner").
			Annotations(torii.SignUp(), torii.Shown(), torii.Editable()),
	}
}

// Edges of User.
func (User) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("bookings", Booking.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}
