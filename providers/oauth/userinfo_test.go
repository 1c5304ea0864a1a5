package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
)

// tells is a Profile that always says the same.
func tells(p oauth.Profile, err error) func(context.Context, *http.Client, string) (oauth.Profile, error) {
	return func(context.Context, *http.Client, string) (oauth.Profile, error) { return p, err }
}

// Where the ID token is silent of the address the UserInfo endpoint is asked. What it says
// is verified is so for its own address only, and only by a true boolean.
func TestUserInfoFillsIn(t *testing.T) {
	for name, row := range map[string]struct {
		who    authtest.Person
		info   string // the UserInfo endpoint's answer
		asked  bool   // it is configured, and so asked each time
		email  string // "": refused
		proven bool
	}{
		"true":   {info: `{"sub":"1","email":"ada@example.org","email_verified":true,"name":"Ada"}`, email: "ada@example.org", proven: true},
		"false":  {info: `{"sub":"1","email":"ada@example.org","email_verified":false}`, email: "ada@example.org"},
		"a text": {info: `{"sub":"1","email":"ada@example.org","email_verified":"true"}`, email: "ada@example.org"},
		"one":    {info: `{"sub":"1","email":"ada@example.org","email_verified":1}`, email: "ada@example.org"},
		"null":   {info: `{"sub":"1","email":"ada@example.org","email_verified":null}`, email: "ada@example.org"},
		"a list": {info: `{"sub":"1","email":"ada@example.org","email_verified":[true]}`, email: "ada@example.org"},
		"absent": {info: `{"sub":"1","email":"ada@example.org"}`, email: "ada@example.org"},
		"true in the token, of no address": {
			who: authtest.Person{More: map[string]any{"email_verified": true}}, info: `{"sub":"1","email":"ada@example.org"}`, email: "ada@example.org",
		},
		"true here, of the token's address": {
			who: authtest.Person{Email: "ada@example.org"}, asked: true, info: `{"sub":"1","email":"ada@example.org","email_verified":true}`, email: "ada@example.org",
		},
		"true here, false in the token": {
			who: authtest.Person{Email: "ada@example.org", EmailVerified: false}, asked: true, info: `{"sub":"1","email_verified":true}`, email: "ada@example.org",
		},
		"another address than the token's": {
			who: authtest.Person{Email: "ada@example.org", EmailVerified: true}, asked: true, info: `{"sub":"1","email":"victim@example.org","email_verified":true}`, email: "ada@example.org", proven: true,
		},
		"false here, true in the token": {
			who: authtest.Person{Email: "ada@example.org", EmailVerified: true}, asked: true, info: `{"sub":"1","email_verified":false}`, email: "ada@example.org", proven: true,
		},
		"a list of addresses":     {info: `{"sub":"1","email":["ada@example.org"],"email_verified":true}`},
		"of somebody else":        {info: `{"sub":"2","email":"ada@example.org","email_verified":true}`},
		"of nobody":               {info: `{"email":"ada@example.org","email_verified":true}`},
		"the number 1 for sub":    {info: `{"sub":1,"email":"ada@example.org","email_verified":true}`},
		"two answers":             {info: `{"sub":"1","email":"ada@example.org"}{"sub":"1"}`},
		"null for an answer":      {info: `null`},
		"of somebody else, asked": {who: authtest.Person{Email: "ada@example.org"}, asked: true, info: `{"sub":"2"}`},
	} {
		t.Run(name, func(t *testing.T) {
			how := func(idp *oauth.IDP) {
				if row.asked {
					idp.UserInfoURL = idp.Issuer + "/userinfo"
				}
				tap(idp).instead["/userinfo"] = row.info
			}
			s := newSite(t, authtest.Database(t), how)
			who := row.who
			who.Subject = "1"
			before := s.ledger(t)
			r := s.come(t, s.Browser(), who, map[string]any{})
			if row.email == "" {
				s.refuses(t, before, r, "oauth_failed", 1)
				return
			}
			u, err := s.Auth.UserByEmail(t.Context(), row.email)
			if err != nil || r.UserID() != u.ID || (u.EmailVerifiedAt != nil) != row.proven {
				t.Fatalf("%v: %+v, %v, want proven %t", r, u, err, row.proven)
			}
			if name == "true" && nameOf(u) != "Ada" {
				t.Errorf("the name is %q", nameOf(u))
			}
			if row.proven {
				return
			}
			// And so it opens no account that is there.
			if err := s.Auth.DeleteUser(t.Context(), u.ID); err != nil {
				t.Fatal(err)
			}
			s = newSite(t, s.Client, how)
			if _, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: row.email, EmailVerified: true}); err != nil {
				t.Fatal(err)
			}
			before = s.ledger(t)
			s.refuses(t, before, s.come(t, s.Browser(), who, map[string]any{}), auth.ErrEmailTaken.Code, 1)
		})
	}
}

// Map sees the numbers of both answers as they were written.
func TestNumbersStayExact(t *testing.T) {
	seen := map[string]any{}
	s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) {
		tap(idp).instead["/userinfo"] = `{"sub":"1","email":"ada@example.org","number":12345678901234567}`
		idp.Map = func(claims map[string]any) oauth.Profile {
			seen = claims
			return oauth.Profile{Email: "ada@example.org"}
		}
	})
	who := authtest.Person{Subject: "1", More: map[string]any{"token_number": 12345678901234567}}
	if r := s.come(t, s.Browser(), who, map[string]any{}); r.Status != http.StatusOK {
		t.Fatalf("%v\n%s", r, s.Log())
	}
	for _, name := range []string{"number", "token_number"} {
		if seen[name] != json.Number("12345678901234567") {
			t.Errorf("%s is %T %v", name, seen[name], seen[name])
		}
	}
}

// A Profile beside an ID token completes it, and changes nothing that it says.
func TestProfileBesideAnIDToken(t *testing.T) {
	for name, row := range map[string]struct {
		who     authtest.Person
		profile oauth.Profile
		fails   error
		email   string // "": refused
		proven  bool
		name    string
	}{
		"a verified address":      {profile: oauth.Profile{Email: "ada@example.org", EmailVerified: true, Name: "Ada"}, email: "ada@example.org", proven: true, name: "Ada"},
		"an unverified address":   {profile: oauth.Profile{Subject: "1", Email: "ada@example.org"}, email: "ada@example.org"},
		"the token's name counts": {who: authtest.Person{Email: "ada@example.org", Name: "Ada"}, profile: oauth.Profile{Name: "Mallory"}, email: "ada@example.org", name: "Ada"},
		"the token's address counts": {
			who: authtest.Person{Email: "ada@example.org"}, profile: oauth.Profile{Email: "victim@example.org", EmailVerified: true}, email: "ada@example.org",
		},
		"verified is of an address": {
			who: authtest.Person{Email: "ada@example.org"}, profile: oauth.Profile{Email: "ada@example.org", EmailVerified: true}, email: "ada@example.org",
		},
		"verified in the token, of no address": {
			who: authtest.Person{More: map[string]any{"email_verified": true}}, profile: oauth.Profile{Email: "ada@example.org"}, email: "ada@example.org",
		},
		"of somebody else": {profile: oauth.Profile{Subject: "2", Email: "ada@example.org", EmailVerified: true}},
		"in trouble":       {profile: oauth.Profile{Subject: "1", Email: "ada@example.org"}, fails: errors.New("in trouble")},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) { idp.Profile = tells(row.profile, row.fails) })
			who := row.who
			who.Subject = "1"
			before := s.ledger(t)
			r := s.come(t, s.Browser(), who, map[string]any{})
			if row.email == "" {
				s.refuses(t, before, r, "oauth_failed", 1)
				return
			}
			u, err := s.Auth.UserByEmail(t.Context(), row.email)
			if err != nil || r.UserID() != u.ID || (u.EmailVerifiedAt != nil) != row.proven || nameOf(u) != row.name {
				t.Errorf("%v: %+v, %v", r, u, err)
			}
		})
	}
}
