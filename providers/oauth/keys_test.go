package oauth_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
)

// A provider's new key is found at once, its old one serves until it is withdrawn, and
// keys that somebody makes up do not have it asked for again and again.
func TestKeysRotate(t *testing.T) {
	s := lite(t)
	enter := func() *authtest.Reply { return s.come(t, s.Browser(), person("ada"), map[string]any{}) }
	if r := enter(); r.Status != http.StatusOK {
		t.Fatal(r)
	}
	s.Clock.Advance(2 * time.Minute)
	if err := s.idp.Rotate(); err != nil {
		t.Fatal(err)
	}
	if r := enter(); r.Status != http.StatusOK || s.idp.JWKSRequests() != 2 {
		t.Errorf("a new key: %v, asked %d times", r, s.idp.JWKSRequests())
	}
	s.idp.Lie(authtest.LieKidUnknown)
	for range 20 {
		if r := enter(); r.Code() != "oauth_failed" {
			t.Errorf("a key that nobody published: %v", r)
		}
	}
	if n := s.idp.JWKSRequests(); n != 2 {
		t.Errorf("in one minute the keys were asked for %d times more", n-2)
	}
	s.Clock.Advance(time.Minute)
	for range 5 {
		enter()
	}
	if n := s.idp.JWKSRequests(); n != 3 {
		t.Errorf("a minute later the keys were asked for %d times", n-2)
	}
	s.idp.Lie()
	// While the provider's keys cannot be had, those that are known serve for a day.
	s.Clock.Advance(time.Hour)
	s.idp.Lie(authtest.LieJWKSStatus500)
	if r := enter(); r.Status != http.StatusOK {
		t.Errorf("without news of the keys: %v", r)
	}
	s.Clock.Advance(25 * time.Hour)
	if r := enter(); r.Code() != "oauth_failed" {
		t.Errorf("a day later: %v", r)
	}
	s.idp.Lie()
	s.Clock.Advance(2 * time.Minute)
	if r := enter(); r.Status != http.StatusOK {
		t.Errorf("the provider is back: %v\n%s", r, s.Log())
	}
}

// Metadata are asked for when they are first needed, and again after an hour; a provider
// in trouble is left alone for a moment.
func TestMetadataAreKept(t *testing.T) {
	s := lite(t)
	s.idp.Lie(authtest.LieDiscoveryStatus500)
	for range 10 {
		if _, r := begin(s.Browser(), map[string]any{}); r.Code() != "oauth_failed" {
			t.Errorf("%v", r)
		}
	}
	if n := s.idp.DiscoveryRequests(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	s.idp.Lie()
	s.Clock.Advance(10 * time.Second)
	authtest.InParallel(20, func(int) bool { _, r := begin(s.Browser(), map[string]any{}); return r.Status == http.StatusOK })
	if n := s.idp.DiscoveryRequests(); n != 2 {
		t.Errorf("asked %d times", n)
	}
	s.Clock.Advance(2 * time.Hour)
	s.idp.Lie(authtest.LieDiscoveryIssuer)
	if _, r := begin(s.Browser(), map[string]any{}); r.Status != http.StatusOK || s.idp.DiscoveryRequests() != 3 {
		t.Errorf("what is known does not serve on: %v", r)
	}
}
