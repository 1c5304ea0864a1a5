package sessions_test

import (
	"errors"
	"testing"
	"time"

	"github.com/torii-go/torii/sessions"
)

func TestExpiry(t *testing.T) {
	each(t, sessions.Config{Lifetime: time.Hour}, func(t *testing.T, d *desk) {
		s, secret := d.open(d.user())
		d.clock.Advance(time.Hour - time.Microsecond)
		if !d.lives(secret) {
			t.Error("dead a microsecond before it expires")
		}
		d.clock.Advance(time.Microsecond)
		if d.lives(secret) {
			t.Error("alive at the instant at which it expires")
		}
		if d.stored(s.ID) {
			t.Error("seen expired, and not deleted")
		}
	})
}

// Each row is a session that is used at some times and looked up at another.
func TestIdleAndAbsoluteExpiry(t *testing.T) {
	const m = time.Minute
	each(t, sessions.Config{Lifetime: time.Hour, IdleTimeout: 10 * m}, func(t *testing.T, d *desk) {
		for _, row := range []struct {
			name  string
			used  []time.Duration
			at    time.Duration
			lives bool
		}{
			{"unused, just before the idle timeout", nil, 10*m - 1000, true},
			{"unused, at the idle timeout", nil, 10 * m, false},
			{"used once, just before the new idle timeout", []time.Duration{9 * m}, 19*m - 1000, true},
			{"used once, at the new idle timeout", []time.Duration{9 * m}, 19 * m, false},
			{"used within the first minute, which is not recorded", []time.Duration{m - 1000}, 10 * m, false},
			{"used all the time, just before the absolute end", []time.Duration{9 * m, 18 * m, 27 * m, 36 * m, 45 * m, 54 * m}, 60*m - 1000, true},
			{"used all the time, at the absolute end", []time.Duration{9 * m, 18 * m, 27 * m, 36 * m, 45 * m, 54 * m}, 60 * m, false},
			{"used until the last moment, at the absolute end", []time.Duration{9 * m, 18 * m, 27 * m, 36 * m, 45 * m, 54 * m, 59 * m}, 60 * m, false},
		} {
			start := d.clock.Now()
			_, secret := d.open(d.user())
			for _, at := range row.used {
				d.clock.Advance(start.Add(at).Sub(d.clock.Now()))
				s, _, err := d.Lookup(t.Context(), d.client, secret)
				if err != nil {
					t.Fatalf("%s: use after %v: %v", row.name, at, err)
				}
				if s, err = d.Touch(t.Context(), d.client, s, "", ""); err != nil || s.ExpiresAt.After(s.AbsoluteExpiresAt) {
					t.Fatalf("%s: use after %v: %v, expires at %v, absolutely at %v", row.name, at, err, s.ExpiresAt, s.AbsoluteExpiresAt)
				}
			}
			d.clock.Advance(start.Add(row.at).Sub(d.clock.Now()))
			if got := d.lives(secret); got != row.lives {
				t.Errorf("%s: lives %t, want %t", row.name, got, row.lives)
			}
		}
	})
}

// A short idle timeout, down to the step in which use is recorded, must not throw out
// somebody who clicks all the time.
func TestConstantUseOutlivesAShortIdleTimeout(t *testing.T) {
	each(t, sessions.Config{IdleTimeout: time.Minute}, func(t *testing.T, d *desk) {
		_, secret := d.open(d.user())
		for i := range 20 {
			d.clock.Advance(10 * time.Second)
			s, _, err := d.Lookup(t.Context(), d.client, secret)
			if err != nil {
				t.Fatalf("used every ten seconds, dead after %d: %v", (i+1)*10, err)
			}
			if _, err := d.Touch(t.Context(), d.client, s, "", ""); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestClockThatRunsBehind(t *testing.T) {
	each(t, sessions.Config{}, func(t *testing.T, d *desk) {
		for _, row := range []struct {
			name   string
			behind time.Duration
			want   error
		}{
			{"the same time", 0, nil},
			{"a minute behind", time.Minute, nil},
			{"more than a minute behind", time.Minute + time.Microsecond, sessions.ErrClock},
			{"a year behind", 365 * 24 * time.Hour, sessions.ErrClock},
		} {
			_, secret := d.open(d.user())
			d.clock.Advance(-row.behind)
			_, _, err := d.Lookup(t.Context(), d.client, secret)
			d.clock.Advance(row.behind)
			if !errors.Is(err, row.want) || row.want == nil && err != nil {
				t.Errorf("%s: %v, want %v", row.name, err, row.want)
			}
		}
	})
}

func TestSweep(t *testing.T) {
	each(t, sessions.Config{Lifetime: time.Hour}, func(t *testing.T, d *desk) {
		ctx, user := t.Context(), d.user()
		for range 5 {
			d.open(user)
		}
		d.clock.Advance(30 * time.Minute)
		s, secret := d.open(user)
		if n := must(d.Sweep(ctx, d.client, 100))(t); n != 0 {
			t.Errorf("swept %d living sessions", n)
		}
		d.clock.Advance(30*time.Minute + time.Microsecond)
		for _, want := range []int{2, 2, 1, 0} {
			if n := must(d.Sweep(ctx, d.client, 2))(t); n != want {
				t.Errorf("swept %d, want %d", n, want)
			}
		}
		if !d.stored(s.ID) || !d.lives(secret) {
			t.Error("swept a living session")
		}
	})
}
