package auth_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/ent/challenge"
)

// together are what one person can have mailed at once, in an order in which none ends
// another.
var together = []string{"undo", "verify", "sign in", "reset", "change", "sign up"}

// live has them all mailed, and read in one browser.
func live(t *testing.T, s *authtest.Site) map[string]kept {
	t.Helper()
	v := member(t, s)
	all := map[string]kept{}
	for _, name := range together {
		k := kept{purpose: purposeOf(t, name)}
		k.to = k.ask(t, s, v)
		k.open(t, s)
		all[name] = k
	}
	for name, k := range all {
		k.visitor = *v
		all[name] = k
	}
	return all
}

// A secret opens what it was mailed for and nothing else, also for who holds all flows
// and the session that any of them could need.
func TestASecretOpensNoOtherDoor(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		for _, name := range together {
			t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
				all := live(t, s)
				k, before := all[name], rows(t, client)
				for _, other := range all {
					if other.route == k.route {
						continue // a sign-up and an account are verified by one route: by what the row says
					}
					refused(t, other.offer(k.b, k.token), "its secret at "+other.route)
					if other.code {
						r := other.try(k.b, k.token)
						refused(t, r, "its secret as a code at "+other.route)
						forgetTries(t, client)
					}
					if k.code && other.code {
						refused(t, other.try(k.b, k.typed), "its code at "+other.route)
						forgetTries(t, client)
					}
				}
				r := k.b.Post("/auth/password/reset/verify", map[string]string{"token": k.token})
				var valid struct{ Valid bool }
				if err := r.JSON(&valid); err != nil || r.Status != http.StatusOK || valid.Valid != (name == "reset") {
					t.Errorf("its secret at /password/reset/verify: %v", r)
				}
				for _, path := range []string{"/auth/user", "/auth/session"} {
					b := elsewhere(s)
					b.SetCookie(sessionCookie, k.token)
					bearer := s.App()
					bearer.Header.Set("Authorization", "Bearer "+k.token)
					if r, app := b.Get(path), bearer.Get(path); r.Status != http.StatusUnauthorized || app.Status != http.StatusUnauthorized {
						t.Errorf("its secret as a session at %s: %v, %v", path, r, app)
					}
				}
				unchanged(t, client, before, "trying the secret everywhere")
				k.works(t, "all other doors")
			})
		}
	})
}

// A secret that is bound works in the browser that asked for it, and in no other one,
// whoever is signed in there.
func TestWhereALinkWorks(t *testing.T) {
	eachPurpose(t, func(t *testing.T, s *authtest.Site, p purpose) {
		k := p.prepare(t, s)
		browsers := map[string]*authtest.Browser{"another browser": elsewhere(s), "a stranger's browser": member(t, s).b}
		if p.name == "change" {
			browsers["another session of the owner"] = elsewhere(s)
			posts(t, browsers["another session of the owner"], "/auth/login", credentials(k.email, phrase), http.StatusOK)
		}
		for name, b := range browsers {
			if p.bound {
				before := b.Session()
				r := k.offer(b, k.token)
				if p.name != "change" || before != "" || r.Status != http.StatusUnauthorized {
					refused(t, r, "the link in "+name)
				}
				if b.Session() != before {
					t.Errorf("the link in %s changed who is signed in", name)
				}
				continue
			}
			if r := k.offer(b, k.token); r.Status != p.status {
				t.Errorf("the link in %s: %v, want %d", name, r, p.status)
			}
			k = p.prepare(t, s)
		}
		k.works(t, "all others")
	})
}

// forgetTries takes back what was counted, so that the next row is compared as well.
func forgetTries(t *testing.T, client *ent.Client) {
	t.Helper()
	client.RateLimit.Delete().ExecX(t.Context())
	client.Challenge.Update().SetAttempts(0).ExecX(t.Context())
}

// mangled are bodies with something other than the secret in its place.
func mangled(k kept, member, secret string) map[string]string {
	raw := func(v string) string {
		rest := ""
		if k.name == "reset" {
			rest = `,"new_password":"` + phrase + ` of the reset"`
		}
		return `{` + v + rest + `}`
	}
	quoted := func(v string) string {
		b, _ := json.Marshal(v) // a string always can be
		return string(b)
	}
	with := func(v string) string { return raw(`"` + member + `":` + v) }
	return map[string]string{
		"nothing":                      "",
		"no object":                    quoted(secret),
		"an empty object":              raw(`"other":1`),
		"an empty one":                 with(`""`),
		"null":                         with("null"),
		"an array of it":               with("[" + quoted(secret) + "]"),
		"an object":                    with(`{"$ne":""}`),
		"a number":                     with("0"),
		"true":                         with("true"),
		"a NUL":                        with(`"\u0000"`),
		"a percent escape of NUL":      with(`"%00"`),
		"it with a NUL behind":         with(quoted(secret + "\x00")),
		"it with half a surrogate":     with(`"` + secret + `\ud800"`),
		"the word null":                with(`"null"`),
		"a wildcard":                   with(`"%"`),
		"injected SQL":                 with(`"' OR 1=1 --"`),
		"60 KB":                        with(quoted(strings.Repeat("A", 60_000))),
		"it with a member twice":       raw(`"` + member + `":"","` + member + `":` + quoted(secret)),
		"a member in another spelling": raw(`"` + strings.ToUpper(member) + `":` + quoted(secret)),
	}
}

func TestBadInputUsesNothingUp(t *testing.T) {
	eachPurpose(t, func(t *testing.T, s *authtest.Site, p purpose) {
		k := p.prepare(t, s)
		before := rows(t, s.Client)
		bad := func(b *authtest.Browser, body, what string) {
			t.Helper()
			r := b.Post("/auth"+p.route, body)
			if r.Status != http.StatusBadRequest || r.Code() != "invalid_token" && r.Code() != "invalid_request" {
				t.Errorf("%s: %v, want 400", what, r)
			}
		}
		for what, body := range mangled(k, "token", k.token) {
			bad(k.b, body, what+" for a token")
		}
		// Tokens are compared to the byte, on databases that fold case and trailing space too.
		for _, spelling := range []string{
			strings.ToUpper(k.token), strings.ToLower(k.token), k.token + " ", " " + k.token, k.token + "\n", k.token + "=",
			k.token[:42], k.token + "A", k.token[:42] + "\u0131", swapCase(k.token),
		} {
			refused(t, k.offer(k.b, spelling), "the token spelled "+spelling)
		}
		if n := s.Client.Challenge.Query().Where(challenge.AttemptsGT(0)).CountX(t.Context()); n != 0 {
			t.Errorf("bad tokens were counted as codes in %d flows", n)
		}
		if p.code {
			for what, body := range mangled(k, "code", k.typed) {
				bad(k.b, body, what+" for a code")
				forgetTries(t, s.Client)
			}
			both, err := json.Marshal(map[string]string{"token": k.token, "code": k.typed})
			if err != nil {
				t.Fatal(err)
			}
			bad(k.b, string(both), "a token and a code")
		}
		huge := k.b.Post("/auth"+p.route, `{"token":"`+strings.Repeat("A", 1<<20)+`"}`)
		if huge.Status != http.StatusRequestEntityTooLarge || huge.Code() != "body_too_large" {
			t.Errorf("1 MB: %v, want 413", huge)
		}
		unchanged(t, s.Client, before, "bad input")
		if n := s.Client.AuthEvent.Query().Where(authevent.Code("internal")).CountX(t.Context()); n != 0 || strings.Contains(s.Log(), "level=ERROR") {
			t.Errorf("%d internal errors; log:\n%s", n, s.Log())
		}
		k.works(t, "bad input")
	})
}

// swapCase makes each capital a small letter and each small one a capital.
func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, s)
}
