package magiclink_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/providers/magiclink"
)

// Mallory asks for a mail to Ada, who presses what comes: nobody is signed in, Mallory's
// browser least of all.
func TestALinkSignsInNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, magiclink.Config{})
		if r := signIn(t, s.Browser(), ada); r.Status != http.StatusOK {
			t.Fatal(r)
		}
		mallory, victim := s.Browser(), s.Browser()
		lure := letter(t, mallory, ada)
		own := letter(t, victim, ada) // she happens to be signing in herself
		inside := s.Browser()         // and is signed in elsewhere
		if r := signIn(t, inside, "bob@example.org"); r.Status != http.StatusOK {
			t.Fatal(r)
		}
		for name, b := range map[string]*authtest.Browser{"a browser without a flow": s.Browser(), "one with a flow of its own": victim, "one that is signed in": inside} {
			before := b.Session()
			page := b.Get("/auth/magic-link/verify?token=" + secretIn(lure))
			if text := string(page.Body); page.Status != http.StatusOK || strings.Contains(text, "<form") || strings.Contains(text, secretIn(lure)) {
				t.Errorf("the page in %s:\n%s", name, text)
			}
			if r := press(b, secretIn(lure)); r.Code() != "invalid_token" || b.Session() != before {
				t.Errorf("the link in %s: %v", name, r)
			}
			if r := typeIn(b, lure.Code()); r.Code() != "invalid_token" || b.Session() != before {
				t.Errorf("the code in %s: %v", name, r)
			}
		}
		if r := mallory.Get("/auth/user"); r.Status != http.StatusUnauthorized || mallory.Session() != "" {
			t.Errorf("Mallory: %v", r)
		}
		if r := press(mallory, secretIn(own)); r.Code() != "invalid_token" {
			t.Errorf("Ada's link in Mallory's browser: %v", r)
		}
		if r := press(victim, secretIn(own)); r.Status != http.StatusOK {
			t.Errorf("Ada's own link: %v", r)
		}
		// With her answer the other mail has ended, and with it what it could be told for.
		if r := typeIn(mallory, lure.Code()); r.Code() != "invalid_token" || mallory.Session() != "" {
			t.Errorf("the code of the lure, told to Mallory afterwards: %v", r)
		}
		if r := mallory.Get("/auth/magic-link/verify?token=" + secretIn(lure)); strings.Contains(string(r.Body), "<form") {
			t.Errorf("the page of an ended link:\n%s", r.Body)
		}
	})
}
