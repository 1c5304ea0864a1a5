package oauth_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
)

// Only the boolean true is a verified address, and only of whom is believed: anything
// else opens no account and is linked to none.
func nonVerifying(t *testing.T) {
	ada := person("ada")
	for name, come := range map[string]func(s *site, b *authtest.Browser) *authtest.Reply{
		"false": func(s *site, b *authtest.Browser) *authtest.Reply {
			ada.EmailVerified = false
			return s.come(t, b, ada, map[string]any{})
		},
		"a list": func(s *site, b *authtest.Browser) *authtest.Reply {
			ada.EmailVerified = []bool{true}
			return s.come(t, b, ada, map[string]any{})
		},
		"true, elsewhere": func(s *site, b *authtest.Browser) *authtest.Reply {
			ada.EmailVerified = true
			return s.comeByOther(t, b, ada)
		},
	} {
		t.Run(name, func(t *testing.T) { s := newPair(t); s.entersNothing(t, come) })
	}
	for _, lie := range unproven {
		t.Run(string(lie), func(t *testing.T) {
			s := newPair(t)
			s.idp.Lie(lie)
			s.entersNothing(t, func(s *site, b *authtest.Browser) *authtest.Reply {
				return s.come(t, b, person("ada"), map[string]any{})
			})
			r := s.come(t, s.Browser(), person("bob"), map[string]any{}) // who is new
			if u, err := s.Auth.UserByEmail(t.Context(), "bob@example.org"); r.Status != http.StatusOK || err != nil || u.EmailVerifiedAt != nil {
				t.Errorf("%v, proven %+v, %v", r, u, err)
			}
		})
	}
	hijack(t, "non-verifying identity provider")
}

// entersNothing has somebody come with the address of an account, proven and not.
func (s *site) entersNothing(t *testing.T, come func(s *site, b *authtest.Browser) *authtest.Reply) {
	t.Helper()
	for _, proven := range []bool{false, true} {
		u, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: "ada@example.org", EmailVerified: proven})
		if err != nil {
			t.Fatal(err)
		}
		b, before := s.Browser(), s.ledger(t)
		s.refuses(t, before, come(s, b), auth.ErrEmailTaken.Code, 1)
		if b.Session() != "" {
			t.Error("there is a session")
		}
		if err := s.Auth.DeleteUser(t.Context(), u.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// Nothing is linked for whoever is not the one who began, in the session that began.
func linkOfAnother(t *testing.T) {
	s := lite(t)
	signIn := func(b *authtest.Browser, email string) {
		b.Post("/auth/login", map[string]string{"email": email, "password": phrase})
	}
	s.register(t, "mallory@example.net")
	s.register(t, "ann@example.net")
	for name, meanwhile := range map[string]func(b *authtest.Browser){
		"signed out":           func(b *authtest.Browser) { b.Post("/auth/logout", nil) },
		"signed in as Mallory": func(b *authtest.Browser) { signIn(b, "mallory@example.net") },
		"signed in anew":       func(b *authtest.Browser) { signIn(b, "ann@example.net") },
	} {
		t.Run(name, func(t *testing.T) {
			b := s.Browser()
			signIn(b, "ann@example.net")
			to, r := begin(b, linkIt)
			if r.Status != http.StatusOK {
				t.Fatal(r)
			}
			callback := s.visit(t, to, person("ann"))
			meanwhile(b)
			before := s.ledger(t)
			s.refuses(t, before, back(b, callback), auth.ErrUnauthenticated.Code, 0)
		})
	}
	// Mallory's half-finished link, brought by Ann's browser (CSRF), would let Mallory in.
	mallory, ann := s.Browser(), s.Browser()
	signIn(mallory, "mallory@example.net")
	signIn(ann, "ann@example.net")
	to, _ := begin(mallory, linkIt)
	callback, before := s.visit(t, to, person("mallory")), s.ledger(t)
	s.refuses(t, before, back(ann, callback), "oauth_flow_missing", 0)
	begin(ann, linkIt)
	s.refuses(t, before, back(ann, callback), "oauth_expired", 0)
	// To begin takes a session, a recent one, and a page of this site.
	begins := func(b *authtest.Browser) *authtest.Reply { _, r := begin(b, linkIt); return r }
	s.refuses(t, before, begins(s.Browser()), auth.ErrUnauthenticated.Code, 0)
	s.refuses(t, before, ann.Get("/auth/oauth/demo?link=true"), auth.ErrInvalidRequest.Code, 0)
	ann.Header.Set("Sec-Fetch-Site", "cross-site")
	s.refuses(t, before, begins(ann), auth.ErrForbiddenOrigin.Code, 0)
	ann.Header.Set("Sec-Fetch-Site", "same-origin")
	s.Clock.Advance(time.Hour)
	s.refuses(t, before, begins(ann), auth.ErrStepUpRequired.Code, 0)
}

// An identity that is somebody's stays theirs.
func linkedElsewhere(t *testing.T) {
	s := lite(t)
	owner := s.come(t, s.Browser(), person("ann"), map[string]any{}).UserID()
	b, _ := s.register(t, "mallory@example.net")
	before := s.ledger(t)
	s.refuses(t, before, s.come(t, b, person("ann"), linkIt), auth.ErrIdentityTaken.Code, 1)
	to, _ := begin(b, linkIt)
	if r := b.Get(pathOf(s.visit(t, to, person("ann")))); r.Header.Get("Location") != "/auth/error?code=identity_taken" || s.ledger(t).links != before.links {
		t.Errorf("in a browser: %v", r)
	}
	if r := s.come(t, s.Browser(), person("ann"), map[string]any{}); r.UserID() != owner || s.links(t) != 1 {
		t.Errorf("its owner: %v", r)
	}
}

// The last way to sign in stays, and only a proof that the provider has just asked for
// makes a session recent. Two removals at once are in TestTwoUnlinks.
func lastWay(t *testing.T) {
	s := lite(t)
	b := s.Browser()
	who := person("ann")
	who.Email, who.EmailVerified = "ann@example.net", nil
	s.come(t, b, who, map[string]any{})
	unlink := "/auth/oauth/accounts/" + accounts(t, b).Accounts[0].ID
	before := s.ledger(t)
	s.refuses(t, before, b.Delete(unlink), auth.ErrStepUpRequired.Code, 0) // nobody can call the session recent
	if r := s.come(t, b, who, map[string]any{"fresh": true}); r.Status != http.StatusOK {
		t.Fatalf("fresh: %v\n%s", r, s.Log())
	}
	before = s.ledger(t)
	s.refuses(t, before, b.Delete(unlink), auth.ErrLastSignInMethod.Code, 0)
	s.Clock.Advance(time.Hour)
	s.refuses(t, before, b.Delete(unlink), auth.ErrStepUpRequired.Code, 0)
	// A password beside it may go, or it may, but not both.
	b, _ = s.register(t, "bob@example.net")
	if r := s.come(t, b, person("bob"), linkIt); r.Status != http.StatusOK {
		t.Fatal(r)
	}
	unlink = "/auth/oauth/accounts/" + accounts(t, b).Accounts[0].ID
	if r := b.Delete("/auth/password"); r.Status != http.StatusNoContent {
		t.Fatalf("the password: %v", r)
	}
	before = s.ledger(t)
	s.refuses(t, before, b.Delete(unlink), auth.ErrLastSignInMethod.Code, 0)
}

// Whose account it is, and what is true of it, is told by the session and the provider's
// signature, and by no member, parameter or header.
func massAssignment(t *testing.T) {
	lie := func(victim string, own map[string]any) map[string]any {
		body := map[string]any{
			"user_id": victim, "userId": victim, "UserID": victim, "user": map[string]any{"id": victim}, "session": "x", "session_id": "x",
			"id": victim, "sub": "victim", "email": "victim@example.net", "email_verified": true, "emailVerified": true, "role": "admin",
		}
		maps.Copy(body, own)
		return body
	}
	// An app signs in as somebody new.
	n := newNative(t)
	_, victim := n.register(t, "victim@example.net")
	app := n.App()
	r := app.Post("/auth/oauth/demo/native/begin", lie(victim, nil))
	var told struct{ Nonce string }
	if err := r.JSON(&told); err != nil {
		t.Fatal(r)
	}
	app.Header.Set("Torii-Flow", r.Flow())
	token := n.token(t, told.Nonce)
	r = app.Post("/auth/oauth/demo/native/finish?user_id="+victim, lie(victim, map[string]any{"id_token": token}))
	if r.Status != http.StatusOK || r.UserID() == victim || !strings.Contains(r.String(), "ada@example.org") || n.idp.TokenRequests() != 1 {
		t.Errorf("by an app: %v", r)
	}
	// A browser links, and another signs in, without proof of an address.
	s := lite(t)
	victimB, victim := s.register(t, "victim@example.net")
	mallory, me := s.register(t, "mallory@example.net")
	query := "&user_id=" + victim + "&user=" + victim + "&email=victim@example.net&email_verified=true&link=true&role=admin"
	to, _ := begin(mallory, lie(victim, linkIt))
	if r := back(mallory, s.visit(t, to, person("mallory"))+query); r.Status != http.StatusOK || r.UserID() != me {
		t.Errorf("linking: %v", r)
	}
	stranger := s.Browser()
	to, _ = begin(stranger, lie(victim, nil))
	r = back(stranger, s.visit(t, to, authtest.Person{Subject: "stranger", Email: "stranger@example.net", More: map[string]any{"user_id": victim, "role": "admin"}})+query)
	if u, err := s.Auth.UserByEmail(t.Context(), "stranger@example.net"); r.Status != http.StatusOK || err != nil || r.UserID() != u.ID || u.EmailVerifiedAt != nil {
		t.Errorf("signing in: %v, %+v, %v", r, u, err)
	}
	if list := accounts(t, victimB).Accounts; len(list) != 0 || s.links(t) != 2 || s.idp.TokenRequests() != 2 {
		t.Errorf("the victim has %+v; %d links in all, %d requests", list, s.links(t), s.idp.TokenRequests())
	}
	// Nobody removes another's.
	if r := s.come(t, victimB, person("victim"), linkIt); r.Status != http.StatusOK {
		t.Fatal(r)
	}
	before := s.ledger(t)
	r = mallory.Do(http.MethodDelete, "/auth/oauth/accounts/"+accounts(t, victimB).Accounts[0].ID+"?user_id="+victim, fmt.Sprintf(`{"user_id":%q}`, victim))
	s.refuses(t, before, r, auth.ErrNotFound.Code, 0)
}
