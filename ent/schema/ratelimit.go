package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// RateLimit counts tries. Table "auth_rate_limits". Its id is its key, so that all
// instances of a host share one row.
type RateLimit struct{ ent.Schema }

// Fields of RateLimit.
func (RateLimit) Fields() []ent.Field {
	return []ent.Field{
		keyField(190),
		field.Int("count").Default(0),
		moment("blocked_until"),
		// When the row means nothing any more.
		deadline("expires_at"),
	}
}

// Indexes of RateLimit.
func (RateLimit) Indexes() []ent.Index { return []ent.Index{index.Fields("expires_at")} }

// Annotations of RateLimit: the table's name.
func (RateLimit) Annotations() []schema.Annotation { return table("auth_rate_limits") }
