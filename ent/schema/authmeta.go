package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// AuthMeta holds what the migration knows of the database: the schema's version, which
// tables are Torii's, and whether it is for sessions only. Table "auth_meta".
type AuthMeta struct{ ent.Schema }

// Fields of AuthMeta.
func (AuthMeta) Fields() []ent.Field {
	return []ent.Field{
		keyField(maxID),
		field.String("value").MaxLen(1024),
		updatedAt(),
	}
}

// Annotations of AuthMeta: the table's name.
func (AuthMeta) Annotations() []schema.Annotation { return table("auth_meta") }
