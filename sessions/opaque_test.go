package sessions_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/schema"
	"github.com/torii-go/torii/ent/session"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/sessions"
)

// The life of a session, from sign-in to sign-out.
func TestSession(t *testing.T) {
	each(t, sessions.Config{}, func(t *testing.T, d *desk) {
		ctx, user := t.Context(), d.user()
		opened, secret, err := d.Create(ctx, d.client, sessions.Opening{
			ID: schema.NewID("ses"), User: &ent.User{ID: user}, At: d.clock.Now(),
			Transport: sessions.Bearer, UserAgent: "app/1", IP: "192.0.2.1",
			Factors: []sessions.Factor{{Kind: "password", At: d.clock.Now()}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(secret.Reveal()); n != 43 {
			t.Errorf("the token has %d characters, want 43", n)
		}
		found, u, err := d.Lookup(ctx, d.client, secret.Reveal())
		if err != nil || u.ID != user || fmt.Sprint(found) != fmt.Sprint(opened) {
			t.Fatalf("Lookup: %+v of %v, %v; want %+v of %s", found, u, err, opened, user)
		}
		if want := d.clock.Now().Add(30 * 24 * time.Hour); !found.ExpiresAt.Equal(want) || !found.AbsoluteExpiresAt.Equal(want) {
			t.Errorf("expires at %v and %v, want both at %v", found.ExpiresAt, found.AbsoluteExpiresAt, want)
		}

		d.clock.Advance(time.Minute)
		seen, err := d.Touch(ctx, d.client, found, "app/2", "192.0.2.2")
		if err != nil || seen.UserAgent != "app/2" || seen.IP != "192.0.2.2" || !seen.LastSeenAt.Equal(d.clock.Now()) {
			t.Fatalf("Touch: %+v, %v", seen, err)
		}
		renewed, fresh, err := d.Rotate(ctx, d.client, seen, sessions.Factor{Kind: "totp", At: d.clock.Now()})
		if err != nil || renewed.ID != opened.ID || len(renewed.Factors) != 2 || fresh == secret {
			t.Fatalf("Rotate: %+v, %v", renewed, err)
		}
		if d.lives(secret.Reveal()) || !d.lives(fresh.Reveal()) {
			t.Error("after Rotate the old token must be dead and the new one alive")
		}
		list, err := d.List(ctx, d.client, user)
		if err != nil || len(list) != 1 || fmt.Sprint(list[0]) != fmt.Sprint(renewed) {
			t.Fatalf("List: %+v, %v; want %+v", list, err, renewed)
		}
		if err := d.Revoke(ctx, d.client, user, opened.ID); err != nil {
			t.Fatal(err)
		}
		if d.lives(fresh.Reveal()) || d.stored(opened.ID) {
			t.Error("a revoked session is still there")
		}
	})
}

func TestTransportIsACookieUnlessSaid(t *testing.T) {
	each(t, sessions.Config{}, func(t *testing.T, d *desk) {
		opened, secret := d.open(d.user())
		found, _, err := d.Lookup(t.Context(), d.client, secret)
		if err != nil || opened.Transport != sessions.Cookie || found.Transport != sessions.Cookie {
			t.Errorf("transports %q and %q, %v; want cookie", opened.Transport, found.Transport, err)
		}
	})
}

func TestDatabaseHoldsNoToken(t *testing.T) {
	each(t, sessions.Config{}, func(t *testing.T, d *desk) {
		s, secret := d.open(d.user())
		row, err := d.client.Session.Query().Where(session.ID(s.ID)).Only(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		hash := token.HashOf(secret)
		if !bytes.Equal(row.TokenHash, hash[:]) {
			t.Errorf("stored %x, want the SHA-256 %x", row.TokenHash, hash)
		}
		if text := fmt.Sprintf("%v %+v %#v", s, row, *row); strings.Contains(text, secret) || strings.Contains(text, string(hash[:])) {
			t.Errorf("a printed session shows its secret: %s", text)
		}
	})
}

// mangled is everything near a token that must not open its session.
func mangled(secret string) []string {
	var list []string
	for i := range secret {
		list = append(list, secret[:i], secret[i+1:], secret[:i]+flip(secret[i])+secret[i+1:], secret[:i]+"\n"+secret[i:])
	}
	for _, c := range []byte{0, ' ', '=', 'A', 'a', '0', '-', '_', '.', 0x80, 0xff} {
		list = append(list, secret+string([]byte{c}), string([]byte{c})+secret)
	}
	return append(list,
		strings.ToUpper(secret), strings.ToLower(secret), secret+secret, "Bearer "+secret,
		strings.Map(swapAlphabets, secret)+"=", secret+strings.Repeat("A", 1<<20))
}

// flip changes the case of a letter, and anything else to a letter.
func flip(c byte) string {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		return string([]byte{c ^ 0x20})
	case c == 'x':
		return "y"
	}
	return "x"
}

func swapAlphabets(r rune) rune {
	switch r {
	case '-':
		return '+'
	case '_':
		return '/'
	}
	return r
}

func TestOnlyTheWholeTokenOpens(t *testing.T) {
	each(t, sessions.Config{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		_, secret := d.open(d.user())
		tried := mangled(secret)
		for _, wrong := range append(tried, "", "null", strings.Repeat("A", 43)) {
			if wrong == secret { // no letter in it, or all of one case
				continue
			}
			s, u, err := d.Lookup(ctx, d.client, wrong)
			if !errors.Is(err, sessions.ErrNotFound) || s.ID != "" || u != nil {
				t.Errorf("Lookup: %+v, %v, %v; want ErrNotFound for %.60q", s, u, err, wrong)
			}
		}
		if !d.lives(secret) {
			t.Error("the token itself is refused")
		}
	})
}

func TestIDOpensNothing(t *testing.T) {
	each(t, sessions.Config{}, func(t *testing.T, d *desk) {
		s, secret := d.open(d.user())
		hash := token.HashOf(secret)
		for _, public := range []string{s.ID, s.UserID, string(hash[:]), fmt.Sprintf("%x", hash)} {
			if d.lives(public) {
				t.Errorf("%q opens the session", public)
			}
		}
	})
}

func TestTokensAreUnique(t *testing.T) {
	const n = 10_000
	seen := make(map[string]bool, n)
	var letters [256]int
	for range n {
		secret := token.New().Reveal()
		if len(secret) != 43 || seen[secret] {
			t.Fatalf("token %d is %d characters long, seen before: %t", len(seen)+1, len(secret), seen[secret])
		}
		seen[secret] = true
		for i := range len(secret) {
			letters[secret[i]]++
		}
	}
	var used []byte
	for c, count := range letters {
		if count > 0 {
			used = append(used, byte(c))
		}
	}
	if want := "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"; string(used) != want {
		t.Errorf("alphabet %q, want %q", used, want)
	}
}

func TestRevoke(t *testing.T) {
	each(t, sessions.Config{}, func(t *testing.T, d *desk) {
		ctx, ann, bob := t.Context(), d.user(), d.user()
		a1, annToken := d.open(ann)
		a2, _ := d.open(ann)
		a3, _ := d.open(ann)
		b1, bobToken := d.open(bob)
		for _, row := range []struct{ name, user, id string }{
			{"somebody else's session", ann, b1.ID},
			{"no session", ann, "ses_00000000000000000000000000"},
			{"an empty id", ann, ""},
			{"an empty user", "", a1.ID},
			{"an id with a wildcard", ann, "%"},
			{"an id in upper case", ann, strings.ToUpper(a1.ID)},
		} {
			if err := d.Revoke(ctx, d.client, row.user, row.id); !errors.Is(err, sessions.ErrNotFound) {
				t.Errorf("Revoke of %s: %v, want ErrNotFound", row.name, err)
			}
		}
		if n := must(d.RevokeAll(ctx, d.client, ann, a1.ID, b1.ID))(t); n != 2 || d.stored(a2.ID) || d.stored(a3.ID) {
			t.Errorf("RevokeAll but one ended %d, want 2", n)
		}
		if !d.lives(annToken) || !d.lives(bobToken) {
			t.Error("RevokeAll ended a session that was excepted, or another user's")
		}
		if err := d.Revoke(ctx, d.client, ann, a1.ID); err != nil || d.stored(a1.ID) || d.lives(annToken) {
			t.Errorf("Revoke: %v; want %s gone", err, a1.ID)
		}
		if err := d.Revoke(ctx, d.client, ann, a1.ID); !errors.Is(err, sessions.ErrNotFound) {
			t.Errorf("Revoke twice: %v, want ErrNotFound", err)
		}
		if n := must(d.RevokeAll(ctx, d.client, ann))(t); n != 0 {
			t.Errorf("RevokeAll of nobody ended %d", n)
		}
		if n := must(d.RevokeAll(ctx, d.client, bob))(t); n != 1 || d.lives(bobToken) {
			t.Errorf("RevokeAll without exception ended %d, want 1", n)
		}
	})
}

func TestListIsOfTheLivingAndInOrder(t *testing.T) {
	each(t, sessions.Config{Lifetime: time.Hour}, func(t *testing.T, d *desk) {
		ctx, user := t.Context(), d.user()
		d.open(d.user()) // a stranger's
		var ids []string
		for range 4 {
			s, _ := d.open(user)
			ids = append(ids, s.ID)
			d.clock.Advance(10 * time.Minute)
		}
		list := must(d.List(ctx, d.client, user))(t)
		if _, err := d.Touch(ctx, d.client, list[3], "", ""); err != nil { // the oldest is used now
			t.Fatal(err)
		}
		check := func(when string, want ...string) {
			t.Helper()
			var got []string
			for _, s := range must(d.List(ctx, d.client, user))(t) {
				got = append(got, s.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", when, got, want)
			}
		}
		check("after a use", ids[0], ids[3], ids[2], ids[1])
		d.clock.Advance(20 * time.Minute) // the first is an hour old
		check("when the first has expired", ids[3], ids[2], ids[1])
	})
}
