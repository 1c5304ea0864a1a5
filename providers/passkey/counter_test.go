package passkey_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/providers/passkey"
)

// used is a sign-in with a counter: what it gets, the counter that is stored then, and how
// many events of a counter that went backwards there are then.
type used struct {
	says   uint32
	status int
	stored int64
	events int
}

// counters are the rows of PK-11; see TestNegative.
func counters(t *testing.T) {
	t.Helper()
	strict := passkey.Config{RefuseBackwardsCounter: true}
	const ok, no = http.StatusOK, http.StatusUnauthorized
	for name, row := range map[string]struct {
		cfg    passkey.Config
		synced bool
		from   uint32
		uses   []used
	}{
		"that grow are no news":          {from: 5, uses: []used{{6, ok, 6, 0}, {7, ok, 7, 0}, {1000000, ok, 1000000, 0}, {1<<32 - 1, ok, 1<<32 - 1, 0}}},
		"that begin at 0 may grow":       {from: 0, uses: []used{{5, ok, 5, 0}, {6, ok, 6, 0}}},
		"that stand still are an event":  {from: 5, uses: []used{{5, ok, 5, 1}, {6, ok, 6, 1}}},
		"that go back are an event":      {from: 5, uses: []used{{4, ok, 4, 1}, {5, ok, 5, 1}}},
		"of 0 are no news":               {from: 0, uses: []used{{0, ok, 0, 0}, {0, ok, 0, 0}}},
		"of 0 that have grown go back":   {from: 5, uses: []used{{0, ok, 0, 1}, {0, ok, 0, 1}}},
		"strict, that grow":              {cfg: strict, from: 5, uses: []used{{6, ok, 6, 0}, {7, ok, 7, 0}}},
		"strict, that stand still":       {cfg: strict, from: 5, uses: []used{{5, no, 5, 1}, {6, ok, 6, 1}}},
		"strict, that go back":           {cfg: strict, from: 5, uses: []used{{4, no, 5, 1}, {5, no, 5, 2}, {6, ok, 6, 2}}},
		"strict, of 0":                   {cfg: strict, from: 0, uses: []used{{0, ok, 0, 0}, {0, ok, 0, 0}}},
		"strict, of 0 that have grown":   {cfg: strict, from: 5, uses: []used{{0, no, 5, 1}, {6, ok, 6, 1}}},
		"strict, synced, that go back":   {cfg: strict, synced: true, from: 5, uses: []used{{4, ok, 4, 1}, {5, ok, 5, 1}}},
		"synced, that stand still":       {synced: true, from: 5, uses: []used{{5, ok, 5, 1}, {6, ok, 6, 1}}},
		"strict, synced, that go beyond": {cfg: strict, synced: true, from: 5, uses: []used{{9, ok, 9, 0}}},
	} {
		t.Run("PK-11 counters "+name, func(t *testing.T) {
			s := lite(t, row.cfg)
			ann := s.newcomer("ann")
			ann.device.CountsFrom, ann.device.DeviceBound = row.from, !row.synced
			ann.enter(t)
			for i, use := range row.uses {
				ann.device.SetCounter(use.says)
				sessions := s.rows(t).sessions
				r := signIn(t, s.Browser(), ann.device)
				if r.Status != use.status || use.status == no && (r.Code() != "invalid_credentials" || s.rows(t).sessions != sessions) {
					t.Errorf("%d. %d: %v, want %d", i, use.says, r, use.status)
				}
				c := s.client.Credential.Query().Where(credential.Kind("passkey")).OnlyX(t.Context())
				if n := s.events(t, auth.EventCounterBackwards); c.SignCount != use.stored || n != use.events {
					t.Errorf("%d. %d: %d is stored, %d events; want %d and %d", i, use.says, c.SignCount, n, use.stored, use.events)
				}
			}
		})
	}
}

// A passkey that says of itself that it may be synced now, or may not any more, signs in.
func TestBackupEligibilityThatChanges(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, bound := range []bool{true, false} {
			name := map[bool]string{true: "bound", false: "synced"}[bound]
			ann := s.newcomer(name)
			ann.device.DeviceBound = bound
			ann.enter(t)
			before := s.events(t, auth.EventBackupChanged)
			for i := range 2 { // the second time it is no news
				ann.device.DeviceBound = !bound
				b := s.Browser()
				if r := signIn(t, b, ann.device); r.UserID() != ann.id {
					t.Fatalf("%s, %d. time: %v", name, i, r)
				}
				got := list(t, b).Passkeys[0]
				if n := s.events(t, auth.EventBackupChanged) - before; got.Synced != bound || got.BackedUp != bound || n != 1 {
					t.Errorf("%s, %d. time: %+v, %d events", name, i, got, n)
				}
			}
			ann.device.DeviceBound = bound
			if r := signIn(t, s.Browser(), ann.device); r.UserID() != ann.id {
				t.Errorf("%s again: %v", name, r)
			}
			if n := s.events(t, auth.EventBackupChanged) - before; n != 2 {
				t.Errorf("%s again: %d events", name, n)
			}
			if r := finish(ann.Browser, "step-up", sign(t, ann.device, begin(t, ann.Browser, "step-up", nil))); r.Status != http.StatusOK {
				t.Errorf("%s, step-up: %v", name, r)
			}
		}
	})
}

// What is backed up may change without a word, and what it is said to be at its use counts.
func TestBackupStateThatChangesIsNoEvent(t *testing.T) {
	s := vectorSite(t, authtest.Origin, passkey.Config{})
	for _, v := range readVectors(t) {
		if v.Title != "backed up since" && v.Title != "not backed up any more" {
			continue
		}
		if got := v.run(t, s); got.how != signsIn {
			t.Errorf("%s: %v", v.Title, got)
		}
		c := s.client.Credential.Query().Where(credential.Identifier(v.Registration.CredentialID.url())).OnlyX(t.Context())
		if backed := c.Flags&bs != 0; backed != strings.HasSuffix(v.Title, "since") {
			t.Errorf("%s: flags %x", v.Title, c.Flags)
		}
	}
	if n := s.events(t, auth.EventBackupChanged); n != 0 {
		t.Errorf("%d events", n)
	}
}

// Of the flags those are kept that say something of the passkey.
func TestFlagsThatAreKept(t *testing.T) {
	s := vectorSite(t, authtest.Origin, passkey.Config{})
	for _, v := range readVectors(t) {
		if v.Title != "extensions that nobody asked for" {
			continue
		}
		flags := func() int64 {
			return s.client.Credential.Query().Where(credential.Identifier(v.Registration.CredentialID.url())).OnlyX(t.Context()).Flags
		}
		signature := v.Authentication.Signature
		v.Authentication.Signature = nil
		if got := v.run(t, s); got.how != refusedToSignIn || flags() != up|uv {
			t.Errorf("made: %v, flags %x", got, flags())
		}
		v.Authentication.Signature = signature
		s = vectorSite(t, authtest.Origin, passkey.Config{})
		if got := v.run(t, s); got.how != signsIn || flags() != up|uv {
			t.Errorf("used: %v, flags %x", got, flags())
		}
		return
	}
	t.Error("no vector with extensions")
}

// Where counters are strict it counts what the passkey was made as.
func TestStrictCounterOfAPasskeyWhoseEligibilityChanges(t *testing.T) {
	for name, bound := range map[string]bool{"bound": true, "synced": false} {
		s := lite(t, passkey.Config{RefuseBackwardsCounter: true})
		ann := s.newcomer("ann")
		ann.device.CountsFrom, ann.device.DeviceBound = 5, bound
		ann.enter(t)
		ann.device.DeviceBound = !bound
		ann.device.SetCounter(4)
		before := s.rows(t)
		r := signIn(t, s.Browser(), ann.device)
		if bound {
			s.refused(t, r, http.StatusUnauthorized, "invalid_credentials", before)
		} else if r.UserID() != ann.id {
			t.Errorf("%s: %v", name, r)
		}
	}
}
