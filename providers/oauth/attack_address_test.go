package oauth_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/providers/oauth"
)

// The worst provider is believed about every address. Even so nobody enters another's
// account by an address that only looks like its own.
func TestAttackAddressesThatLookAlike(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		believed := newSiteWith(t, s, func(oauth.Profile) bool { return true })
		u, err := believed.Auth.CreateUser(t.Context(), auth.NewUser{Email: "ann.kelvin@example.org", EmailVerified: true})
		if err != nil {
			t.Fatal(err)
		}
		for i, email := range []string{
			"ann.kelvin@example.org.", "ann.kelvin@example.org\x00", "ann.kelvin@example.org\n", "ann.kelvin@example.org\t", "\tann.kelvin@example.org",
			"ann.kelvin+tag@example.org", "annkelvin@example.org", "ann..kelvin@example.org", "a.nn.kelvin@example.org", "ann.\u212aelvin@example.org",
			"\uff41nn.kelvin@example.org", "ann.kelvin\uff20example.org", "ann.kelvin@ex\u0430mple.org", "\u0430nn.kelvin@example.org", "ann.kelvin@example\u3002org",
			"ann.kelvin@ｅxample.org", "ann.kelv\u0131n@example.org", "ann.kelv\u0130n@example.org", "ann.kelvin\u200b@example.org", "ann.kelvin\u00ad@example.org",
			"ann.kelvin@example.org,mallory@example.net", "mallory@example.net,ann.kelvin@example.org", "ann.kelvin@example.org mallory@example.net",
			"Ann <ann.kelvin@example.org>", "<ann.kelvin@example.org>", "ann.kelvin@example.org (Ann)", `"ann.kelvin"@example.org`, `"ann.kelvin@example.org"@example.net`,
			"ann.kelvin@example.org@example.net", "mallory@example.net@example.org", "ann.kelvin%example.org@example.net", "@example.net:ann.kelvin@example.org",
			"ann.kelvin@[127.0.0.1]", "mailto:ann.kelvin@example.org", "ann.kelvin@example.org;", "ann.kelvin@\u00a0example.org", "ann.kelvin @example.org",
		} {
			b := believed.Browser()
			b.IP = fmt.Sprint("198.51.100.", i)
			who := authtest.Person{Subject: fmt.Sprint("m", i), Email: email, EmailVerified: true}
			r := believed.come(t, b, who, map[string]any{})
			if r.UserID() == u.ID || r.Status >= 500 {
				t.Errorf("%q: %v", email, r)
			}
		}
	})
}

// newSiteWith is another application on the same database.
func newSiteWith(t *testing.T, s *site, believed func(oauth.Profile) bool) *site {
	t.Helper()
	return newSite(t, s.Client, func(idp *oauth.IDP) { idp.Authoritative = believed })
}

// Whose word Google's is, and Apple's, and nobody else's.
func TestAttackAuthority(t *testing.T) {
	google := oauth.Google("id", "secret").Authoritative
	for name, row := range map[string]struct {
		email    string
		verified bool
		hd       any
		want     bool
	}{
		"gmail":                       {"ann@gmail.com", true, nil, true},
		"gmail in capitals":           {"ANN@GMAIL.COM", true, nil, true},
		"googlemail":                  {"ann@googlemail.com", true, nil, true},
		"a domain of the workspace":   {"ann@corp.example", true, "corp.example", true},
		"not verified":                {"ann@gmail.com", false, nil, false},
		"not verified, of the domain": {"ann@corp.example", false, "corp.example", false},
		"another domain":              {"ann@corp.example", true, "mallory.example", false},
		"a domain below it":           {"ann@a.corp.example", true, "corp.example", false},
		"a domain above it":           {"ann@example", true, "corp.example", false},
		"no domain":                   {"ann@corp.example", true, nil, false},
		"an empty domain":             {"ann@", true, "", false},
		"a list of domains":           {"ann@corp.example", true, []any{"corp.example"}, false},
		"a number":                    {"ann@1", true, json.Number("1"), false},
		"two signs":                   {"ann@corp.example@gmail.com", true, nil, false},
		"gmail before another":        {"ann@gmail.com@corp.example", true, "corp.example", false},
		"gmail at its end":            {"ann@notgmail.com", true, nil, false},
		"gmail with a dot":            {"ann@gmail.com.", true, nil, false},
		"a space":                     {"ann@gmail.com ", true, nil, false},
		"a line":                      {"ann@corp.example\n@gmail.com", true, nil, false},
		"Kelvin's sign":               {"ann@\u212aorp.example", true, "korp.example", false},
		"no name":                     {"@gmail.com", true, nil, false},
	} {
		p := oauth.Profile{Subject: "1", Email: row.email, EmailVerified: row.verified, Claims: map[string]any{"hd": row.hd}}
		if got := google(p); got != row.want {
			t.Errorf("Google, %s: %t", name, got)
		}
	}
	sure := oauth.Profile{Subject: "1", Email: "ann@gmail.com", EmailVerified: true, Claims: map[string]any{"hd": "gmail.com", "xms_edov": true}}
	for _, idp := range []oauth.IDP{
		oauth.Microsoft("common", "id", "secret"), oauth.GitHub("id", "s"), oauth.GitLab("", "id", "s"), oauth.Discord("id", "s"), oauth.Facebook("id", "s"),
		oauth.LinkedIn("id", "s"), oauth.Slack("id", "s"), oauth.Twitch("id", "s"), oauth.Spotify("id", "s"), oauth.X("id", "s"),
		oauth.OpenID("demo", "Demo", "https://id.example", "id", "s"),
	} {
		if idp.Authoritative != nil && idp.Authoritative(sure) {
			t.Errorf("%s is believed", idp.ID)
		}
	}
	ms := oauth.Microsoft("common", "id", "secret")
	if p := ms.Map(map[string]any{"email": "ann@corp.example", "email_verified": true, "xms_edov": true}); p.EmailVerified {
		t.Error("Microsoft's claim proves an address (nOAuth)")
	}
	for _, tid := range []any{nil, "", "common", "9188040D-6C67-4C5B-B112-36A304B66DAD", "9188040d-6c67-4c5b-b112-36a304b66dad/../x", []any{"9188040d-6c67-4c5b-b112-36a304b66dad"}, "liar.example/" + strings.Repeat("a", 23)} {
		if got, err := ms.IssuerOf(map[string]any{"tid": tid, "iss": "https://liar.example"}); err == nil {
			t.Errorf("tid %v is of %q", tid, got)
		}
	}
}

// Where addresses are proven first, no answer tells what is behind an address: not its
// status, body, cookies or headers.
func TestAttackWhatAnAnswerTells(t *testing.T) {
	s := newSite(t, authtest.Database(t), nil, authtest.ProveFirst())
	ctx := t.Context()
	make := func(email string, proven bool) string {
		u, err := s.Auth.CreateUser(ctx, auth.NewUser{Email: email, EmailVerified: proven})
		if err != nil {
			t.Fatal(err)
		}
		return u.ID
	}
	make("proven@example.net", true)
	make("unproven@example.net", false)
	if err := s.Auth.DisableUser(ctx, make("disabled@example.net", true)); err != nil {
		t.Fatal(err)
	}
	second := make("second@example.net", true)
	if err := s.factor.Enrol(ctx, second, "123456"); err != nil {
		t.Fatal(err)
	}
	for _, page := range []bool{false, true} {
		answers := map[string][]string{}
		for i, who := range []string{"nobody", "proven", "unproven", "disabled", "second"} {
			for _, asked := range []string{"told", "typed"} {
				b := s.Browser()
				b.IP = fmt.Sprint("198.51.100.", 10*i)
				email := who + "@example.net"
				as := authtest.Person{Subject: who + asked + fmt.Sprint(page)}
				if asked == "told" {
					as.Email, as.EmailVerified = email, true
				}
				to, _ := begin(b, map[string]any{})
				callback := s.visit(t, to, as)
				var r *authtest.Reply
				if page {
					r = b.Get(pathOf(callback))
				} else {
					r = back(b, callback)
				}
				if asked == "typed" {
					if as := r.Header.Get("Location"); page && as != "/auth/error?code=profile_required" {
						t.Fatal(r, as)
					}
					r = b.Post("/auth/register/complete", map[string]string{"email": email})
				}
				for i := range r.Cookies {
					r.Cookies[i].Value = ""
				}
				r.Header.Del("Set-Cookie")
				told := fmt.Sprint(asked, r, r.Header, len(r.Cookies))
				answers[told] = append(answers[told], who)
			}
		}
		if len(answers) != 2 {
			t.Errorf("pages %t: %v", page, answers)
		}
	}
	if s.links(t) != 0 {
		t.Errorf("%d links", s.links(t))
	}
}

// What has waited for one thing is not given another: the address that a provider has told
// stays, whatever is typed in addition.
func TestAttackTypedAddress(t *testing.T) {
	s := lite(t)
	victim, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: "victim@example.org", EmailVerified: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"victim@example.org", "VICTIM@example.org", "", "x", "a@b@example.org"} {
		b := s.Browser()
		if r := s.come(t, b, authtest.Person{Subject: "mallory"}, map[string]any{}); r.Code() != auth.ErrProfileRequired.Code {
			t.Fatal(r)
		}
		for _, body := range []any{
			map[string]any{"email": email}, map[string]any{"email": email, "email_verified": true, "email_proven": true, "EmailProven": true, "anew": false, "user_id": victim.ID},
		} {
			if r := b.Post("/auth/register/complete", body); r.Status < 400 || r.Status >= 500 || b.Session() != "" || s.links(t) != 0 {
				t.Errorf("%q: %v", email, r)
			}
		}
	}
	// Once, and in this browser only.
	b := s.Browser()
	s.come(t, b, authtest.Person{Subject: "mallory"}, map[string]any{})
	clones := []*authtest.Browser{b.Clone(), b.Clone(), b.Clone(), b.Clone()}
	got := authtest.InParallel(len(clones), func(i int) string {
		r := clones[i].Post("/auth/register/complete", map[string]any{"email": fmt.Sprint("m", i, "@example.net")})
		return fmt.Sprint(r.Status)
	})
	if got["201"] != 1 || s.links(t) != 1 || s.users(t) != 2 {
		t.Errorf("%v, %d links, %d users", got, s.links(t), s.users(t))
	}
	if n := s.Client.Challenge.Query().Where(challenge.Purpose("oauth:state")).CountX(t.Context()); n != 0 {
		t.Errorf("%d states are left", n)
	}
	if r := s.Browser().Post("/auth/register/complete", map[string]any{"email": "m@example.net"}); r.Status != http.StatusBadRequest {
		t.Errorf("another browser: %v", r)
	}
}

// An address that is kept for who has changed away from it is nobody's to take, whoever
// vouches for it.
func TestAttackReservedAddress(t *testing.T) {
	s := lite(t)
	u, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: "old@example.org", EmailVerified: true})
	if err != nil {
		t.Fatal(err)
	}
	b := s.Browser()
	if r := s.come(t, b, person("old"), map[string]any{"fresh": true}); r.UserID() != u.ID {
		t.Fatal(r)
	}
	if r := b.Post("/auth/email/change", map[string]string{"email": "new@example.org"}); r.Status != http.StatusAccepted {
		t.Fatal(r)
	}
	token := tokenIn(t, s.Mail(t, "new@example.org"))
	if r := b.Post("/auth/email/change/confirm", map[string]string{"token": token}); r.Status != http.StatusOK {
		t.Fatal(r)
	}
	who := person("mallory")
	who.Email = "old@example.org"
	m := s.Browser()
	if r := s.come(t, m, who, map[string]any{}); r.Code() != auth.ErrEmailTaken.Code || m.Session() != "" || s.users(t) != 1 || s.links(t) != 1 {
		t.Errorf("%v, %d users, %d links", r, s.users(t), s.links(t))
	}
	// The identity that is linked opens the account still, whatever its address is now.
	if r := s.come(t, s.Browser(), person("old"), map[string]any{}); r.UserID() != u.ID {
		t.Errorf("%v", r)
	}
}
