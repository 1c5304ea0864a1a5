package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// SigningKey is a key that signs JSON Web Tokens, sealed. Table "auth_signing_keys".
// Its id is the key id that tokens carry.
type SigningKey struct{ ent.Schema }

// Fields of SigningKey.
func (SigningKey) Fields() []ent.Field {
	return []ent.Field{
		keyField(maxID),
		field.String("algorithm").MaxLen(16).NotEmpty().Immutable(),
		field.Bytes("public_key").MaxLen(8192).Optional().Nillable().Immutable(),
		// Never unsealed in the database.
		field.String("private_key").MaxLen(16384).SchemaType(longText).Immutable().Sensitive(),
		moment("retired_at"),
		createdAt(),
	}
}

// Annotations of SigningKey: the table's name.
func (SigningKey) Annotations() []schema.Annotation { return table("auth_signing_keys") }
