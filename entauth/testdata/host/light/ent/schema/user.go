package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	torii "github.com/torii-go/torii/ent/schema"
)

// User has Torii's fields and none of its edges.
type User struct{ ent.Schema }

// Mixin of User.
func (User) Mixin() []ent.Mixin { return []ent.Mixin{torii.UserFields{}} }

// Fields of User.
func (User) Fields() []ent.Field { return []ent.Field{field.String("plan").Default("free")} }

// Edges of User.
func (User) Edges() []ent.Edge { return []ent.Edge{edge.To("sessions", Session.Type)} }

// Session is the host's own: a session of training.
type Session struct{ ent.Schema }

// Fields of Session.
func (Session) Fields() []ent.Field { return []ent.Field{field.Int("minutes")} }
