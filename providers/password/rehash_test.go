package password_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/ent/hook"
	"github.com/torii-go/torii/internal/passhash"
)

// weakly stores a user's password with parameters from long ago.
func weakly(t *testing.T, s *site, userID, secret string) (stored string) {
	t.Helper()
	hasher, err := passhash.New(passhash.Config{Params: passhash.Params{Memory: 8, Time: 1, Threads: 1}, InsecureParams: true})
	if err != nil {
		t.Fatal(err)
	}
	stored, err = hasher.Hash(t.Context(), secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Client.Credential.Update().Where(credential.UserID(userID), credential.Kind("password")).SetSecret(stored).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	return stored
}

// stronger is a site that hashes with more than weakly.
func stronger(t *testing.T) *site {
	t.Helper()
	return newSite(t, authtest.Database(t), auth.Config{Hash: auth.HashConfig{MemoryKiB: 16, Passes: 2, InsecureParams: true}})
}

func TestSignInRenewsAWeakHash(t *testing.T) {
	s := stronger(t)
	email, res := s.account(t)
	weak := weakly(t, s, res.User.ID, phrase)
	if _, err := s.signIn(t, email, "wrong"); err != auth.ErrInvalidCredentials {
		t.Fatal(err)
	}
	if got := s.row(t, res.User.ID).Secret; got != weak {
		t.Errorf("a wrong password renewed the hash: %q", got)
	}
	if _, err := s.signIn(t, email, phrase); err != nil {
		t.Fatal(err)
	}
	renewed := s.row(t, res.User.ID).Secret
	if !strings.HasPrefix(renewed, "$argon2id$v=19$m=16,t=2,p=1$") {
		t.Errorf("stored %q after a sign-in, want m=16,t=2", renewed)
	}
	if _, err := s.signIn(t, email, phrase); err != nil {
		t.Errorf("sign-in by the renewed hash: %v", err)
	}
	if got := s.row(t, res.User.ID).Secret; got != renewed {
		t.Error("a hash that is current was renewed again")
	}
	if live := s.live(t, res.User.ID); len(live) != 3 {
		t.Errorf("sessions %v, want all three: a renewed hash ends none", live)
	}
}

// onSecret runs f before each write of a secret.
func onSecret(s *site, f func() error) {
	s.Client.Credential.Use(func(next ent.Mutator) ent.Mutator {
		return hook.CredentialFunc(func(ctx context.Context, m *ent.CredentialMutation) (ent.Value, error) {
			if _, ok := m.Secret(); ok {
				if err := f(); err != nil {
					return nil, err
				}
			}
			return next.Mutate(ctx, m)
		})
	})
}

func TestHashThatCannotBeRenewedRefusesNobody(t *testing.T) {
	s := stronger(t)
	email, res := s.account(t)
	weak := weakly(t, s, res.User.ID, phrase)
	tried := 0
	onSecret(s, func() error { tried++; return errors.New("the disk is full") })
	if _, err := s.signIn(t, email, phrase); err != nil {
		t.Errorf("sign-in: %v", err)
	}
	if got := s.row(t, res.User.ID).Secret; got != weak || tried != 1 {
		t.Errorf("tried %d times, stored %q, want once and %q", tried, got, weak)
	}
	if !strings.Contains(s.Log(), "hash not renewed") || strings.Contains(s.Log(), phrase) || strings.Contains(s.Log(), weak) {
		t.Errorf("log:\n%s", s.Log())
	}
}

func TestChangeWinsOverARenewedHash(t *testing.T) {
	s := stronger(t)
	email, res := s.account(t)
	weakly(t, s, res.User.ID, phrase)
	overtaking := false
	onSecret(s, func() error { // as if somebody changed it after the sign-in's last look
		if overtaking {
			return nil
		}
		overtaking = true
		return s.pw.Set(t.Context(), res.User.ID, next)
	})
	if _, err := s.signIn(t, email, phrase); err != nil {
		t.Fatal(err)
	}
	if _, err := s.signIn(t, email, next); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if _, err := s.signIn(t, email, phrase); err != auth.ErrInvalidCredentials {
		t.Errorf("the old password: %v", err)
	}
}
