package main

import (
	"context"
	"net/http"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/examples/host-ent/ent"
	"github.com/torii-go/torii/examples/host-ent/ent/team"
	"github.com/torii-go/torii/examples/host-ent/ent/user"
)

// Who leaves takes the posts along, by the foreign key's ON DELETE CASCADE, and leaves
// the team: others may be in it.
func TestDelete(t *testing.T) {
	eachHost(t, func(t *testing.T, h *host) {
		ada, bob := h.browser(t), h.browser(t)
		for name, b := range map[string]*browser{"ada": ada, "bob": bob} {
			want(t, name, b.register(name+"@example.org", "locale", "en", "username", name, "name", name), http.StatusCreated, "")
			want(t, "a post", b.call("POST", "/posts", "title", name, "body", "Text."), http.StatusCreated, "")
		}
		want(t, "delete", ada.call("DELETE", "/auth/user"), http.StatusNoContent, "")
		if got := h.rows(t); got != (rows{users: 1, teams: 2, passwords: 1, sessions: 1, posts: 1}) {
			t.Errorf("after one of two has left: %+v", got)
		}
		if names := h.client.Team.Query().Where(team.Not(team.HasMembers())).AllX(t.Context()); len(names) != 1 || names[0].Name != "Team of ada" {
			t.Errorf("the team that is left: %v", names)
		}
		if blog := bob.call("GET", "/blog"); len(blog.said.Posts) != 1 || blog.said.Posts[0].Title != "bob" {
			t.Errorf("the other's blog: %s", blog.body)
		}
		want(t, "the name is free again", h.browser(t).register("eve@example.org", "locale", "en", "username", "ada"), http.StatusCreated, "")

		// The other way round, a team that ends leaves its people.
		h.client.Team.Delete().ExecX(t.Context())
		if got := h.rows(t); got.users != 2 || got.teams != 0 {
			t.Errorf("after the teams have ended: %+v", got)
		}
		blog := bob.call("GET", "/blog")
		want(t, "the blog without a team", blog, http.StatusOK, "")
		if blog.said.Author.Team != "" {
			t.Errorf("the blog without a team: %s", blog.body)
		}
	})
}

// Whoever wants the empty team gone says so in a hook of Torii's, which is told before
// the user's rows go.
func TestDeleteWithTheTeam(t *testing.T) {
	eachHost(t, func(t *testing.T, h *host) {
		b := h.browser(t)
		want(t, "register", b.register("ada@example.org", "locale", "en"), http.StatusCreated, "")
		want(t, "delete", b.call("DELETE", "/auth/user"), http.StatusNoContent, "")
		if got := h.rows(t); got != (rows{}) {
			t.Errorf("after everybody has left: %+v", got)
		}
	}, func(h *host) auth.Hook {
		return func(ctx context.Context, tx *auth.Tx, e auth.Event) error {
			if e.Kind != auth.EventUserDeleted {
				return nil
			}
			ctx = allowed(ctx)
			in := h.client.InAuth(tx)
			own, err := in.User.Query().Where(user.ID(e.UserID)).QueryTeam().Only(ctx)
			if ent.IsNotFound(err) {
				return nil
			}
			if err != nil {
				return err
			}
			if n, err := own.QueryMembers().Count(ctx); err != nil || n > 1 {
				return err
			}
			return in.Team.DeleteOne(own).Exec(ctx)
		}
	})
}
