package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Credential is something a user proves who they are with: a password, a passkey, a
// one-time-code generator, a recovery code. Table "auth_credentials".
type Credential struct{ ent.Schema }

// Fields of Credential.
func (Credential) Fields() []ent.Field {
	return []ent.Field{
		idField("crd"),
		field.String("user_id").MaxLen(maxID).Immutable(),
		field.String("kind").MaxLen(32).NotEmpty().Immutable(),
		// Unique with its kind, through identifier_hash: MariaDB pads strings with
		// spaces when it compares them, and a passkey id is too long for an index.
		field.String("identifier").MaxLen(2048).Immutable(),
		field.Bytes("identifier_hash").MinLen(32).MaxLen(32).SchemaType(hashType).Unique().Immutable().Sensitive(),
		// A password hash, or sealed data.
		field.String("secret").MaxLen(16384).SchemaType(longText).Optional().Sensitive(),
		field.Bytes("public_key").MaxLen(4096).Optional().Nillable(),
		// What an authenticator says of itself (WebAuthn Level 3, section 4, "credential
		// record"): how often it signed, the flags of its data when it last did, its model,
		// how it is reached, and what it knows the user as.
		field.Int64("sign_count").Default(0),
		field.Int64("flags").Default(0),
		field.String("aaguid").MaxLen(36).Default("").Immutable(),
		field.String("transports").MaxLen(200).Default("").Immutable(),
		field.Bytes("user_handle").MaxLen(64).Optional().Nillable().Immutable().Sensitive(),
		field.String("name").MaxLen(200).Default(""),
		// A user who has one of these needs it beside another factor to get in.
		field.Bool("second_factor").Default(false),
		// Set when the secret is known to be compromised: it proves who somebody is
		// only together with its replacement.
		moment("change_required_at"),
		moment("last_used_at"),
		createdAt(),
		// When the secret was made or last changed. Each change says so; a use or another name
		// is none, or undoing a change of address would take away what its owner signs in with.
		field.Time("updated_at").SchemaType(timeType).Default(Now),
	}
}

// Edges of Credential.
func (Credential) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("credentials").Field("user_id").Unique().Required().Immutable(),
	}
}

// Indexes of Credential.
func (Credential) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id", "kind")}
}

// Annotations of Credential: the table's name.
func (Credential) Annotations() []schema.Annotation { return table("auth_credentials") }
