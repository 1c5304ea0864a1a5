package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Challenge is the server's half of whatever starts in one request and ends in
// another: a pending second factor, OAuth state, a passkey ceremony, a code, a
// pending profile. Table "auth_challenges". It is bound to a browser through the hash
// of its flow cookie and consumed by deleting it.
type Challenge struct{ ent.Schema }

// Fields of Challenge.
func (Challenge) Fields() []ent.Field {
	return []ent.Field{
		idField("chl"),
		field.String("purpose").MaxLen(32).NotEmpty().Immutable(),
		field.Bytes("flow_hash").MinLen(32).MaxLen(32).SchemaType(hashType).Immutable().Sensitive(),
		userRef(),
		// Sealed: nothing in the database can be replayed.
		field.String("data").MaxLen(65535).SchemaType(longText).Sensitive(),
		field.Int("attempts").Default(0),
		deadline("expires_at"),
		createdAt(),
	}
}

// Indexes of Challenge.
func (Challenge) Indexes() []ent.Index {
	return []ent.Index{index.Fields("flow_hash"), index.Fields("user_id"), index.Fields("expires_at")}
}

// Annotations of Challenge: the table's name.
func (Challenge) Annotations() []schema.Annotation { return table("auth_challenges") }
