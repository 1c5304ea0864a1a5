package schema

import (
	"time"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// Now is the default of the time columns: UTC in whole microseconds, the one form
// that all three databases store and compare alike (SQLite compares times as text,
// PostgreSQL and MySQL keep six decimals). The services pass their own clock; this
// default serves rows that a host inserts itself.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// timeType asks MySQL and MariaDB for microseconds up to the year 9999; Ent's own
// choice there is a timestamp of whole seconds that ends in 2038.
var timeType = map[string]string{dialect.MySQL: "datetime(6)"}

// hashType asks MySQL and MariaDB for a fixed binary column: an index on Ent's
// default, a blob, is refused by MySQL.
var hashType = map[string]string{dialect.MySQL: "binary(32)"}

// longText keeps MySQL and MariaDB from counting a long string against the 65,535 bytes
// of a row. Never indexed.
var longText = map[string]string{dialect.MySQL: "mediumtext"}

func idField(prefix string) ent.Field {
	return field.String("id").MaxLen(maxID).NotEmpty().Immutable().DefaultFunc(newID(prefix))
}

// keyField is the id of rows whose key has a meaning and is given by the writer.
func keyField(maxLen int) ent.Field {
	return field.String("id").MaxLen(maxLen).NotEmpty().Immutable()
}

func createdAt() ent.Field {
	return field.Time("created_at").SchemaType(timeType).Immutable().Default(Now)
}

func updatedAt() ent.Field {
	return field.Time("updated_at").SchemaType(timeType).Default(Now).UpdateDefault(Now)
}

// moment is an optional time: NULL until it happens.
func moment(name string) ent.Field {
	return field.Time(name).SchemaType(timeType).Optional().Nillable()
}

// deadline is a required time.
func deadline(name string) ent.Field {
	return field.Time(name).SchemaType(timeType)
}

// userRef is a plain user id without edge or foreign key, for internal types whose
// rows may outlive their user.
func userRef() ent.Field {
	return field.String("user_id").MaxLen(maxID).Optional()
}

func table(name string) []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: name}}
}
