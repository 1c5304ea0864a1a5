package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// MagicToken is a one-time secret sent by mail: sign-in, verification, reset, change
// of address and its undo. Table "auth_magic_tokens". Only hashes are stored.
type MagicToken struct{ ent.Schema }

// Fields of MagicToken. A token for an address without an account has no user.
func (MagicToken) Fields() []ent.Field {
	return []ent.Field{
		idField("mgt"),
		field.String("user_id").MaxLen(maxID).Optional().Nillable().Immutable(),
		field.String("purpose").MaxLen(32).NotEmpty().Immutable(),
		// The exact address that the secret was sent to.
		field.String("email").MaxLen(254).NotEmpty().Immutable(),
		field.Bytes("token_hash").MinLen(32).MaxLen(32).SchemaType(hashType).Unique().Immutable().Sensitive(),
		field.Bytes("code_hash").MaxLen(32).SchemaType(hashType).Optional().Nillable().Immutable().Sensitive(),
		field.Bytes("flow_hash").MaxLen(32).SchemaType(hashType).Optional().Nillable().Immutable().Sensitive(),
		field.Int("attempts").Default(0),
		deadline("expires_at"),
		moment("used_at"),
		createdAt(),
	}
}

// Edges of MagicToken.
func (MagicToken) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("magic_tokens").Field("user_id").Unique().Immutable(),
	}
}

// Indexes of MagicToken.
func (MagicToken) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id"), index.Fields("email"), index.Fields("expires_at")}
}

// Annotations of MagicToken: the table's name.
func (MagicToken) Annotations() []schema.Annotation { return table("auth_magic_tokens") }
