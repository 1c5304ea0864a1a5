package sessions_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/sessions"
	"github.com/torii-go/torii/sessions/verify"
)

var jwtSecret = []byte("pUO1YKmYlqFYbs4Ov0vKkIs8ZoxJo2VTKUyFV5q5n7g=")

func atNoon() time.Time { return noon }

// signerAt is a signer with HS256, for the configuration's zero keys.
func signerAt(t testing.TB, cfg sessions.JWTConfig, now func() time.Time) *sessions.Signer {
	t.Helper()
	if cfg.Keys == nil {
		cfg.Keys = []sessions.SigningKey{must(sessions.HS256Key("", jwtSecret))(t)}
	}
	return must(sessions.NewSigner(cfg, now))(t)
}

func TestASignedSessionComesBack(t *testing.T) {
	proven := factors("password@-60 totp@-1 password@-30")
	for _, row := range []struct {
		name string
		cfg  sessions.JWTConfig
		in   sessions.Session
		want sessions.Session // but for a new ID
	}{
		{"a user alone", sessions.JWTConfig{}, sessions.Session{UserID: "usr_1"},
			sessions.Session{UserID: "usr_1", ExpiresAt: noon.Add(time.Hour)}},
		{"without metadata", sessions.JWTConfig{Issuer: "site", Audience: "app"}, sessions.Session{UserID: "usr_1", UserAgent: "b/1", IP: "192.0.2.1", Factors: proven, Transport: sessions.Bearer},
			sessions.Session{UserID: "usr_1", ExpiresAt: noon.Add(time.Hour), Factors: factors("password@-30 totp@-1")}},
		{"with metadata", sessions.JWTConfig{Metadata: true, Lifetime: time.Minute}, sessions.Session{UserID: "usr_1", UserAgent: "b/1 \"é\" <\\>", IP: "2001:db8::1"},
			sessions.Session{UserID: "usr_1", ExpiresAt: noon.Add(time.Minute), UserAgent: "b/1 \"é\" <\\>", IP: "2001:db8::1"}},
		{"of a session kept elsewhere", sessions.JWTConfig{}, sessions.Session{ID: "ses_x", UserID: "usr_1", CreatedAt: noon.Add(-time.Second), ExpiresAt: noon.Add(time.Minute)},
			sessions.Session{ID: "ses_x", UserID: "usr_1", CreatedAt: noon.Add(-time.Second), ExpiresAt: noon.Add(time.Minute)}},
		{"never for longer than configured", sessions.JWTConfig{}, sessions.Session{UserID: "usr_1", ExpiresAt: noon.Add(48 * time.Hour)},
			sessions.Session{UserID: "usr_1", ExpiresAt: noon.Add(time.Hour)}},
		{"factors without a time or a kind prove nothing", sessions.JWTConfig{}, sessions.Session{UserID: "usr_1", Factors: []sessions.Factor{{Kind: "totp"}, {At: noon}, {Kind: `a"b`, At: noon}}},
			sessions.Session{UserID: "usr_1", ExpiresAt: noon.Add(time.Hour), Factors: []sessions.Factor{{Kind: `a"b`, At: noon}}}},
	} {
		s := signerAt(t, row.cfg, atNoon)
		signed, token, err := s.Sign(row.in)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		got, err := s.Verify(token.Reveal())
		if err != nil {
			t.Errorf("%s: %v for %s", row.name, err, token.Reveal())
			continue
		}
		want := row.want
		if want.ID == "" {
			want.ID = got.ID
			if !strings.HasPrefix(got.ID, "ses_") || len(got.ID) != 30 {
				t.Errorf("%s: id %q", row.name, got.ID)
			}
		}
		if want.CreatedAt.IsZero() {
			want.CreatedAt = noon
		}
		want.ExpiresAt = want.ExpiresAt.Truncate(time.Second)
		want.LastSeenAt, want.AbsoluteExpiresAt = want.CreatedAt, want.ExpiresAt
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", row.name, got, want)
		}
		if signed.Transport = ""; !reflect.DeepEqual(signed, got) {
			t.Errorf("%s:\nsigned %+v\n  read %+v", row.name, signed, got)
		}
	}
}

// What others read in it, by RFC 7519 and RFC 9068.
func TestTheTokenItself(t *testing.T) {
	s := signerAt(t, sessions.JWTConfig{Issuer: "site", Audience: "app", Metadata: true}, atNoon)
	session, token, err := s.Sign(sessions.Session{UserID: "usr_1", UserAgent: "b/1", IP: "192.0.2.1", Factors: factors("password@0")})
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token.Reveal(), ".")
	kid := must(sessions.HS256Key("", jwtSecret))(t).Verifying().ID()
	for i, want := range []string{
		`{"alg":"HS256","kid":"` + kid + `","typ":"at+jwt"}`,
		`{"sub":"usr_1","jti":"` + session.ID + `","iss":"site","aud":"app","iat":1893585600.123456,"exp":1893589200,"factors":{"password":1893585600.123456},"metadata":{"user_agent":"b/1","ip_address":"192.0.2.1"}}`,
	} {
		got, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || string(got) != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if token.String() != "[redacted]" {
		t.Errorf("prints as %s", token)
	}
}

func TestWhatIsNotSigned(t *testing.T) {
	s := signerAt(t, sessions.JWTConfig{}, atNoon)
	for _, row := range []struct {
		name string
		in   sessions.Session
	}{
		{"no user", sessions.Session{}},
		{"a user id that is too long", sessions.Session{UserID: strings.Repeat("u", 65)}},
		{"a session id that is too long", sessions.Session{UserID: "usr_1", ID: strings.Repeat("u", 65)}},
		{"a user id that is no text", sessions.Session{UserID: "\xff"}},
		{"an expiry before the beginning", sessions.Session{UserID: "usr_1", ExpiresAt: noon.Add(-time.Hour)}},
		{"an expiry at the beginning", sessions.Session{UserID: "usr_1", ExpiresAt: noon}},
	} {
		got, token, err := s.Sign(row.in)
		if err == nil || token != "" || got.UserID != "" {
			t.Errorf("%s: signed %+v", row.name, got)
		}
	}
}

// The longest token that clients can cause stays within a cookie (4096 bytes with its name).
func TestTokensFitIntoCookies(t *testing.T) {
	long := strings.Repeat("n", 255)
	s := signerAt(t, sessions.JWTConfig{Issuer: long, Audience: long, Metadata: true}, atNoon)
	many := factors("a@1 b@2 c@3 d@4 e@5 f@6 g@7 h@8 i@9")
	for _, ua := range []string{strings.Repeat("\x00", 9999), strings.Repeat(`"`, 9999), strings.Repeat("é", 9999), strings.Repeat("\xff", 9999), strings.Repeat("\u2028", 9999)} {
		_, token, err := s.Sign(sessions.Session{UserID: "usr_1", UserAgent: ua, IP: ua, Factors: many})
		if err != nil || len(token) > 4000 {
			t.Errorf("%d bytes, %v for %q…", len(token), err, ua[:4])
			continue
		}
		got, err := s.Verify(token.Reveal())
		if err != nil || len(got.UserAgent) > 512 || len(got.IP) > 64 || len(got.Factors) != sessions.MaxFactors {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// KEY-01, JWT-06: who takes whose token.
func TestSignersAmongThemselves(t *testing.T) {
	hs := func(id, more string) sessions.SigningKey {
		return must(sessions.HS256Key(id, append([]byte(more), jwtSecret...)))(t)
	}
	ec := must(sessions.ES256Key("", newEC()))(t)
	one, two := hs("1", "a"), hs("2", "b")
	base := sessions.JWTConfig{Keys: []sessions.SigningKey{one}, Issuer: "site", Audience: "app"}
	_, token, err := signerAt(t, base, atNoon).Sign(sessions.Session{UserID: "usr_1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name   string
		change func(*sessions.JWTConfig)
		after  time.Duration
		taken  bool
	}{
		{"itself", func(*sessions.JWTConfig) {}, 0, true},
		{"itself, with a shorter lifetime now", func(c *sessions.JWTConfig) { c.Lifetime = time.Second }, 0, true},
		{"a second before its expiry", func(*sessions.JWTConfig) {}, time.Hour - 1200*time.Millisecond, true},
		{"at its expiry", func(*sessions.JWTConfig) {}, time.Hour - 123456*time.Microsecond, false},
		{"a clock that runs behind by less than a minute", func(*sessions.JWTConfig) {}, -59 * time.Second, true},
		{"a clock that runs behind by more", func(*sessions.JWTConfig) {}, -61 * time.Second, false},
		{"a new key in front", func(c *sessions.JWTConfig) { c.Keys = []sessions.SigningKey{two, one} }, 0, true},
		{"the key only verifies", func(c *sessions.JWTConfig) {
			c.Keys, c.VerifyOnly = []sessions.SigningKey{two}, []verify.Key{one.Verifying()}
		}, 0, true},
		{"the key is retired", func(c *sessions.JWTConfig) { c.Keys = []sessions.SigningKey{two} }, 0, false},
		{"another secret under its id", func(c *sessions.JWTConfig) { c.Keys = []sessions.SigningKey{hs("1", "c")} }, 0, false},
		{"another algorithm", func(c *sessions.JWTConfig) { c.Keys = []sessions.SigningKey{ec} }, 0, false},
		{"another issuer", func(c *sessions.JWTConfig) { c.Issuer = "Site" }, 0, false},
		{"no issuer", func(c *sessions.JWTConfig) { c.Issuer = "" }, 0, true},
		{"another audience", func(c *sessions.JWTConfig) { c.Audience = "other" }, 0, false},
		{"no audience", func(c *sessions.JWTConfig) { c.Audience = "" }, 0, false},
	} {
		cfg := base
		row.change(&cfg)
		s, err := signerAt(t, cfg, func() time.Time { return noon.Add(row.after) }).Verify(token.Reveal())
		if (err == nil) != row.taken || err != nil && (!errors.Is(err, sessions.ErrNotFound) || !errors.Is(err, verify.ErrInvalid) || s.UserID != "") {
			t.Errorf("%s: %v, %+v", row.name, err, s)
		}
	}
}

func TestJWTConfigProblems(t *testing.T) {
	hs := must(sessions.HS256Key("", jwtSecret))(t)
	ec := must(sessions.ES256Key("", newEC()))(t)
	keys := []sessions.SigningKey{hs}
	for _, row := range []struct {
		name string
		cfg  sessions.JWTConfig
		want []string
	}{
		{"one key", sessions.JWTConfig{Keys: keys}, nil},
		{"a day", sessions.JWTConfig{Keys: keys, Lifetime: 24 * time.Hour}, nil},
		{"nothing", sessions.JWTConfig{}, []string{"JWT.Keys is empty"}},
		{"keys that only verify", sessions.JWTConfig{VerifyOnly: []verify.Key{ec.Verifying()}}, []string{"JWT.Keys is empty"}},
		{"a zero key", sessions.JWTConfig{Keys: []sessions.SigningKey{{}}}, []string{"JWT.Keys[0] is empty"}},
		{"a zero key that only verifies", sessions.JWTConfig{Keys: keys, VerifyOnly: []verify.Key{{}}}, []string{"is empty"}},
		{"one key twice", sessions.JWTConfig{Keys: []sessions.SigningKey{hs, hs}}, []string{"id"}},
		{"a secret and a public key", sessions.JWTConfig{Keys: []sessions.SigningKey{hs, ec}}, []string{"mixes"}},
		{"a day and a bit", sessions.JWTConfig{Keys: keys, Lifetime: 24*time.Hour + 1}, []string{"JWT.Lifetime"}},
		{"less than a second", sessions.JWTConfig{Keys: keys, Lifetime: 1}, []string{"JWT.Lifetime"}},
		{"a long issuer", sessions.JWTConfig{Keys: keys, Issuer: strings.Repeat("i", 256)}, []string{"JWT.Issuer"}},
		{"all at once", sessions.JWTConfig{Keys: []sessions.SigningKey{hs, ec, {}}, Lifetime: -1, Issuer: "\xff", Audience: "\n"},
			[]string{"mixes", "Keys[2]", "JWT.Lifetime", "JWT.Issuer", "JWT.Audience"}},
	} {
		err := row.cfg.WithDefaults().Validate()
		_, again := sessions.NewSigner(row.cfg, atNoon)
		if (err == nil) != (row.want == nil) || (again == nil) != (err == nil) {
			t.Errorf("%s: %v and %v, want %q", row.name, err, again, row.want)
			continue
		}
		for _, want := range row.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v does not say %q", row.name, err, want)
			}
		}
	}
	if got := (sessions.JWTConfig{}).WithDefaults().Lifetime; got != time.Hour {
		t.Errorf("lives %v", got)
	}
}

func TestSignerJWKS(t *testing.T) {
	ec := must(sessions.ES256Key("a", newEC()))(t)
	other := must(sessions.ES256Key("b", newEC()))(t)
	s := signerAt(t, sessions.JWTConfig{Keys: []sessions.SigningKey{ec}, VerifyOnly: []verify.Key{other.Verifying()}}, atNoon)
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(s.JWKS(), &set); err != nil || len(set.Keys) != 2 || set.Keys[0]["kid"] != "a" || set.Keys[1]["kid"] != "b" || set.Keys[0]["d"] != "" {
		t.Errorf("%s, %v", s.JWKS(), err)
	}
	s.JWKS()[0] = 'x'
	if s.JWKS()[0] != '{' {
		t.Error("a caller can change what is published")
	}
	if none := signerAt(t, sessions.JWTConfig{}, atNoon).JWKS(); string(none) != `{"keys":[]}` {
		t.Errorf("of a secret: %s", none)
	}
}

func BenchmarkSigner(b *testing.B) {
	s := signerAt(b, sessions.JWTConfig{Issuer: "site"}, atNoon)
	session := sessions.Session{UserID: "usr_1", Factors: factors("password@0")}
	_, token, err := s.Sign(session)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Sign", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := s.Sign(session); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Verify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Verify(token.Reveal()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
