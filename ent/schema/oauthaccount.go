package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// OAuthAccount is an identity at another provider, linked to a user. Table
// "auth_oauth_accounts". Its key is (provider, issuer, subject), never an address.
type OAuthAccount struct{ ent.Schema }

// Fields of OAuthAccount.
func (OAuthAccount) Fields() []ent.Field {
	return []ent.Field{
		idField("oac"),
		field.String("user_id").MaxLen(maxID).Immutable(),
		field.String("provider").MaxLen(64).NotEmpty().Immutable(),
		field.String("issuer").MaxLen(512).Immutable(),
		field.String("subject").MaxLen(512).NotEmpty().Immutable(),
		field.Bytes("subject_hash").MinLen(32).MaxLen(32).SchemaType(hashType).Unique().Immutable().Sensitive(),
		// As the provider told them; neither decides anything about the user.
		field.String("email").MaxLen(512).Default(""),
		field.String("profile").MaxLen(16384).SchemaType(longText).Optional(),
		field.String("access_token").MaxLen(16384).SchemaType(longText).Optional().Sensitive(),
		field.String("refresh_token").MaxLen(16384).SchemaType(longText).Optional().Sensitive(),
		moment("token_expires_at"),
		moment("last_used_at"),
		createdAt(),
		updatedAt(),
	}
}

// Edges of OAuthAccount.
func (OAuthAccount) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("oauth_accounts").Field("user_id").Unique().Required().Immutable(),
	}
}

// Indexes of OAuthAccount.
func (OAuthAccount) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id")}
}

// Annotations of OAuthAccount: the table's name.
func (OAuthAccount) Annotations() []schema.Annotation { return table("auth_oauth_accounts") }
