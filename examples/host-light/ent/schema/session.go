package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
)

// Session is an hour of yoga, and has nothing to do with who is signed in. Table
// "sessions"; Torii's own are in "auth_sessions".
type Session struct{ ent.Schema }

// Fields of Session.
func (Session) Fields() []ent.Field {
	return []ent.Field{
		field.String("title").MaxLen(100).NotEmpty(),
		field.Enum("level").Values("beginner", "advanced").Default("beginner"),
	}
}

// Edges of Session.
func (Session) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("bookings", Booking.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}
