// Package schema has the types of this application. Torii's are in torii_gen.go, which
// entauth writes; User is declared here because it has more than Torii's.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	torii "github.com/torii-go/torii/ent/schema"
)

// User is Torii's, with what this application adds: fields, edges, a policy and a hook.
type User struct{ ent.Schema }

// Mixin makes it Torii's.
func (User) Mixin() []ent.Mixin { return []ent.Mixin{torii.User{}} }

// Fields that Torii does not know. The annotations say which of them a person gives at
// sign-up, sees and changes.
func (User) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("plan").Values("free", "pro").Default("free").
			Annotations(torii.Shown()),
		// Required: who signs up has to say it. The default is of the column alone, for
		// users who were there before it.
		field.String("locale").MaxLen(35).NotEmpty().
			Annotations(torii.SignUp(), torii.Shown(), torii.Editable(), entsql.Default("en")),
		field.String("username").MinLen(2).MaxLen(30).Unique().Optional().Nillable().
			Annotations(torii.SignUp(), torii.Shown()),
		field.Int("team_id").Optional().Nillable(),
	}
}

// Edges to the application's own types. Posts go with their author, by the database's
// hand, since Torii deletes users without asking this schema. A team stays.
func (User) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("posts", Post.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.From("team", Team.Type).Ref("members").Field("team_id").Unique(),
	}
}
