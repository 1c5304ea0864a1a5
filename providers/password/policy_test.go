package password_test

import (
	"log/slog"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/password"
	"github.com/torii-go/torii/sessions"
)

// Who the policy is tried on.
var annabel = password.Registration{Email: "Annabel.Lee@example.com", Name: "Annabel Lee"}

// ways are the ways to a new password: each returns its refusal.
func ways(t *testing.T) map[string]func(secret string) error {
	t.Helper()
	cfg := auth.Config{AppName: "Kingdom by the Sea"}
	here := func() *site { return newSite(t, authtest.Database(t), cfg) }
	resident := func(s *site) (id string, own sessions.Session) {
		r := annabel
		r.Password = phrase
		res, err := s.pw.Register(t.Context(), r, auth.Client{})
		if err != nil {
			t.Fatal(err)
		}
		return res.User.ID, res.Session
	}
	registering, changing, setting, replacing, first := here(), here(), here(), here(), here()
	_, own := resident(changing)
	settled, _ := resident(setting)
	flagged, _ := resident(replacing)
	current, compromised := phrase, phrase
	return map[string]func(string) error{
		"register": func(secret string) error {
			r := annabel
			r.Password = secret
			res, err := registering.pw.Register(t.Context(), r, auth.Client{})
			if err == nil {
				err = registering.Auth.DeleteUser(t.Context(), res.User.ID)
			}
			return err
		},
		"change": func(secret string) error {
			res, err := changing.pw.Change(t.Context(), own, current, secret, auth.Client{})
			if err == nil {
				current, own = secret, res.Session
			}
			return err
		},
		"set": func(secret string) error { return setting.pw.Set(t.Context(), settled, secret) },
		"replace": func(secret string) error {
			if err := replacing.pw.RequireChange(t.Context(), flagged); err != nil {
				t.Fatal(err)
			}
			replacing.Clock.Advance(1 << 50) // no limit of tries meanwhile
			_, err := replacing.pw.SignIn(t.Context(), password.Credentials{Email: annabel.Email, Password: compromised, NewPassword: secret}, auth.Client{})
			if err == nil {
				compromised = secret
			}
			return err
		},
		"first": func(secret string) error {
			u, err := first.Auth.CreateUser(t.Context(), auth.NewUser{Email: annabel.Email, Name: annabel.Name})
			if err != nil {
				t.Fatal(err)
			}
			res, err := first.Auth.CreateSession(t.Context(), u.ID, auth.Client{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = first.pw.SetFirst(t.Context(), res.Session, secret, auth.Client{})
			if derr := first.Auth.DeleteUser(t.Context(), u.ID); derr != nil {
				t.Fatal(derr)
			}
			return err
		},
	}
}

func TestPolicy(t *testing.T) {
	all := ways(t)
	for _, row := range []struct{ name, secret, code string }{
		{"empty", "", password.CodeWeak},
		{"seven letters", "qwzxplm", password.CodeWeak},
		{"eight letters", "qwzxplmv", ""},
		{"eight digits that nobody takes", "83920174", ""},
		{"seven emoji, which are 28 bytes", "😀😁😂🤣😃😄😅", password.CodeWeak},
		{"eight emoji", "😀😁😂🤣😃😄😅😆", ""},
		{"seven é in two code points each", strings.Repeat("e\u0301", 7), password.CodeWeak},
		{"fifteen é", strings.Repeat("é", 15), ""},
		{"sixty-four letters", strings.Repeat("qwzxplmv", 8), ""},
		{"128 letters", strings.Repeat("qwzxplmv", 16), ""},
		{"129 letters", strings.Repeat("qwzxplmv", 16) + "x", password.CodeTooLong},
		{"128 emoji", strings.Repeat("😀", 128), ""},
		{"129 emoji", strings.Repeat("😀", 129), password.CodeTooLong},
		{"128 é in two code points each", strings.Repeat("e\u0301", 128), ""},
		{"128 letters in four code points each", strings.Repeat(norm.NFD.String("\u1f82"), 128), ""},
		{"129 letters in four code points each", strings.Repeat(norm.NFD.String("\u1f82"), 129), password.CodeTooLong},
		{"a megabyte", strings.Repeat("x", 1<<20), password.CodeTooLong},
		{"a pass phrase in lower case", "seven grey herons sleep standing", ""},
		{"one letter many times", strings.Repeat("a", 20) + "qz", ""},
		{"spaces around", "  by the sea  ", ""},
		{"a tab", "by\tthe\tsea", ""},
		{"a NUL", "by the\x00sea", ""},
		{"a line break", "by the\r\nsea", ""},
		{"bytes that are not UTF-8", "by the sea\xff", password.CodeInvalid},
		{"half a surrogate pair", "by the sea\xed\xa0\x80", password.CodeInvalid},
		{"common", "password123", password.CodeCommon},
		{"common in upper case", "PASSWORD123", password.CodeCommon},
		{"common in mixed case", "PassWord123", password.CodeCommon},
		{"common and a suffix", "password123-of-mine", ""},
		{"common and a space", "password123 ", ""},
		{"the address", "annabel.lee@example.com", password.CodeGuessable},
		{"the address in upper case", "ANNABEL.LEE@EXAMPLE.COM", password.CodeGuessable},
		{"the local part", "annabel.lee", password.CodeGuessable},
		{"the local part in mixed case", "Annabel.LEE", password.CodeGuessable},
		{"the name", "Annabel Lee", password.CodeGuessable},
		{"the name in lower case", "annabel lee", password.CodeGuessable},
		{"the application", "Kingdom by the Sea", password.CodeGuessable},
		{"the application in upper case", "KINGDOM BY THE SEA", password.CodeGuessable},
		{"the application in a longer phrase", "in a kingdom by the sea", ""},
		{"the address and a digit", "annabel.lee@example.com1", ""},
	} {
		for way, try := range all {
			if way == "replace" && row.secret == "" {
				continue // asks for one
			}
			err := try(row.secret)
			if got := code(err); got != row.code || row.code == "" && err != nil {
				t.Errorf("%s, %s: %v %q, want %q for %.40q", way, row.name, err, got, row.code, row.secret)
			}
		}
	}
}

func TestPolicyRefusesTheWholeList(t *testing.T) {
	data, err := os.ReadFile("../../internal/commonpass/passwords.txt")
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Fields(string(data))
	if len(list) < 10_000 {
		t.Fatalf("only %d common passwords", len(list))
	}
	all := ways(t)
	for i, secret := range list {
		for way, try := range all {
			if way != "register" && i%500 != 0 { // the others ask the database first
				continue
			}
			if got := code(try(secret)); got != password.CodeCommon {
				t.Errorf("%s: %q, want %s for %q", way, got, password.CodeCommon, secret)
			}
		}
	}
}

func TestMinLength(t *testing.T) {
	for _, row := range []struct {
		name string
		min  int
		ok   bool
	}{
		{"the default", 0, true},
		{"eight", 8, true},
		{"fifteen", 15, true},
		{"the maximum", 128, true},
		{"seven", 7, false},
		{"one", 1, false},
		{"negative", -1, false},
		{"more than the maximum", 129, false},
	} {
		_, err := auth.New(authtest.Database(t), auth.Config{
			BaseURL: "http://localhost:8080", Logger: slog.New(slog.DiscardHandler),
			Providers: []auth.Provider{password.New(password.Config{MinLength: row.min})},
		})
		if (err == nil) != row.ok || err != nil && !strings.Contains(err.Error(), "MinLength") {
			t.Errorf("%s: %v, want accepted %t, or an error that names MinLength", row.name, err, row.ok)
		}
	}

	pw := password.New(password.Config{MinLength: 15})
	authtest.New(t, auth.Config{Providers: []auth.Provider{pw}})
	for secret, want := range map[string]string{
		"qwzxplmvbnhgtr":  password.CodeWeak,
		"qwzxplmvbnhgtry": "",
	} {
		_, err := pw.Register(t.Context(), password.Registration{Email: person(), Password: secret}, auth.Client{})
		if got := code(err); got != want || want == "" && err != nil {
			t.Errorf("least fifteen: %v, want %q for %q", err, want, secret)
		}
	}
}

// What is stored is what was typed, but for Unicode's spellings of one character.
func TestPasswordsAreTakenAsTyped(t *testing.T) {
	nfd := norm.NFD.String
	for _, row := range []struct {
		name, stored, tried string
		match               bool
	}{
		{"the same", "by the sea", "by the sea", true},
		{"a leading space less", " by the sea", "by the sea", false},
		{"a trailing space less", "by the sea ", "by the sea", false},
		{"a trailing space more", "by the sea", "by the sea ", false},
		{"the spaces that belong", "  by the sea  ", "  by the sea  ", true},
		{"a space for a tab", "by\tthe sea", "by the sea", false},
		{"another case", "by the sea", "By the sea", false},
		{"upper case", "by the sea", "BY THE SEA", false},
		{"a NUL and another end", "by the sea\x00b", "by the sea\x00c", false},
		{"cut at a NUL", "by the sea\x00b", "by the sea", false},
		{"the same with a NUL", "by the sea\x00b", "by the sea\x00b", true},
		{"another end at the greatest length", strings.Repeat("qwzxplmv", 16), strings.Repeat("qwzxplmv", 15) + "qwzxplmw", false},
		{"cut by one at the greatest length", strings.Repeat("qwzxplmv", 16), strings.Repeat("qwzxplmv", 16)[:127], false},
		{"composed, typed decomposed", "café au lait", nfd("café au lait"), true},
		{"decomposed, typed composed", nfd("café au lait"), "café au lait", true},
		{"an accent less", "café au lait", "cafe au lait", false},
		{"a compatible form", "office hours", "oﬃce hours", false},
		{"full width", "by the sea", "ｂy the sea", false},
		{"the longest, typed decomposed", strings.Repeat("\u1f82", 128), nfd(strings.Repeat("\u1f82", 128)), true},
		{"the longest, stored decomposed", nfd(strings.Repeat("\u1f82", 128)), strings.Repeat("\u1f82", 128), true},
		{"sixty syllables of Hangul, typed decomposed", strings.Repeat("한", 60), nfd(strings.Repeat("한", 60)), true},
		{"an invalid byte more", "by the sea", "by the sea\xff", false},
		{"an invalid byte for the character that stands for it", "by the sea\ufffd", "by the sea\xff", false},
		{"empty", "by the sea", "", false},
		{"a megabyte", "by the sea", strings.Repeat("by the sea", 1<<17), false},
	} {
		s := lite(t)
		email := person()
		res, err := s.pw.Register(t.Context(), password.Registration{Email: email, Password: row.stored}, auth.Client{})
		if err != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		_, err = s.signIn(t, email, row.tried)
		if got := err == nil; got != row.match || err != nil && err != auth.ErrInvalidCredentials {
			t.Errorf("sign-in, %s: %v, want match %t; %.30q for %.30q", row.name, err, row.match, row.tried, row.stored)
		}
		_, err = s.pw.Change(t.Context(), res.Session, row.tried, phrase, auth.Client{})
		if got := err == nil; got != row.match || err != nil && err != auth.ErrWrongPassword {
			t.Errorf("change, %s: %v, want match %t; %.30q for %.30q", row.name, err, row.match, row.tried, row.stored)
		}
	}
}

func TestStepUpTakesBothSpellings(t *testing.T) {
	s := lite(t)
	b, email := s.Browser(), person()
	if r := b.Post("/auth/register", map[string]string{"email": email, "password": "café au lait"}); r.Status != 201 {
		t.Fatal(r)
	}
	for _, typed := range []string{"café au lait", norm.NFD.String("café au lait")} {
		if r := b.Post("/auth/step-up", map[string]string{"password": typed}); r.Status != 200 {
			t.Errorf("%+q: %v, want 200", typed, r)
		}
	}
	if r := b.Post("/auth/step-up", "{\"password\":\"caf\xff au lait\"}"); r.Status != 400 {
		t.Errorf("bytes that are not UTF-8: %v, want 400", r)
	}
}
