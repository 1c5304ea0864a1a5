package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Outbox is a mail that waits to be sent. Table "auth_outbox". It names what to
// write and to whom, never the secret: whoever claims the row makes that.
type Outbox struct{ ent.Schema }

// Fields of Outbox.
func (Outbox) Fields() []ent.Field {
	return []ent.Field{
		idField("out"),
		field.String("purpose").MaxLen(32).NotEmpty().Immutable(),
		field.String("email").MaxLen(254).NotEmpty().Immutable(),
		userRef(),
		field.String("locale").MaxLen(32).Default("").Immutable(),
		field.Bytes("flow_hash").MaxLen(32).SchemaType(hashType).Optional().Nillable().Immutable().Sensitive(),
		// What the mail names beside the application: an identity provider.
		field.String("about").MaxLen(100).Default("").Immutable(),
		field.Int("attempts").Default(0),
		deadline("next_attempt_at"),
		deadline("expires_at"),
		createdAt(),
	}
}

// Indexes of Outbox.
func (Outbox) Indexes() []ent.Index {
	return []ent.Index{index.Fields("next_attempt_at"), index.Fields("user_id")}
}

// Annotations of Outbox: the table's name.
func (Outbox) Annotations() []schema.Annotation { return table("auth_outbox") }
