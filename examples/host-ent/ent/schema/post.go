package schema

import (
	"errors"
	"strings"

	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Post is what users write.
type Post struct{ ent.Schema }

// Fields of Post. The author's id has the type of User's.
func (Post) Fields() []ent.Field {
	return []ent.Field{
		field.String("title").NotEmpty().MaxLen(200).Validate(storable),
		field.Text("body").Validate(storable),
		field.String("author_id").MaxLen(64).Immutable(),
	}
}

// Edges of Post.
func (Post) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("author", User.Type).Ref("posts").Field("author_id").Unique().Required().Immutable(),
	}
}

// Indexes of Post: the blog of an author.
func (Post) Indexes() []ent.Index { return []ent.Index{index.Fields("author_id")} }

// storable refuses what PostgreSQL cannot keep.
func storable(s string) error {
	if strings.ContainsRune(s, 0) {
		return errors.New("holds a NUL")
	}
	return nil
}
