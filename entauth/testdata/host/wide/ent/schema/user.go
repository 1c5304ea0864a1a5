package schema

import (
	"context"
	"errors"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/privacy"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"example.com/host/money"
	torii "github.com/torii-go/torii/ent/schema"
)

// User is Torii's, with what this host needs.
type User struct{ ent.Schema }

// Mixin of User.
func (User) Mixin() []ent.Mixin { return []ent.Mixin{torii.User{}} }

// Fields of User.
func (User) Fields() []ent.Field {
	return []ent.Field{
		field.String("plan").Default("free").Annotations(torii.Shown()),
		field.String("username").MaxLen(20).MinLen(3).Unique().Optional().Nillable().Annotations(torii.SignUp(), torii.Shown(), torii.Editable()),
		field.Enum("role").Values("reader", "writer").Annotations(torii.SignUp(), torii.Shown()),
		field.Time("terms_at").Annotations(torii.Shown()),
		field.String("currency").GoType(money.Currency("")).Annotations(torii.SignUp(), torii.Shown(), torii.Editable()),
		field.String("team_id").Optional(),
		field.String("nick").StorageKey("nickname").Optional().Annotations(torii.Shown(), torii.Editable()),
		field.Int("age").Optional().Annotations(torii.SignUp(), torii.Shown(), torii.Editable()),
		field.Float("score").Default(1.5).Immutable().Annotations(torii.Shown()),
		field.Bool("news").Default(false).Annotations(torii.Editable()),
		field.UUID("tag", uuid.UUID{}).Default(uuid.New).Annotations(torii.Shown()),
		field.Strings("labels").Optional(),
		field.Time("seen_at").Optional().Annotations(torii.Shown()),
		field.Int64("number").Annotations(entsql.DefaultExpr("7")),
	}
}

// Edges of User.
func (User) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("posts", Post.Type),
		edge.From("team", Team.Type).Ref("members").Field("team_id").Unique(),
	}
}

// Hooks of User: one name is refused.
func (User) Hooks() []ent.Hook {
	return []ent.Hook{func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			if name, _ := m.Field("username"); name == "refused" {
				return nil, ErrRefused
			}
			return next.Mutate(ctx, m)
		})
	}}
}

// Policy of User: one name is denied.
func (User) Policy() ent.Policy { return privacy.Policy{Mutation: privacy.MutationPolicy{deny{}}} }

type deny struct{}

// EvalMutation implements privacy.MutationRule.
func (deny) EvalMutation(_ context.Context, m ent.Mutation) error {
	if name, _ := m.Field("username"); name == "denied" {
		return privacy.Denyf("not this name")
	}
	return privacy.Skip
}

// ErrRefused is the hook's.
var ErrRefused = errors.New("refused by the hook")
