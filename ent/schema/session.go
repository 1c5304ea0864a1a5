package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Session is an opaque session. Table "auth_sessions". The token itself is never
// stored, only its SHA-256.
type Session struct{ ent.Schema }

// Fields of Session.
func (Session) Fields() []ent.Field {
	return []ent.Field{
		idField("ses"),
		field.Bytes("token_hash").MaxLen(32).MinLen(32).SchemaType(hashType).Unique().Sensitive(),
		field.String("user_id").MaxLen(maxID),
		// "v1 kind@microseconds …": what was proven and when.
		field.String("factors").MaxLen(512).Default("v1"),
		// "cookie" or "bearer": a session keeps the transport it was opened with.
		field.String("transport").MaxLen(16).Default("cookie").Immutable(),
		field.String("user_agent").MaxLen(512).Default(""),
		field.String("ip").MaxLen(64).Default(""),
		createdAt(),
		field.Time("last_seen_at").SchemaType(timeType).Default(Now),
		// The earlier of idle and absolute expiry: the one column that is compared and
		// swept. Without an idle timeout it never changes, so its index is never written.
		deadline("expires_at"),
		field.Time("absolute_expires_at").SchemaType(timeType).Immutable(),
	}
}

// Edges of Session.
func (Session) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("sessions").Field("user_id").Unique().Required(),
	}
}

// Indexes of Session. last_seen_at has none on purpose: it is written often.
func (Session) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id"), index.Fields("expires_at")}
}

// Annotations of Session: the table's name.
func (Session) Annotations() []schema.Annotation { return table("auth_sessions") }
