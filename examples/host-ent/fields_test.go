package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/examples/host-ent/ent"
	"github.com/torii-go/torii/examples/host-ent/ent/privacy"
	"github.com/torii-go/torii/examples/host-ent/ent/user"
)

// Fields go over HTTP as the schema's annotations say, and no further.
func TestFieldsTravel(t *testing.T) {
	eachHost(t, func(t *testing.T, h *host) {
		b := h.browser(t)
		got := b.register("ada@example.org", "locale", "en-GB", "plan", "pro", "team_id", "7")
		want(t, "register", got, http.StatusCreated, "")
		shows := func(what string, u map[string]any, locale string) {
			t.Helper()
			if _, inside := u["team_id"]; u["plan"] != "free" || u["locale"] != locale || u["username"] != nil || inside {
				t.Errorf("%s: %v, want the plan free, the locale %s and no team_id", what, u, locale)
			}
		}
		shows("register", got.said.User, "en-GB")
		got = b.call("GET", "/auth/user")
		want(t, "look", got, http.StatusOK, "")
		shows("look", got.said.User, "en-GB")
		got = b.call("PATCH", "/auth/user", "locale", "de", "plan", "pro", "username", "ada")
		want(t, "change", got, http.StatusOK, "")
		shows("change", got.said.User, "de")
		want(t, "too long", b.call("PATCH", "/auth/user", "name", "Ada", "locale", "a locale of more than thirty-five bytes"), http.StatusUnprocessableEntity, "invalid_fields")
		got = h.browser(t).call("POST", "/auth/login", "email", "ada@example.org", "password", phrase)
		want(t, "sign in", got, http.StatusOK, "")
		shows("sign in", got.said.User, "de")
		if got.said.User["name"] != nil {
			t.Errorf("sign in: %v, want no name of the change that was refused", got.said.User)
		}
		if u := h.client.User.Query().OnlyX(everybody(t)); u.Plan != user.PlanFree || u.Locale != "de" || u.TeamID == nil {
			t.Errorf("the row: %v", u)
		}
	})
}

// The document of the routes has the fields too.
func TestFieldsAreInTheDocument(t *testing.T) {
	eachHost(t, func(t *testing.T, h *host) {
		type object struct{ Properties map[string]*object }
		type content struct {
			Content map[string]struct{ Schema object }
		}
		var doc struct {
			Paths map[string]map[string]struct {
				RequestBody content
				Responses   map[string]content
			}
		}
		got := h.browser(t).call("GET", "/auth/openapi.json")
		if err := json.Unmarshal([]byte(got.body), &doc); err != nil {
			t.Fatal(err)
		}
		body := func(method, path string) map[string]*object {
			return doc.Paths[path][method].RequestBody.Content["application/json"].Schema.Properties
		}
		shown := doc.Paths["/user"]["get"].Responses["200"].Content["application/json"].Schema.Properties["user"]
		if shown == nil {
			t.Fatalf("GET /user: %+v", doc.Paths["/user"])
		}
		for _, row := range []struct {
			what    string
			have    map[string]*object
			in, out []string
		}{
			{"sign-up", body("post", "/register"), []string{"email", "locale", "username"}, []string{"plan", "team_id"}},
			{"completion", body("post", "/register/complete"), []string{"locale", "username"}, []string{"plan", "team_id"}},
			{"change", body("patch", "/user"), []string{"name", "locale"}, []string{"plan", "username", "team_id"}},
			{"user", shown.Properties, []string{"email", "plan", "locale", "username"}, []string{"team_id"}},
		} {
			for _, name := range row.in {
				if row.have[name] == nil {
					t.Errorf("%s: %v, want %s in it", row.what, row.have, name)
				}
			}
			for _, name := range row.out {
				if row.have[name] != nil {
					t.Errorf("%s: %v, want no %s in it", row.what, row.have, name)
				}
			}
		}
	})
}

// The blog has one's own posts, and through the application's client nobody reaches
// anybody else.
func TestPeopleSeeThemselves(t *testing.T) {
	eachHost(t, func(t *testing.T, h *host) {
		ada, bob := h.browser(t), h.browser(t)
		for name, b := range map[string]*browser{"ada": ada, "bob": bob} {
			want(t, name, b.register(name+"@example.org", "locale", "en", "username", name), http.StatusCreated, "")
			if blog := b.call("GET", "/blog"); blog.body != `{"author":null,"posts":[]}`+"\n" {
				t.Errorf("%s's empty blog: %s", name, blog.body)
			}
			for _, title := range []string{name + " 1", name + " 2"} {
				want(t, title, b.call("POST", "/posts", "title", title, "body", "Text."), http.StatusCreated, "")
			}
		}
		blog := ada.call("GET", "/blog")
		want(t, "the blog", blog, http.StatusOK, "")
		if p := blog.said.Posts; len(p) != 2 || p[0].Title != "ada 1" || p[1].Title != "ada 2" {
			t.Errorf("ada's blog: %s", blog.body)
		}
		them := map[string]*ent.User{}
		for _, u := range h.client.User.Query().AllX(everybody(t)) {
			them[*u.Username] = u
		}
		if a := blog.said.Author; a != (authorBody{ID: them["ada"].ID, Plan: "free", Locale: "en", Team: "My team"}) {
			t.Errorf("ada's blog: %s", blog.body)
		}
		want(t, "no title", ada.call("POST", "/posts", "title", "", "body", "Text."), http.StatusUnprocessableEntity, "invalid_fields")
		want(t, "a NUL", ada.call("POST", "/posts", "title", "a", "body", "\x00"), http.StatusUnprocessableEntity, "invalid_fields")
		want(t, "nobody's blog", h.browser(t).call("GET", "/blog"), http.StatusUnauthorized, "unauthenticated")
		ada.site = "cross-site"
		want(t, "another site's page", ada.call("POST", "/posts", "title", "Forged", "body", ""), http.StatusForbidden, "forbidden_origin")
		ada.site = "same-origin"

		h.as(t, ada, func(ctx context.Context) { h.peek(ctx, t, them["ada"], them["bob"]) })
		if _, err := h.client.User.Query().All(t.Context()); !denied(err) {
			t.Errorf("nobody reads users: %v", err)
		}
		if _, err := h.client.Post.Query().All(t.Context()); !denied(err) {
			t.Errorf("nobody reads posts: %v", err)
		}
		if got := h.rows(t); got.users != 2 || got.posts != 2 {
			t.Errorf("after all that: %+v", got)
		}
	})
}

// peek tries what me may not do to them.
func (h *host) peek(ctx context.Context, t *testing.T, me, them *ent.User) {
	c := h.client
	if list, err := c.User.Query().All(ctx); err != nil || len(list) != 1 || list[0].ID != me.ID {
		t.Errorf("all users: %v, %v, want oneself", list, err)
	}
	if _, err := c.User.Get(ctx, them.ID); !ent.IsNotFound(err) {
		t.Errorf("another by id: %v", err)
	}
	if list, err := c.Team.Query().QueryMembers().All(ctx); err != nil || len(list) != 1 || list[0].ID != me.ID {
		t.Errorf("the members of all teams: %v, %v, want oneself", list, err)
	}
	if list, err := c.Post.Query().WithAuthor().All(ctx); err != nil || len(list) != 2 || list[0].Edges.Author.ID != me.ID {
		t.Errorf("all posts: %v, %v, want one's own", list, err)
	}
	if err := c.User.UpdateOneID(them.ID).SetLocale("xx").Exec(ctx); !ent.IsNotFound(err) {
		t.Errorf("to change another: %v", err)
	}
	if n, err := c.User.Update().SetLocale("fr").Save(ctx); err != nil || n != 1 {
		t.Errorf("to change all: %d, %v, want oneself", n, err)
	}
	if err := c.Post.Create().SetTitle("Forged").SetBody("").SetAuthorID(them.ID).Exec(ctx); !denied(err) {
		t.Errorf("to write in another's name: %v", err)
	}
	if n, err := c.Post.Delete().Exec(ctx); err != nil || n != 2 {
		t.Errorf("to delete all posts: %d, %v, want one's own", n, err)
	}
	if err := c.User.Create().SetEmail("eve@example.org").SetLocale("en").Exec(ctx); !denied(err) {
		t.Errorf("to make a user oneself: %v", err)
	}
	if n, err := c.User.Delete().Where(user.ID(them.ID)).Exec(ctx); err != nil || n != 0 {
		t.Errorf("to delete another: %d, %v", n, err)
	}
	// Torii's own methods are the application's hands: who they are called for is checked
	// where its fields are written.
	xx := auth.UserUpdate{Fields: map[string]any{"locale": "xx"}}
	if _, err := h.auth.UpdateUser(ctx, them.ID, xx); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("to change another by Torii: %v", err)
	}
	if _, err := h.auth.UpdateUser(t.Context(), them.ID, xx); !errors.Is(err, auth.ErrRefused) {
		t.Errorf("nobody changes another by Torii: %v", err)
	}
	if u, err := h.client.User.Get(everybody(t), them.ID); err != nil || u.Locale != "en" {
		t.Errorf("the other: %v, %v", u, err)
	}
}

func denied(err error) bool { return err != nil && errors.Is(err, privacy.Deny) }

// as calls f with the context of somebody who is signed in.
func (h *host) as(t *testing.T, b *browser, f func(context.Context)) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, h.base+"/", nil)
	for _, c := range b.http.Jar.Cookies(req.URL) {
		req.AddCookie(c)
	}
	res := httptest.NewRecorder()
	h.auth.RequireUser(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { f(r.Context()) })).ServeHTTP(res, req)
	if res.Code != http.StatusOK {
		t.Errorf("as somebody: %d %s", res.Code, res.Body)
	}
}
