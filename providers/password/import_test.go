package password_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/providers/password"
)

// Hashes of other systems, made by Python's hashlib and crypt and by the reference of
// Argon2. More of each are in internal/passhash.
const (
	letMeIn   = "lètmein"
	ofLaravel = "$2y$10$abcdefghijklmnopqrstuuxmM2LWfxFfsw7CBLfyuCzOrhaxxlSDy"
	ofDjango  = "pbkdf2_sha256$29000$seasalt$OXvcmd5X4lstJYTdn4pNJCadC+PD0daYfoJ18IQ9vb0="
	cheapHash = "$2b$04$abcdefghijklmnopqrstuuanVo7Xut1CH8VGIGlz1JovQh9GJbbtG"
)

var firebase = password.Firebase{
	SignerKey:     "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==",
	SaltSeparator: "Bw==", Rounds: 8, MemCost: 14,
}

const (
	firebaseHash = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
	firebaseSalt = "42xEC+ixf3L2lw=="
)

func ofFirebase(t *testing.T) string {
	t.Helper()
	encoded, err := firebase.Encode(firebaseHash, firebaseSalt)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// bare is a user without a password and without a session.
func (s *site) bare(t testing.TB) *ent.User {
	t.Helper()
	u, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: person()})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestImportedPasswordsSignIn(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, row := range []struct{ name, encoded, password string }{
			{"bcrypt of Laravel", ofLaravel, letMeIn},
			{"bcrypt of Devise", "$2a$10$N9qo8uLOickgx2ZMRZoMyeBwftAgoqq1JK03hbV1IjCx/KwqG5GnO", letMeIn},
			{"PBKDF2 of Django", ofDjango, letMeIn},
			{"bcrypt of SHA-256 of Django", "bcrypt_sha256$$2b$04$LZSJchsWG/DrBy1erNs4ee3gfcEYpWiAjD1w8DTbOXujQlLi9eTni", letMeIn},
			{"Argon2i of Django", "argon2$argon2i$v=19$m=256,t=1,p=1$c29tZXNhbHQ$AJFIsNZTMKTAewB4+ETN1A", "password"},
			{"scrypt of Django", "scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw==", letMeIn},
			{"scrypt of Passlib", "$scrypt$ln=14,r=8,p=1$yMnKy8zNzs/Q0dLT1NXW1w$6TLF711qsMCGpuDwrYDs5PnNGdDF4hLLZ7AskV6xj9c", letMeIn},
			{"scrypt of Firebase", ofFirebase(t), "user1password"},
		} {
			u := s.bare(t)
			if err := s.pw.Import(t.Context(), u.ID, row.encoded); err != nil {
				t.Errorf("%s: Import: %v", row.name, err)
				continue
			}
			login := func(secret string) int {
				return s.Browser().Post("/auth/login", map[string]string{"email": u.Email, "password": secret}).Status
			}
			if r := login(row.password + "!"); r != http.StatusUnauthorized {
				t.Errorf("%s: a wrong password: %d, want 401", row.name, r)
			}
			if got := s.row(t, u.ID).Secret; got != row.encoded {
				t.Errorf("%s: after a wrong password %q is stored, want what was imported", row.name, got)
			}
			if r := login(row.password); r != http.StatusOK {
				t.Errorf("%s: the password: %d, want 200", row.name, r)
			}
			renewed := s.row(t, u.ID).Secret
			if !strings.HasPrefix(renewed, "$argon2id$v=19$m=8,t=1,p=1$") {
				t.Errorf("%s: after a sign-in %q is stored, want Argon2id", row.name, renewed)
			}
			if r := login(row.password); r != http.StatusOK || s.row(t, u.ID).Secret != renewed {
				t.Errorf("%s: the next sign-in: %d, and the hash must stay", row.name, r)
			}
			if r := login(row.password + "!"); r != http.StatusUnauthorized {
				t.Errorf("%s: a wrong password at the end: %d, want 401", row.name, r)
			}
		}
	})
}

// Twice the same import, also in one moment, is as good as once.
func TestImportReplacesWhatWasThere(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		email, res := s.account(t)
		for range 2 {
			if err := s.pw.Import(t.Context(), res.User.ID, cheapHash); err != nil {
				t.Fatal(err)
			}
		}
		if live := s.live(t, res.User.ID); len(live) != 0 {
			t.Errorf("sessions %v, want none", live)
		}
		if _, err := s.signIn(t, email, phrase); err != auth.ErrInvalidCredentials {
			t.Errorf("the password from before: %v", err)
		}
		if _, err := s.signIn(t, email, letMeIn); err != nil {
			t.Errorf("the imported one: %v", err)
		}
		kinds, err := s.Client.AuthEvent.Query().Where(authevent.UserID(res.User.ID), authevent.Kind(auth.EventCredentialChanged)).Count(t.Context())
		if err != nil || kinds == 0 {
			t.Errorf("%d events of a changed credential, %v", kinds, err)
		}
	})
}

// A second run of an import must not give a compromised password back its trust.
func TestImportAgainKeepsTheFlag(t *testing.T) {
	s := lite(t)
	u := s.bare(t)
	if err := s.pw.Import(t.Context(), u.ID, cheapHash); err != nil {
		t.Fatal(err)
	}
	if err := s.pw.RequireChange(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.pw.Import(t.Context(), u.ID, cheapHash); err != nil {
		t.Fatal(err)
	}
	if _, err := s.signIn(t, u.Email, letMeIn); !errors.Is(err, auth.ErrPasswordChangeRequired) {
		t.Errorf("sign-in: %v, want ErrPasswordChangeRequired", err)
	}
	in := password.Credentials{Email: u.Email, Password: letMeIn, NewPassword: next}
	if _, err := s.pw.SignIn(t.Context(), in, auth.Client{}); err != nil {
		t.Errorf("sign-in with a replacement: %v", err)
	}
	if _, err := s.signIn(t, u.Email, next); err != nil {
		t.Errorf("sign-in by the replacement: %v", err)
	}
}

func TestImportRefuses(t *testing.T) {
	s := lite(t)
	email, res := s.account(t)
	before := s.row(t, res.User.ID).Secret
	for name, encoded := range map[string]string{
		"nothing":              "",
		"a password":           phrase,
		"MD5 of Django":        "md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3",
		"an unusable password": "!A2gDmE6hEYmVLvBxPNTzb6vGGhLRqfCqjB0Yj",
		"bcrypt of cost 16":    strings.Replace(ofLaravel, "$10$", "$16$", 1),
		"half of one":          ofLaravel[:30],
		"Argon2d":              "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
		"10^9 iterations":      strings.Replace(ofDjango, "29000", "1000000000", 1),
		"a megabyte":           ofDjango + strings.Repeat("A", 1<<20),
	} {
		err := s.pw.Import(t.Context(), res.User.ID, encoded)
		if code(err) != "unknown_hash" || !errors.Is(err, auth.ErrInvalidFields) {
			t.Errorf("%s: %v, want unknown_hash", name, err)
			continue
		}
		if !strings.Contains(err.Error(), "passhash: ") || len(encoded) > 20 && strings.Contains(err.Error(), encoded[len(encoded)-20:]) {
			t.Errorf("%s: the error %q must say what is wrong, without the hash", name, err)
		}
	}
	for _, id := range []string{"", "usr_x", "usr_00000000000000000000000000"} {
		if err := s.pw.Import(t.Context(), id, ofLaravel); !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("nobody: %v, want ErrNotFound for %q", err, id)
		}
	}
	if err := password.New(password.Config{}).Import(t.Context(), res.User.ID, ofLaravel); !errors.Is(err, auth.ErrNotMounted) {
		t.Errorf("not part of an Auth: %v, want ErrNotMounted", err)
	}
	if got := s.row(t, res.User.ID).Secret; got != before {
		t.Errorf("a refused import has changed the hash to %q", got)
	}
	if _, err := s.signIn(t, email, phrase); err != nil {
		t.Errorf("sign-in after the refusals: %v", err)
	}
}

func TestImportInAHostsTransaction(t *testing.T) {
	onPool(t, func(t *testing.T, s *site, pool *sql.DB) {
		emails, disabled := []string{}, s.bare(t)
		if err := s.Auth.DisableUser(t.Context(), disabled.ID); err != nil {
			t.Fatal(err)
		}
		err := inTx(t, s, pool, func(ctx context.Context, tx *sql.Tx, pw password.Tx) error {
			for i := range 20 {
				u, err := s.Auth.InTx(tx).CreateUser(ctx, auth.NewUser{Email: person()})
				if err != nil {
					return err
				}
				if err := pw.Import(ctx, u.ID, cheapHash); err != nil {
					return err
				}
				if i == 7 { // a bad row among them undoes itself alone
					if err := pw.Import(ctx, u.ID, "nonsense"); code(err) != "unknown_hash" {
						t.Errorf("a bad row: %v, want unknown_hash", err)
					}
					if err := pw.Import(ctx, "usr_x", cheapHash); !errors.Is(err, auth.ErrNotFound) {
						t.Errorf("a row of nobody: %v, want ErrNotFound", err)
					}
				}
				emails = append(emails, u.Email)
			}
			// The same row twice in one transaction, which has one time.
			return errors.Join(pw.Import(ctx, disabled.ID, cheapHash), pw.Import(ctx, disabled.ID, cheapHash))
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, email := range emails {
			if _, err := s.signIn(t, email, letMeIn); err != nil {
				t.Errorf("%s: %v", email, err)
			}
		}
		if err := s.Auth.EnableUser(t.Context(), disabled.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.signIn(t, disabled.Email, letMeIn); err != nil {
			t.Errorf("who was disabled during the import: %v", err)
		}
		gone := s.bare(t)
		if err := inTx(t, s, pool, func(ctx context.Context, _ *sql.Tx, pw password.Tx) error {
			return errors.Join(pw.Import(ctx, gone.ID, cheapHash), errChangedMind)
		}); !errors.Is(err, errChangedMind) {
			t.Fatal(err)
		}
		if n := s.Client.Credential.Query().Where(credential.UserID(gone.ID)).CountX(t.Context()); n != 0 {
			t.Errorf("%d passwords of a rollback", n)
		}
	})
}

func TestImportedHashThatCannotBeRenewedRefusesNobody(t *testing.T) {
	s := lite(t)
	u := s.bare(t)
	if err := s.pw.Import(t.Context(), u.ID, cheapHash); err != nil {
		t.Fatal(err)
	}
	tried := 0
	onSecret(s, func() error { tried++; return errors.New("the disk is full") })
	if _, err := s.signIn(t, u.Email, letMeIn); err != nil {
		t.Errorf("sign-in: %v", err)
	}
	if got := s.row(t, u.ID).Secret; got != cheapHash || tried != 1 {
		t.Errorf("tried %d times, stored %q, want once and the imported one", tried, got)
	}
	if strings.Contains(s.Log(), cheapHash) || strings.Contains(s.Log(), letMeIn) {
		t.Errorf("log:\n%s", s.Log())
	}
}

func TestChangeWinsOverAnImportedHash(t *testing.T) {
	s := lite(t)
	u := s.bare(t)
	if err := s.pw.Import(t.Context(), u.ID, cheapHash); err != nil {
		t.Fatal(err)
	}
	overtaking := false
	onSecret(s, func() error { // as if somebody changed it after the sign-in's last look
		if overtaking {
			return nil
		}
		overtaking = true
		return s.pw.Set(t.Context(), u.ID, next)
	})
	if _, err := s.signIn(t, u.Email, letMeIn); err != nil {
		t.Fatal(err)
	}
	if _, err := s.signIn(t, u.Email, next); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if _, err := s.signIn(t, u.Email, letMeIn); err != auth.ErrInvalidCredentials {
		t.Errorf("the imported password: %v", err)
	}
}

// Whoever signs in while the hash is renewed or the password changed: one hash is left,
// and it is of Argon2id.
func TestManySignInsWithAnImportedHash(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		u := s.bare(t)
		if err := s.pw.Import(t.Context(), u.ID, cheapHash); err != nil {
			t.Fatal(err)
		}
		won := authtest.InParallel(4, func(int) bool {
			_, err := s.signIn(t, u.Email, letMeIn)
			if err != nil {
				t.Errorf("sign-in: %v", err)
			}
			return err == nil
		})[true]
		if got := s.row(t, u.ID).Secret; won != 4 || !strings.HasPrefix(got, "$argon2id$") {
			t.Errorf("%d of 4 signed in, stored %q", won, got)
		}
	})
}

// bcrypt has hashed 72 bytes: the rest counts after the first sign-in and not before.
func TestLongImportedPasswordCountsWholeFromThenOn(t *testing.T) {
	const of72 = "$2b$06$LZSJchsWG/DrBy1erNs4eevHiRYVEe/uf7D5WdIlKW9.wHb4pt9qS"
	first := strings.Repeat("x", 71) + "y"
	s := lite(t)
	u := s.bare(t)
	if err := s.pw.Import(t.Context(), u.ID, of72); err != nil {
		t.Fatal(err)
	}
	if _, err := s.signIn(t, u.Email, first+" and the rest"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.signIn(t, u.Email, first+" and another"); err != auth.ErrInvalidCredentials {
		t.Errorf("another rest: %v, want ErrInvalidCredentials", err)
	}
	if _, err := s.signIn(t, u.Email, first+" and the rest"); err != nil {
		t.Errorf("the whole: %v", err)
	}
}

func TestFirebaseEncode(t *testing.T) {
	standard := ofFirebase(t)
	web := strings.NewReplacer("+", "-", "/", "_")
	f := firebase
	f.SignerKey = web.Replace(f.SignerKey)
	if got, err := f.Encode(web.Replace(firebaseHash), web.Replace(firebaseSalt)); err != nil || got != standard {
		t.Errorf("the Admin SDK's base64: %q, %v, want %q", got, err, standard)
	}
	if strings.Contains(standard, firebase.SignerKey[:20]) || strings.Contains(standard, firebaseHash[:20]) {
		t.Errorf("Encode = %q: what is stored must have neither signer key nor hash", standard)
	}
	_, err := password.Firebase{SignerKey: "?", SaltSeparator: "?", Rounds: 8, MemCost: 14}.Encode("?", "?")
	for _, want := range []string{"SignerKey", "SaltSeparator", "password hash", "salt is not"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("nothing is base64: %v, want %q named", err, want)
		}
	}
	for name, spoil := range map[string]func(*password.Firebase){
		"no parameters":       func(f *password.Firebase) { *f = password.Firebase{} },
		"mem_cost of 512 MiB": func(f *password.Firebase) { f.MemCost = 19 },
		"no rounds":           func(f *password.Firebase) { f.Rounds = 0 },
		"a short signer key":  func(f *password.Firebase) { f.SignerKey = "AAAA" },
	} {
		f := firebase
		spoil(&f)
		if got, err := f.Encode(firebaseHash, firebaseSalt); err == nil || got != "" || strings.Contains(err.Error(), firebaseHash) {
			t.Errorf("%s: Encode = %q, %v, want an error", name, got, err)
		}
	}
}
