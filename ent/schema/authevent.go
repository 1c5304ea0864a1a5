package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// AuthEvent is one line of the audit log. Table "auth_events". Rows are only ever
// appended, and outlive their user.
type AuthEvent struct{ ent.Schema }

// Fields of AuthEvent.
func (AuthEvent) Fields() []ent.Field {
	return []ent.Field{
		idField("evt"),
		field.String("kind").MaxLen(64).NotEmpty().Immutable(),
		field.String("user_id").MaxLen(maxID).Optional().Immutable(),
		field.String("session_id").MaxLen(maxID).Optional().Immutable(),
		field.String("provider").MaxLen(64).Optional().Immutable(),
		// The public error code of a refusal.
		field.String("code").MaxLen(64).Optional().Immutable(),
		// For an unknown account: an HMAC of what was typed, since people type
		// passwords into that field.
		field.String("subject").MaxLen(64).Optional().Immutable(),
		field.String("ip").MaxLen(64).Optional().Immutable(),
		field.String("user_agent").MaxLen(512).Optional().Immutable(),
		createdAt(),
	}
}

// Indexes of AuthEvent.
func (AuthEvent) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id", "created_at"), index.Fields("created_at")}
}

// Annotations of AuthEvent: the table's name.
func (AuthEvent) Annotations() []schema.Annotation { return table("auth_events") }
