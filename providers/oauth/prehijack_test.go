package oauth_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
)

// The five attacks of Sudhodanan and Paverd, "Pre-hijacked accounts" (USENIX Security 2022): somebody
// is in an account before the owner of its address comes, and wants to stay.

const owned = "victim@example.org" // the provider "demo" is believed about it, "other" is not

// attempt is something that the attacker does when the owner has come.
type attempt struct {
	what string
	do   func() *authtest.Reply
}

// preHijacks are the attacks. prepare is what the attacker does before the owner comes; it
// returns what they do afterwards.
var preHijacks = []struct {
	number  int
	name    string
	variant string
	options []authtest.Option
	prepare func(t *testing.T, s *site) []attempt
}{
	{1, "classic-federated merge", "a password", nil, func(t *testing.T, s *site) []attempt {
		s.register(t, owned)
		return []attempt{{"the password", func() *authtest.Reply { return s.login(owned) }}}
	}},
	{1, "classic-federated merge", "a password that waits for the proof", []authtest.Option{authtest.ProveFirst()}, func(t *testing.T, s *site) []attempt {
		b := s.Browser()
		if r := b.Post("/auth/register", map[string]string{"email": owned, "password": phrase}); r.Status != http.StatusAccepted {
			t.Fatal(r)
		}
		token := s.mailed(t, owned, "/auth/email/verify?")
		return []attempt{
			{"the password", func() *authtest.Reply { return s.login(owned) }},
			{"the link, that somebody opens", func() *authtest.Reply { return b.Post("/auth/email/verify", map[string]string{"token": token}) }},
			{"the password, once more", func() *authtest.Reply { return s.login(owned) }},
		}
	}},
	{2, "unexpired session", "a browser's and an app's", nil, func(t *testing.T, s *site) []attempt {
		b, _ := s.register(t, owned)
		app := s.App()
		r := app.Post("/auth/login", map[string]string{"email": owned, "password": phrase})
		app.Header.Set("Authorization", "Bearer "+r.Token())
		if app.Get("/auth/user").Status != http.StatusOK {
			t.Fatalf("the app: %v", r)
		}
		return []attempt{
			{"the browser", func() *authtest.Reply { return b.Get("/auth/user") }},
			{"the app", func() *authtest.Reply { return app.Get("/auth/user") }},
			{"the browser, changing the name", func() *authtest.Reply { return b.Patch("/auth/user", map[string]string{"name": "Mallory"}) }},
			{"the app, setting a password", func() *authtest.Reply {
				return app.Post("/auth/password", map[string]string{"current_password": phrase, "new_password": phrase + "!"})
			}},
			{"the app, linking", func() *authtest.Reply { _, r := begin(app, linkIt); return r }},
		}
	}},
	{2, "unexpired session", "of a provider that verifies nothing", nil, func(t *testing.T, s *site) []attempt {
		b := s.Browser()
		if r := s.comeByOther(t, b, mallory()); r.Status != http.StatusOK {
			t.Fatal(r)
		}
		return []attempt{{"the browser", func() *authtest.Reply { return b.Get("/auth/user") }}}
	}},
	{3, "trojan identifier", "an identity that is linked, and one that is about to be", nil, func(t *testing.T, s *site) []attempt {
		b, _ := s.register(t, owned)
		if r := s.come(t, b, person("mallory"), linkIt); r.Status != http.StatusOK {
			t.Fatal(r)
		}
		to, _ := begin(b, linkIt)
		half := s.visit(t, to, person("mallory2"))
		return []attempt{
			{"the identity", func() *authtest.Reply { return s.come(t, s.Browser(), person("mallory"), map[string]any{}) }},
			{"the link that was begun", func() *authtest.Reply { return back(b, half) }},
			{"the identity of that link", func() *authtest.Reply { return s.come(t, s.Browser(), person("mallory2"), map[string]any{}) }},
		}
	}},
	{4, "unexpired e-mail change", "of the victim's address into the attacker's", nil, func(t *testing.T, s *site) []attempt {
		b, _ := s.register(t, owned)
		return s.confirms(t, b, "mallory@example.net")
	}},
	{4, "unexpired e-mail change", "of an account that signs in by a provider, into the attacker's", nil, func(t *testing.T, s *site) []attempt {
		b := s.Browser()
		who := mallory()
		who.EmailVerified = false
		s.come(t, b, who, map[string]any{"fresh": true})
		return s.confirms(t, b, "mallory@example.net")
	}},
	{4, "unexpired e-mail change", "of the attacker's own account into the victim's address", nil, func(t *testing.T, s *site) []attempt {
		b, _ := s.register(t, "mallory@example.net")
		return s.confirms(t, b, owned)
	}},
	{4, "unexpired e-mail change", "the same, of an account that signs in by a provider", nil, func(t *testing.T, s *site) []attempt {
		b := s.Browser()
		s.come(t, b, person("mallory"), map[string]any{"fresh": true})
		return append(s.confirms(t, b, owned), attempt{"the identity", func() *authtest.Reply { return s.come(t, s.Browser(), person("mallory"), map[string]any{}) }})
	}},
	{5, "non-verifying identity provider", "one whose word is no proof", nil, func(t *testing.T, s *site) []attempt {
		b := s.Browser()
		if r := s.comeByOther(t, b, mallory()); r.Status != http.StatusOK {
			t.Fatal(r)
		}
		return []attempt{
			{"the session", func() *authtest.Reply { return b.Get("/auth/user") }},
			{"the identity", func() *authtest.Reply { return s.comeByOther(t, s.Browser(), mallory()) }},
		}
	}},
	{5, "non-verifying identity provider", "where it waits for the proof", []authtest.Option{authtest.ProveFirst()}, func(t *testing.T, s *site) []attempt {
		b := s.Browser()
		if r := s.comeByOther(t, b, mallory()); r.Status != http.StatusAccepted {
			t.Fatal(r)
		}
		token := s.mailed(t, owned, "/auth/email/verify?")
		return []attempt{
			{"the link, that somebody opens", func() *authtest.Reply { return b.Post("/auth/email/verify", map[string]string{"token": token}) }},
			{"the identity", func() *authtest.Reply { return s.comeByOther(t, s.Browser(), mallory()) }},
		}
	}},
}

// mallory is somebody who says that the victim's address is theirs.
func mallory() authtest.Person {
	return authtest.Person{Subject: "mallory", Email: owned, EmailVerified: true}
}

func (s *site) login(email string) *authtest.Reply {
	return s.Browser().Post("/auth/login", map[string]string{"email": email, "password": phrase})
}

// confirms asks for a change of address, and returns how its link is used.
func (s *site) confirms(t *testing.T, b *authtest.Browser, email string) []attempt {
	t.Helper()
	if r := b.Post("/auth/email/change", map[string]string{"email": email}); r.Status != http.StatusAccepted {
		t.Fatal(r)
	}
	token := map[string]string{"token": s.mailed(t, email, "/auth/email/change/confirm?")}
	confirm := func() *authtest.Reply { return b.Post("/auth/email/change/confirm", token) }
	return []attempt{
		{"the change", confirm},
		{"the change, once more", confirm},
		{"the session", func() *authtest.Reply { return b.Get("/auth/user") }},
		{"the change, from elsewhere", func() *authtest.Reply { return s.Browser().Post("/auth/email/change/confirm", token) }},
	}
}

// ownersWays are how the owner of an address comes: with a new phrase where there is one.
var ownersWays = []struct {
	name string
	come func(t *testing.T, s *site, b *authtest.Browser) *authtest.Reply
}{
	{"by a provider", func(t *testing.T, s *site, b *authtest.Browser) *authtest.Reply {
		return s.come(t, b, person("victim"), map[string]any{})
	}},
	{"by a reset", func(t *testing.T, s *site, b *authtest.Browser) *authtest.Reply {
		s.signUp(t, b)
		b.Post("/auth/password/reset/request", map[string]string{"email": owned})
		body := map[string]string{"token": s.mailed(t, owned, "/auth/password/reset?"), "new_password": "of the victim alone"}
		if r := b.Post("/auth/password/reset/confirm", body); r.Status != http.StatusNoContent {
			t.Fatal(r)
		}
		return b.Post("/auth/login", map[string]string{"email": owned, "password": "of the victim alone"})
	}},
	{"by a verification", func(t *testing.T, s *site, b *authtest.Browser) *authtest.Reply {
		if r := s.signUp(t, b); r.Status == http.StatusOK {
			return r
		}
		b.Post("/auth/email/verify/request", map[string]string{"email": owned})
		return s.verify(t, b)
	}},
}

// signUp tries to make an account, as the owner does who knows of none, and proves the
// address if that comes first.
func (s *site) signUp(t *testing.T, b *authtest.Browser) *authtest.Reply {
	t.Helper()
	r := b.Post("/auth/register", map[string]string{"email": owned, "password": "of the victim at first"})
	if r.Status == http.StatusAccepted {
		r = s.verify(t, b)
	}
	return r
}

func (s *site) verify(t *testing.T, b *authtest.Browser) *authtest.Reply {
	t.Helper()
	return b.Post("/auth/email/verify", map[string]string{"token": s.mailed(t, owned, "/auth/email/verify?")})
}

// mailed is the token of the latest link to an address that has this path.
func (s *site) mailed(t *testing.T, email, path string) string {
	t.Helper()
	if err := s.Auth.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, m := range slices.Backward(s.Outbox.Messages()) {
		for _, link := range m.Links() {
			if _, token, ok := strings.Cut(link, path+"token="); ok && m.To.Address == email {
				return token
			}
		}
	}
	t.Fatalf("no link to %s was mailed to %s", path, email)
	return ""
}

// preHijack is one attack, with the owner who comes one way.
func preHijack(t *testing.T, options []authtest.Option, prepare func(t *testing.T, s *site) []attempt, come func(t *testing.T, s *site, b *authtest.Browser) *authtest.Reply) {
	s := newPair(t, options...)
	then := prepare(t, s)
	b := s.Browser()
	sent := s.ledger(t).sent
	r := come(t, s, b)
	id := b.Get("/auth/user").UserID()
	u, err := s.Auth.UserByEmail(t.Context(), owned)
	if r.Status != http.StatusOK || err != nil || id == "" || u.ID != id || u.EmailVerifiedAt == nil {
		t.Fatalf("the owner: %v, signed in as %q, %+v, %v", r, id, u, err)
	}
	if calls := s.ledger(t).sent - sent; calls > 1 {
		t.Errorf("for the owner codes were sent %d times", calls)
	}
	sessions, err := s.Auth.Sessions(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range then {
		if r := a.do(); r.UserID() == id || r.Status < 300 && strings.Contains(r.String(), owned) {
			t.Errorf("%s: %v", a.what, r)
		}
	}
	after, err := s.Auth.Sessions(t.Context(), id)
	if err != nil || len(after) != len(sessions) || len(after) != 1 {
		t.Errorf("the owner has %d sessions, and had %d", len(after), len(sessions))
	}
	// The account is as the owner has left it.
	r = b.Get("/auth/user")
	if u, err := s.Auth.UserByEmail(t.Context(), owned); err != nil || u.ID != id || r.UserID() != id || nameOf(u) == "Mallory" {
		t.Errorf("the account: %+v, %v; the owner: %v", u, err, r)
	}
	for _, a := range accounts(t, b).Accounts {
		if a.Provider != "demo" || a.Email == nil || *a.Email != owned {
			t.Errorf("it is linked with %+v", a)
		}
	}
}

// The five attacks, with the owner who comes by each way.
func TestPreHijacking(t *testing.T) {
	seen := map[int]bool{}
	for _, a := range preHijacks {
		seen[a.number] = true
		for _, way := range ownersWays {
			t.Run(fmt.Sprintf("%d %s: %s, the owner comes %s", a.number, a.name, a.variant, way.name), func(t *testing.T) {
				preHijack(t, a.options, a.prepare, way.come)
			})
		}
	}
	if len(seen) != 5 {
		t.Errorf("only %v", seen)
	}
}

// hijack is an attack of that name, with the owner who comes by a provider.
func hijack(t *testing.T, name string) {
	tried := false
	for _, a := range preHijacks {
		if a.name == name {
			tried = true
			t.Run(a.variant, func(t *testing.T) { preHijack(t, a.options, a.prepare, ownersWays[0].come) })
		}
	}
	if !tried {
		t.Errorf("there is no attack %q", name)
	}
}
