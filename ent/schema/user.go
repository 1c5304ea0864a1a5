package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
)

// User is a person who can sign in. Table "users".
type User struct{ ent.Schema }

// Fields of User. The e-mail address is stored in its canonical form, which is unique, and
// beside it as it was typed.
func (User) Fields() []ent.Field {
	return []ent.Field{
		idField("usr"),
		field.String("email").MaxLen(254).NotEmpty().Unique(),
		field.String("email_entered").MaxLen(512).Default(""),
		field.String("name").MaxLen(400).Optional().Nillable(),
		field.String("picture").MaxLen(2048).Optional().Nillable(),
		moment("email_verified_at"),
		moment("disabled_at"),
		// Sessions that carry their own proof (JWT) and were issued before this
		// instant are refused wherever the user is read.
		moment("sessions_valid_after"),
		createdAt(),
		updatedAt(),
	}
}

// Edges of User: what is deleted with it, by the database.
func (User) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("sessions", Session.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("credentials", Credential.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("oauth_accounts", OAuthAccount.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("magic_tokens", MagicToken.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Annotations of User: the table's name.
func (User) Annotations() []schema.Annotation { return table("users") }

// UserFields is User without its edges: for an application that wants users in its graph
// and nothing else of Torii's, because it has a Session of its own for example.
type UserFields struct{ mixin.Schema }

// Fields of UserFields are those of User.
func (UserFields) Fields() []ent.Field { return User{}.Fields() }

// Annotations of UserFields: the table's name.
func (UserFields) Annotations() []schema.Annotation { return User{}.Annotations() }
