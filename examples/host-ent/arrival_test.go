package main

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
	"testing"
)

// arrive comes by a door that cannot ask for a locale.
func (b *browser) arrive(email string) answered {
	b.t.Helper()
	return b.call("POST", "/auth/test-arrival", "email", email)
}

// Who arrives without what the application needs is asked, and has no account before.
func TestWhoCannotBeAskedIsAskedLater(t *testing.T) {
	eachHost(t, func(t *testing.T, h *host) {
		b := h.browser(t)
		got := b.arrive("ada@example.org")
		want(t, "arrive", got, http.StatusUnauthorized, "profile_required")
		if len(got.said.Fields) != 1 || got.said.Fields["locale"] != "required" {
			t.Errorf("arrive: %s, want that locale is required", got.body)
		}
		if got := h.rows(t); got != (rows{}) {
			t.Errorf("before the locale is told: %+v", got)
		}
		want(t, "nothing told", b.call("POST", "/auth/register/complete"), http.StatusUnprocessableEntity, "invalid_fields")
		want(t, "a reserved name", b.call("POST", "/auth/register/complete", "locale", "en", "username", "admin"), http.StatusForbidden, "refused")
		if got := h.rows(t); got != (rows{}) {
			t.Errorf("after two refusals: %+v", got)
		}
		want(t, "another browser", h.browser(t).call("POST", "/auth/register/complete", "locale", "en"), http.StatusBadRequest, "invalid_token")
		got = b.call("POST", "/auth/register/complete", "locale", "en-GB", "username", "ada")
		want(t, "complete", got, http.StatusCreated, "")
		if u := got.said.User; u["locale"] != "en-GB" || u["username"] != "ada" || u["plan"] != "free" || u["email_verified_at"] == nil {
			t.Errorf("complete: %s", got.body)
		}
		if got := h.rows(t); got != (rows{users: 1, teams: 1, sessions: 1}) {
			t.Errorf("after it is told: %+v", got)
		}
		want(t, "the blog", b.call("GET", "/blog"), http.StatusOK, "")
		want(t, "again", b.call("POST", "/auth/register/complete", "locale", "en"), http.StatusBadRequest, "invalid_token")
		want(t, "arrive with an account", h.browser(t).arrive("ada@example.org"), http.StatusOK, "")
	})
}

// The flow ends with one account, however many tabs complete it at once.
func TestManyCompleteAtOnce(t *testing.T) {
	const tabs = 20
	eachHost(t, func(t *testing.T, h *host) {
		b := h.browser(t)
		want(t, "arrive", b.arrive("ada@example.org"), http.StatusUnauthorized, "profile_required")
		var all sync.WaitGroup
		answers := make([]answered, tabs)
		for i := range answers {
			tab := b.clone()
			all.Go(func() {
				answers[i] = tab.call("POST", "/auth/register/complete", "locale", "en", "username", fmt.Sprint("tab", i))
			})
		}
		all.Wait()
		made := 0
		for _, a := range answers {
			switch {
			case a.status == http.StatusCreated:
				made++
			case a.status != http.StatusBadRequest || a.said.Error.Code != "invalid_token":
				t.Errorf("%d %s", a.status, a.body)
			}
		}
		if got := h.rows(t); made != 1 || got != (rows{users: 1, teams: 1, sessions: 1}) {
			t.Errorf("%d completed, %+v", made, got)
		}
	})
}

// Somebody takes the address, unproven, while its owner is being asked. The owner gets
// the account, with what the owner has told.
func TestTheAddressIsTakenMeanwhile(t *testing.T) {
	eachHost(t, func(t *testing.T, h *host) {
		b := h.browser(t)
		want(t, "arrive", b.arrive("ada@example.org"), http.StatusUnauthorized, "profile_required")
		want(t, "mallory", h.browser(t).register("ada@example.org", "locale", "xx"), http.StatusCreated, "")
		got := b.call("POST", "/auth/register/complete", "locale", "en-GB")
		want(t, "complete", got, http.StatusCreated, "")
		if got.said.User["locale"] != "en-GB" {
			t.Errorf("complete: %s", got.body)
		}
		if got := h.rows(t); got != (rows{users: 1, teams: 1, sessions: 1}) {
			t.Errorf("%+v, want the owner's session alone", got)
		}
	})
}

// clone is another tab: the same cookies, for another goroutine.
func (b *browser) clone() *browser {
	c, jar := *b, must(cookiejar.New(nil))
	base := must(url.Parse(b.base))
	base.Path = "/auth/"
	jar.SetCookies(base, b.http.Jar.Cookies(base))
	c.http = &http.Client{Jar: jar}
	return &c
}

// must is for what cannot fail.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
