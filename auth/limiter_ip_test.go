package auth_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
)

// guessAround makes n wrong tries at accounts that nobody has, each from a browser that
// prepare may change.
func guessAround(t testing.TB, s *authtest.Site, n int, prepare func(i int, b *authtest.Browser)) {
	t.Helper()
	for i := range n {
		b := s.Browser()
		prepare(i, b)
		if r := b.Post("/auth/login", credentials(person(), "wrong wrong wrong")); r.Status != http.StatusUnauthorized {
			t.Fatalf("guess %d of %d: %v", i+1, n, r)
		}
	}
}

func TestAHundredGuessesAroundEndAtTheirAddress(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		email := person()
		register(t, s.Browser(), email)
		guessAround(t, s, 100, func(i int, b *authtest.Browser) { b.IP = fmt.Sprintf("2001:db8:0:7::%x", i+1) })
		for _, tt := range []struct {
			name, ip string
			want     int
		}{
			{"an address of the same /64", "2001:db8:0:7:ffff:ffff:ffff:ffff", http.StatusTooManyRequests},
			{"the same in another spelling", "2001:0DB8:0000:0007::1", http.StatusTooManyRequests},
			{"the next /64", "2001:db8:0:8::1", http.StatusOK},
			{"an IPv4 address", "192.0.2.1", http.StatusOK},
		} {
			b := s.Browser()
			b.IP = tt.ip
			if r := b.Post("/auth/login", credentials(email, phrase)); r.Status != tt.want {
				t.Errorf("%s: %v, want %d", tt.name, r, tt.want)
			}
		}
		b := s.Browser()
		b.IP = "2001:db8:0:7::1"
		r := b.Post("/auth/register", credentials(person(), phrase))
		if r.Status != http.StatusTooManyRequests || r.Header.Get("Retry-After") != "900" {
			t.Errorf("signing up from there: %v, Retry-After %q, want 429 and 900", r, r.Header.Get("Retry-After"))
		}
		s.Clock.Advance(15 * time.Minute)
		if r := b.Post("/auth/login", credentials(email, phrase)); r.Status != http.StatusOK {
			t.Errorf("when the window is over: %v", r)
		}
	})
}

func TestHammeringAtALockedAccountIsNotFree(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		email := person()
		for i := range 100 {
			want := http.StatusUnauthorized
			if i >= 5 {
				want = http.StatusTooManyRequests
			}
			if r := wrongTry(s, "192.0.2.66", email); r.Status != want {
				t.Fatalf("try %d: %v, want %d", i+1, r, want)
			}
		}
		for ip, want := range map[string]int{"192.0.2.66": 429, "192.0.2.67": 401} {
			if r := wrongTry(s, ip, person()); r.Status != want {
				t.Errorf("another account from %s: %v, want %d", ip, r, want)
			}
		}
	})
}

func TestAMappedAddressIsTheAddress(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		guessAround(t, s, 100, func(i int, b *authtest.Browser) {
			b.IP = []string{"198.51.100.9", "::ffff:198.51.100.9", "::ffff:c633:6409"}[i%3]
		})
		for ip, want := range map[string]int{"198.51.100.9": 429, "::ffff:198.51.100.9": 429, "198.51.100.10": 401} {
			if r := wrongTry(s, ip, person()); r.Status != want {
				t.Errorf("from %s: %v, want %d", ip, r, want)
			}
		}
	})
}

func TestHeadersDoNotChangeTheAddress(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		spoof := func(i int, b *authtest.Browser) {
			ip := fmt.Sprintf("203.0.113.%d", i%200)
			b.IP = "192.0.2.66"
			switch i % 6 {
			case 0:
				b.Header["X-Forwarded-For"] = []string{ip}
			case 1:
				b.Header["X-Forwarded-For"] = []string{ip + ", 10.0.0.1", ip}
			case 2:
				b.Header["X-Real-Ip"] = []string{ip}
			case 3:
				b.Header["Forwarded"] = []string{"for=" + ip}
			case 4:
				b.Header["X-Forwarded-For"] = []string{"nonsense,,\x01"}
			case 5:
				b.Header["Cf-Connecting-Ip"], b.Header["True-Client-Ip"] = []string{ip}, []string{ip}
			}
		}
		guessAround(t, s, 100, spoof)
		for i := range 6 {
			b := s.Browser()
			spoof(i+100, b)
			if r := b.Post("/auth/login", credentials(person(), phrase)); r.Status != http.StatusTooManyRequests {
				t.Errorf("guess %d with headers %v: %v, want 429", 101+i, b.Header, r)
			}
		}
	})
}

func TestADeclaredProxySpeaksForItsClients(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
		// The left end of the list is what the client made up; the proxy wrote the right one.
		guessAround(t, s, 100, func(i int, b *authtest.Browser) {
			b.IP = "10.0.0.1"
			b.Header["X-Forwarded-For"] = []string{fmt.Sprintf("203.0.113.%d, 198.51.100.5", i)}
		})
		for _, tt := range []struct {
			name, socket, forwarded string
			want                    int
		}{
			{"the same client through another proxy", "10.9.9.9", "198.51.100.5", 429},
			{"the same client with another address before it", "10.0.0.1", "192.0.2.99, 198.51.100.5", 429},
			{"another client", "10.0.0.1", "198.51.100.6", 401},
			{"a socket that is no proxy", "192.0.2.1", "198.51.100.5", 401},
		} {
			b := s.Browser()
			b.IP = tt.socket
			b.Header["X-Forwarded-For"] = []string{tt.forwarded}
			if r := b.Post("/auth/login", credentials(person(), "wrong wrong wrong")); r.Status != tt.want {
				t.Errorf("%s: %v, want %d", tt.name, r, tt.want)
			}
		}
	})
}

func TestManySignUpsFromOneAddressSucceed(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		for range 3 { // more than an address may fail, and never more at once than it may
			if got := authtest.InParallel(40, func(int) int {
				return s.Browser().Post("/auth/register", credentials(person(), phrase)).Status
			}); got[http.StatusCreated] != 40 {
				t.Fatalf("40 sign-ups from a university's address: %v", got)
			}
		}
	})
}

func TestASuccessDoesNotForgiveOtherFailures(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		mallory := person()
		register(t, s.Browser(), mallory)
		const ip = "192.0.2.66"
		for i := range 10 {
			guessAround(t, s, 10, func(_ int, b *authtest.Browser) { b.IP = ip })
			b := s.Browser()
			b.IP = ip
			want := http.StatusOK
			if i == 9 {
				want = http.StatusTooManyRequests
			}
			if r := b.Post("/auth/login", credentials(mallory, phrase)); r.Status != want {
				t.Errorf("Mallory's own sign-in after %d guesses: %v, want %d", 10*(i+1), r, want)
			}
		}
		if r := wrongTry(s, ip, person()); r.Status != http.StatusTooManyRequests {
			t.Errorf("guess 101: %v, want 429", r)
		}
	})
}
