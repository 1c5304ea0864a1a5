package schema

import (
	"context"

	"entgo.io/ent"

	"github.com/torii-go/torii/auth"
	gen "github.com/torii-go/torii/examples/host-ent/ent"
	"github.com/torii-go/torii/examples/host-ent/ent/post"
	"github.com/torii-go/torii/examples/host-ent/ent/privacy"
	"github.com/torii-go/torii/examples/host-ent/ent/user"
)

// Policy of User: people read and write themselves, and nobody else. Whoever has to see
// everybody, an administrator's tool, asks with privacy.DecisionContext.
func (User) Policy() ent.Policy {
	return privacy.Policy{
		Query: privacy.QueryPolicy{
			privacy.UserQueryRuleFunc(func(ctx context.Context, q *gen.UserQuery) error {
				return seeing(ctx, func(id string) { q.Where(user.ID(id)) })
			}),
			privacy.AlwaysDenyRule(),
		},
		Mutation: privacy.MutationPolicy{
			privacy.OnMutationOperation(privacy.UserMutationRuleFunc(newcomer), ent.OpCreate),
			privacy.DenyMutationOperationRule(ent.OpCreate),
			privacy.UserMutationRuleFunc(func(ctx context.Context, m *gen.UserMutation) error {
				return seeing(ctx, func(id string) { m.Where(user.ID(id)) })
			}),
			privacy.AlwaysDenyRule(),
		},
	}
}

// Policy of Post: people read and write their own.
func (Post) Policy() ent.Policy {
	return privacy.Policy{
		Query: privacy.QueryPolicy{
			privacy.PostQueryRuleFunc(func(ctx context.Context, q *gen.PostQuery) error {
				return seeing(ctx, func(id string) { q.Where(post.AuthorID(id)) })
			}),
			privacy.AlwaysDenyRule(),
		},
		Mutation: privacy.MutationPolicy{
			privacy.OnMutationOperation(privacy.PostMutationRuleFunc(ownWork), ent.OpCreate),
			privacy.DenyMutationOperationRule(ent.OpCreate),
			privacy.PostMutationRuleFunc(func(ctx context.Context, m *gen.PostMutation) error {
				return seeing(ctx, func(id string) { m.Where(post.AuthorID(id)) })
			}),
			privacy.AlwaysDenyRule(),
		},
	}
}

// seeing narrows a query or a change to what the signed-in user may see, and allows it.
func seeing(ctx context.Context, narrow func(userID string)) error {
	u, ok := auth.UserFrom(ctx)
	if !ok {
		return privacy.Skip
	}
	narrow(u.ID)
	return privacy.Allow
}

// reserved are names that would pass for the site itself.
var reserved = map[string]bool{"admin": true, "root": true, "support": true}

// newcomer lets Torii make a user, when nobody is signed in yet.
func newcomer(ctx context.Context, m *gen.UserMutation) error {
	if !auth.SigningUp(ctx) {
		return privacy.Skip
	}
	if name, _ := m.Username(); reserved[name] {
		return privacy.Denyf("the name %q is reserved", name)
	}
	return privacy.Allow
}

// ownWork lets people write in their own name; hooks of a sign-up, in the newcomer's.
func ownWork(ctx context.Context, m *gen.PostMutation) error {
	if auth.SigningUp(ctx) {
		return privacy.Allow
	}
	author, _ := m.AuthorID()
	if u, ok := auth.UserFrom(ctx); ok && u.ID == author {
		return privacy.Allow
	}
	return privacy.Skip
}
