package auth_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/providers/magiclink"
	"github.com/torii-go/torii/providers/password"
)

// scene is a site in the middle of everything: each kind of secret is mailed and unused,
// each kind of flow is open, somebody is signed in, and a mail waits.
type scene struct {
	*authtest.Site
	links   *magiclink.Provider
	secrets map[string]kept
	owner   *authtest.Browser // who holds all flows and the session
}

func busy(t *testing.T, db testdb.DB) scene {
	t.Helper()
	factor := &authtest.SecondFactor{}
	d := scene{links: magiclink.New(magiclink.Config{})}
	d.Site = waiting(t, open(t, db), password.New(password.Config{}), d.links, factor)
	d.secrets = live(t, d.Site)
	d.owner = d.secrets["change"].b

	second := member(t, d.Site)
	if err := factor.Enrol(t.Context(), second.id, testCode); err != nil {
		t.Fatal(err)
	}
	posts(t, elsewhere(d.Site), "/auth/login", credentials(second.email, phrase), http.StatusUnauthorized)
	for _, name := range []string{"sign in for the first time", "reclaim"} {
		d.secrets[name] = purposeOf(t, name).prepare(t, d.Site)
	}
	d.Outbox.Fail(errLater)
	askSignIn(t, d.Site, &visitor{b: elsewhere(d.Site), email: person()})
	if err := d.Auth.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// guesses are all spellings of what a thief reads in the tables.
func guesses(cells []cell) []string {
	seen := map[string]bool{}
	for _, c := range cells {
		seen[string(c.value)] = true
		if len(c.value) >= 16 { // what is shorter is the encoding of no secret
			seen[hex.EncodeToString(c.value)] = true
			seen[base64.StdEncoding.EncodeToString(c.value)] = true
			seen[base64.RawURLEncoding.EncodeToString(c.value)] = true
		}
	}
	var list []string
	for text := range seen {
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

// fixed are the cells that no guess may change: all but counters and the log.
func fixed(cells []cell) []string {
	var list []string
	for _, c := range cells {
		if table, _, _ := strings.Cut(c.column, "."); table != "auth_rate_limits" && table != "auth_events" {
			list = append(list, fmt.Sprintf("%s = %q", c.column, c.value))
		}
	}
	slices.Sort(list)
	return list
}

// offerAs tries a string in every place where a secret may stand; as a link's alone,
// unless everywhere.
func (d scene) offerAs(t *testing.T, guess string, everywhere bool) {
	t.Helper()
	refuse := func(r *authtest.Reply, what string, status ...int) {
		if !slices.Contains(status, r.Status) || r.Token() != "" || named(r, deviceCookie) != nil {
			t.Errorf("%q as %s: %v, want %v", guess, what, r, status)
		}
	}
	tried := map[string]bool{}
	for _, p := range purposes {
		if tried[p.route] {
			continue
		}
		tried[p.route] = true
		refuse(p.offer(d.owner, guess), "a token at "+p.route, http.StatusBadRequest)
		if p.code && everywhere && len(guess) < 40 { // no code is longer, however it is typed
			refuse(p.try(d.owner, guess), "a code at "+p.route, http.StatusBadRequest)
			forgetTries(t, d.Client)
		}
	}
	if !everywhere {
		return
	}
	if r := d.owner.Post("/auth/password/reset/verify", map[string]string{"token": guess}); strings.Contains(r.String(), "true") {
		t.Errorf("%q as a token to reset a password: %v", guess, r)
	}
	header := strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, guess), "")
	flow := d.App()
	flow.Header.Set("Torii-Flow", header)
	signIn, signUp, change := d.secrets["sign in"], d.secrets["sign up"], d.secrets["change"]
	refuse(signIn.offer(flow, signIn.token), "the flow of a link", http.StatusBadRequest)
	refuse(signUp.try(flow, signUp.typed), "the flow of a code", http.StatusBadRequest)
	refuse(flow.Post("/auth/test-factor", map[string]string{"code": testCode}), "the flow of a second factor", http.StatusBadRequest)
	cookie, bearer := d.Browser(), d.App()
	cookie.Header.Set("Cookie", sessionCookie+"="+header)
	bearer.Header.Set("Authorization", "Bearer "+header)
	for name, b := range map[string]*authtest.Browser{"a session's cookie": cookie, "a session's bearer": bearer} {
		refuse(b.Get("/auth/user"), name, http.StatusUnauthorized)
		refuse(change.offer(b, change.token), name+" of a change", http.StatusUnauthorized)
	}
}

// A thief of the whole database has no secret: nothing in it, however it is written
// down, opens, proves, resets or changes anything.
func TestADumpOfTheDatabaseRedeemsNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		d := busy(t, db)
		before := dump(t, db)
		stolen := before
		if db.Dialect != "sqlite3" { // there, the columns that stand for secrets
			stolen = slices.DeleteFunc(slices.Clone(before), func(c cell) bool {
				return !strings.HasSuffix(c.column, "_hash") && !strings.HasSuffix(c.column, ".data")
			})
		}
		list := guesses(stolen)
		if len(list) < 60 {
			t.Fatalf("%d guesses: there is nothing to steal", len(list))
		}
		for _, c := range stolen {
			for name, k := range d.secrets {
				if strings.Contains(string(c.value), k.token) || k.typed != "" && strings.Contains(string(c.value), strings.ReplaceAll(k.typed, "-", "")) {
					t.Errorf("the secret to %s is in %s", name, c.column)
				}
			}
		}
		for _, guess := range list {
			d.offerAs(t, guess, db.Dialect == "sqlite3")
		}
		// Every string as a code, and every real secret, with every string as a flow.
		ctx, all := t.Context(), auth.Client{Flows: list}
		for _, code := range list {
			if _, err := d.links.Verify(ctx, auth.Mailed{Code: code}, all); !errors.Is(err, auth.ErrInvalidToken) {
				t.Errorf("%q as a code in all flows: %v", code, err)
			}
			if _, err := d.Auth.VerifyEmail(ctx, auth.Mailed{Code: code}, all); !errors.Is(err, auth.ErrInvalidToken) {
				t.Errorf("%q as a code in all flows: %v", code, err)
			}
		}
		for _, name := range []string{"sign in", "sign in for the first time", "sign up"} {
			k := d.secrets[name]
			for _, m := range []auth.Mailed{{Kind: mail.SignIn, Secret: k.token}, {Kind: mail.SignIn, Code: k.typed}} {
				_, err := d.links.Verify(ctx, m, all)
				_, other := d.Auth.VerifyEmail(ctx, m, all)
				if !errors.Is(err, auth.ErrInvalidToken) || !errors.Is(other, auth.ErrInvalidToken) {
					t.Errorf("the secret to %s with every string as a flow: %v, %v", name, err, other)
				}
			}
		}
		if was, is := fixed(before), fixed(dump(t, db)); !slices.Equal(was, is) {
			t.Errorf("the database changed:\n%q\n%q", was, is)
		}
		if log := d.Log(); strings.Contains(log, "level=ERROR") {
			t.Errorf("something went wrong inside:\n%s", log[strings.Index(log, "level=ERROR"):])
		}
		for _, name := range []string{"change", "undo", "sign up", "sign in for the first time", "reclaim"} {
			d.secrets[name].works(t, "the drill")
		}
	})
}
