package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Booking is a user's place in a session.
type Booking struct{ ent.Schema }

// Fields of Booking. A user's id is a string of at most 64 bytes.
func (Booking) Fields() []ent.Field {
	return []ent.Field{
		field.String("user_id").MaxLen(64).Immutable(),
		field.Int("session_id").Immutable(),
	}
}

// Edges of Booking.
func (Booking) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("bookings").Field("user_id").Unique().Required().Immutable(),
		edge.From("session", Session.Type).Ref("bookings").Field("session_id").Unique().Required().Immutable(),
	}
}

// Indexes of Booking: nobody has two places in one session.
func (Booking) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id", "session_id").Unique()}
}
