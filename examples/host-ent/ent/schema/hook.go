package schema

import (
	"context"

	"entgo.io/ent"

	gen "github.com/torii-go/torii/examples/host-ent/ent"
	"github.com/torii-go/torii/examples/host-ent/ent/hook"
)

// Hooks of User: whoever makes one, makes a team.
func (User) Hooks() []ent.Hook { return []ent.Hook{hook.On(ownTeam, ent.OpCreate)} }

// ownTeam gives a new user a team, unless there is one to join. Torii makes users in a
// transaction and runs this in it, so that neither is ever there without the other.
func ownTeam(next ent.Mutator) ent.Mutator {
	return hook.UserFunc(func(ctx context.Context, m *gen.UserMutation) (ent.Value, error) {
		if _, joins := m.TeamID(); !joins {
			name := "My team"
			if who, ok := m.Name(); ok {
				name = "Team of " + who
			}
			t, err := m.Client().Team.Create().SetName(name).Save(ctx)
			if err != nil {
				return nil, err
			}
			m.SetTeamID(t.ID)
		}
		return next.Mutate(ctx, m)
	})
}
