package oauth_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
)

// Every lie in an ID token, about its signature, its address or the provider's keys, by an app:
// it fails closed, and the token endpoint is not asked at all.
func TestNativeLiesFailClosed(t *testing.T) {
	// There is no access token to compare with.
	fine := slices.Concat(odd, []authtest.Lie{authtest.LieAtHashOther})
	for _, lie := range authtest.Lies("id_token", "signature", "email", "jwks", "discovery") {
		t.Run(string(lie), func(t *testing.T) {
			n := newNative(t)
			if strings.HasSuffix(string(lie), ".slow") {
				oauth.SetTimeout(n.oauth, 500*time.Millisecond)
			}
			if slices.Contains(unproven, lie) {
				n.victim(t)
			}
			app := n.App()
			n.idp.Lie(lie)
			defer n.idp.Release()
			token := n.token(t, n.start(t, app))
			before := n.ledger(t)
			r := n.finish(app, token)
			switch {
			case slices.Contains(fine, lie):
				if r.Status != http.StatusOK || r.Token() == "" || n.users(t) != 1 || n.links(t) != 1 || n.idp.TokenRequests() != before.sent {
					t.Errorf("%v\n%s", r, n.Log())
				}
			case slices.Contains(unproven, lie):
				n.refuses(t, before, r, auth.ErrEmailTaken.Code, 0)
			default:
				n.refuses(t, before, r, auth.ErrInvalidCredentials.Code, 0)
			}
			if r.Status != http.StatusOK && r.Token() != "" || n.idp.Followed() != 0 {
				t.Errorf("%v, %d redirects were followed", r, n.idp.Followed())
			}
			// The nonce is used up, whatever became of it.
			n.idp.Lie()
			before = n.ledger(t)
			n.refuses(t, before, n.finish(app, token), auth.ErrInvalidCredentials.Code, 0)
		})
	}
}

// victim has an account with the address that the app's token names.
func (n *native) victim(t *testing.T) {
	t.Helper()
	if _, err := n.Auth.CreateUser(t.Context(), auth.NewUser{Email: "ada@example.org", EmailVerified: true}); err != nil {
		t.Fatal(err)
	}
}

// A token counts with its nonce alone: one that this app was given, at this provider, a moment ago.
func TestNativeNonces(t *testing.T) {
	n := newNative(t)
	app := n.App()
	old := n.token(t, n.start(t, app))
	if r := n.finish(app, old); r.Status != http.StatusOK {
		t.Fatal(r)
	}
	for name, token := range map[string]func(b *authtest.Browser) string{
		"used before": func(b *authtest.Browser) string { n.start(t, b); return old },
		"another app's": func(b *authtest.Browser) string {
			nonce := n.start(t, n.App())
			n.start(t, b)
			return n.token(t, nonce)
		},
		"an earlier one": func(b *authtest.Browser) string { nonce := n.start(t, b); n.start(t, b); return n.token(t, nonce) },
		"of the other provider": func(b *authtest.Browser) string {
			return n.token(t, n.startAt(t, "other", b))
		},
		"of the other provider, both begun": func(b *authtest.Browser) string {
			theirs := n.App()
			nonce := n.startAt(t, "other", theirs)
			n.start(t, b)
			b.Header.Add("Torii-Flow", theirs.Header.Get("Torii-Flow"))
			return n.token(t, nonce)
		},
		"signed by the other provider": func(b *authtest.Browser) string { return appToken(t, n.other, "app", n.start(t, b)) },
		"of a browser's sign-in": func(b *authtest.Browser) string {
			r := b.Post("/auth/oauth/demo", map[string]any{})
			b.Header.Set("Torii-Flow", r.Flow())
			return n.token(t, "x")
		},
		"none":         func(b *authtest.Browser) string { n.start(t, b); return n.token(t, "") },
		"made up":      func(b *authtest.Browser) string { n.start(t, b); return n.token(t, "nonce") },
		"without flow": func(*authtest.Browser) string { return n.token(t, "nonce") },
		"too late": func(b *authtest.Browser) string {
			token := n.token(t, n.start(t, b))
			n.Clock.Advance(10 * time.Minute)
			return token
		},
		"after a bad token": func(b *authtest.Browser) string {
			token := n.token(t, n.start(t, b))
			n.finish(b, "x"+token)
			return token
		},
		"for another client": func(b *authtest.Browser) string { return appToken(t, n.idp, "foreign", n.start(t, b)) },
		"no token":           func(b *authtest.Browser) string { n.start(t, b); return "" },
		"three dots":         func(b *authtest.Browser) string { n.start(t, b); return ".." },
		"JSON in its place":  func(b *authtest.Browser) string { n.start(t, b); return `{"payload":"","signatures":[]}` },
	} {
		t.Run(name, func(t *testing.T) {
			b := n.App()
			with := token(b)
			before := n.ledger(t)
			n.refuses(t, before, n.finish(b, with), auth.ErrInvalidCredentials.Code, 0)
		})
	}
}
