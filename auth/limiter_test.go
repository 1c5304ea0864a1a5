package auth_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/authevent"
)

func TestFiveGuessesAreFreeThenEachCostsAWait(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		email := person()
		register(t, s.Browser(), email)
		for i := range 5 {
			if r := wrongTry(s, "192.0.2.7", email); r.Status != http.StatusUnauthorized {
				t.Fatalf("try %d: %v", i+1, r)
			}
		}
		for _, minutes := range []int{1, 2, 4, 8, 15, 15} {
			r := wrongTry(s, "192.0.2.7", email)
			if r.Status != http.StatusTooManyRequests || r.Header.Get("Retry-After") != strconv.Itoa(60*minutes) {
				t.Fatalf("in the wait of %d minutes: %v, Retry-After %q", minutes, r, r.Header.Get("Retry-After"))
			}
			s.Clock.Advance(time.Duration(minutes)*time.Minute - time.Second)
			if r := s.Browser().Post("/auth/login", credentials(email, phrase)); r.Status != http.StatusTooManyRequests || r.Header.Get("Retry-After") != "1" {
				t.Errorf("the right password a second before the wait of %d minutes ends: %v, Retry-After %q", minutes, r, r.Header.Get("Retry-After"))
			}
			s.Clock.Advance(time.Second)
			if r := wrongTry(s, "192.0.2.7", email); r.Status != http.StatusUnauthorized {
				t.Errorf("one try after the wait of %d minutes: %v", minutes, r)
			}
		}
		s.Clock.Advance(15 * time.Minute)
		if r := s.Browser().Post("/auth/login", credentials(email, phrase)); r.Status != http.StatusOK {
			t.Errorf("the right password after the last wait: %v", r)
		}
	})
}

func TestWaitAfter(t *testing.T) {
	tests := []struct {
		failures int
		want     time.Duration
	}{
		{0, 0}, {1, 0}, {4, 0},
		{5, time.Minute}, {6, 2 * time.Minute}, {7, 4 * time.Minute}, {8, 8 * time.Minute},
		{9, 15 * time.Minute}, {10, 15 * time.Minute}, {1000, 15 * time.Minute}, {1 << 20, 15 * time.Minute},
	}
	for _, tt := range tests {
		if got := auth.WaitAfter(tt.failures); got != tt.want {
			t.Errorf("waitAfter(%d) = %v, want %v", tt.failures, got, tt.want)
		}
	}
}

func TestParallelGuessesAreCountedExactly(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		email := person()
		userID := register(t, s.Browser(), email)
		guess := func(int) int { return wrongTry(s, "192.0.2.7", email).Status }
		count := func(kind string) int {
			return client.AuthEvent.Query().Where(authevent.UserID(userID), authevent.Kind(kind)).CountX(t.Context())
		}
		if got := authtest.InParallel(50, guess); got[http.StatusUnauthorized] != 5 || got[http.StatusTooManyRequests] != 45 {
			t.Errorf("50 guesses at once: %v, want 5 verified and 45 limited; log:\n%s", got, s.Log())
		}
		if failed, limited := count(auth.EventSignInFailed), count(auth.EventLimited); failed != 5 || limited != 1 {
			t.Errorf("%d events of failure and %d of the limit, want 5 and 1", failed, limited)
		}
		s.Clock.Advance(time.Minute)
		if got := authtest.InParallel(20, guess); got[http.StatusUnauthorized] != 1 || got[http.StatusTooManyRequests] != 19 {
			t.Errorf("20 guesses at once after the wait: %v, want 1 verified and 19 limited", got)
		}
		if failed, limited := count(auth.EventSignInFailed), count(auth.EventLimited); failed != 6 || limited != 2 {
			t.Errorf("%d events of failure and %d of the limit, want 6 and 2", failed, limited)
		}
	})
}

func TestInstancesShareTheLimit(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		g := &gate{Driver: client.Driver(), table: "auth_rate_limits", key: "a:password:"}
		shared := ent.NewClient(ent.Driver(g))
		instances := make([]*authtest.Site, 12)
		for i := range instances {
			instances[i] = newSite(t, shared, auth.Config{})
		}
		email := person()
		register(t, instances[0].Browser(), email)
		wrongTry(instances[0], "192.0.2.7", email)
		g.hold(len(instances)) // until all have read the same count
		got := authtest.InParallel(len(instances), func(i int) int { return wrongTry(instances[i], "192.0.2.7", email).Status })
		if got[http.StatusUnauthorized] != 4 || got[http.StatusTooManyRequests] != 8 {
			t.Errorf("a guess at each of 12 instances at once, after one: %v, want 4 verified and 8 limited", got)
		}
	})
}

func TestFourGuessesAreForgottenInAQuarterOfAnHour(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		for _, tt := range []struct {
			name  string
			after time.Duration
			free  int
		}{
			{"a second before the window ends one is left", 15*time.Minute - time.Second, 1},
			{"when the window ends all are there again", 15 * time.Minute, 5},
		} {
			email := person()
			register(t, s.Browser(), email)
			for range 4 {
				wrongTry(s, "192.0.2.7", email)
			}
			s.Clock.Advance(tt.after)
			free := 0
			for wrongTry(s, "192.0.2.7", email).Status == http.StatusUnauthorized && free < 10 {
				free++
			}
			if free != tt.free {
				t.Errorf("%s: %d free tries, want %d", tt.name, free, tt.free)
			}
		}
	})
}

func TestAnAddressIsOneCounterHoweverItIsSpelled(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		register(t, s.Browser(), "known@example.com")
		for _, name := range []string{"known", "unknown"} {
			spellings := []string{name + "@example.com", name + "@EXAMPLE.com", " " + name + "@example.com", name + "@example.com ", "  " + name + "@Example.Com"}
			for i, spelling := range spellings {
				if r := wrongTry(s, "192.0.2.7", spelling); r.Status != http.StatusUnauthorized {
					t.Errorf("%s, try %d as %q: %v", name, i+1, spelling, r)
				}
			}
			if r := wrongTry(s, "192.0.2.8", name+"@example.COM"); r.Status != http.StatusTooManyRequests {
				t.Errorf("%s, try 6 in a new spelling: %v, want 429", name, r)
			}
		}
	})
}

func TestTheLimitOfOneAccountIsNotThatOfAnother(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		ann, bob := person(), person()
		register(t, s.Browser(), ann)
		register(t, s.Browser(), bob)
		for range 6 {
			wrongTry(s, "192.0.2.7", ann)
		}
		if r := s.Browser().Post("/auth/login", credentials(bob, phrase)); r.Status != http.StatusOK {
			t.Errorf("another account during the wait: %v", r)
		}
		inside := s.Browser()
		inside.Header.Set("User-Agent", "Bob's")
		if r := inside.Post("/auth/login", credentials(bob, phrase)); r.Status != http.StatusOK {
			t.Fatal(r)
		}
		for range 5 {
			if r := inside.Post("/auth/step-up", map[string]string{"password": "wrong"}); r.Code() != auth.ErrWrongPassword.Code {
				t.Errorf("a wrong step-up: %v", r)
			}
		}
		if r := inside.Post("/auth/step-up", map[string]string{"password": phrase}); r.Status != http.StatusTooManyRequests {
			t.Errorf("guessing from inside a session is not limited: %v", r)
		}
		if r := inside.Get("/auth/user"); r.Status != http.StatusOK {
			t.Errorf("the session did not survive the limit: %v", r)
		}
	})
}
