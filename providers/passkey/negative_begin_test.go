package passkey_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

// alike is an answer without what has to be new each time.
func alike(t *testing.T, r *authtest.Reply, new ...string) string {
	t.Helper()
	body := string(r.Body)
	for _, text := range append(new, member(t, r.Body, "challenge")) {
		if text == "" || !strings.Contains(body, text) {
			t.Fatalf("no %q in %s", text, body)
		}
		body = strings.ReplaceAll(body, text, "…")
	}
	header := r.Header.Clone()
	for i, c := range r.Cookies {
		header["Set-Cookie"][i] = strings.ReplaceAll(c.Raw, c.Value, strings.Repeat(".", len(c.Value)))
	}
	var text bytes.Buffer
	if err := header.Write(&text); err != nil {
		t.Fatal(err)
	}
	return text.String() + body
}

var answersOfBegin = []negative{
	{name: "ENU-06 begin tells addresses apart", test: func(t *testing.T, s *site) {
		s.register(t, "password@example.com")
		passkey, disabled := s.owner(t, "passkey"), s.owner(t, "disabled")
		if err := s.Auth.DisableUser(t.Context(), disabled.id); err != nil {
			t.Fatal(err)
		}
		said := map[string][]string{}
		for _, email := range []string{"nobody@example.com", "password@example.com", passkey.email, disabled.email, "", "no address", strings.Repeat("x", 5000)} {
			b := s.Browser()
			r := b.Post("/auth/passkey/login/begin", map[string]string{"email": email})
			text := alike(t, r)
			said[text] = append(said[text], email)
			if strings.Contains(string(r.Body), "allowCredentials") {
				t.Errorf("%q: %v", email, r)
			}
		}
		if len(said) != 1 {
			t.Errorf("%d answers: %v", len(said), said)
		}
	}},
	{name: "ENU-06 begin of a sign-up tells addresses apart", test: func(t *testing.T, s *site) {
		s.register(t, "password@example.com")
		passkey := s.owner(t, "passkey")
		said := map[string][]string{}
		for _, email := range []string{"nobody@example.com", "password@example.com", passkey.email} {
			r := s.Browser().Post("/auth/passkey/register/begin", map[string]string{"email": email})
			text := alike(t, r, email, member(t, r.Body, "user", "id"))
			said[text] = append(said[text], email)
		}
		if len(said) != 1 {
			t.Errorf("%d answers: %v", len(said), said)
		}
	}},
	{name: "ENU-06 finish of a sign-up tells addresses apart", options: []authtest.Option{authtest.ProveFirst()}, test: func(t *testing.T, s *site) {
		known := s.newcomer("known")
		signUp(t, known.Browser, known.device, known.email)
		known.Post("/auth/email/verify", map[string]string{"code": s.Mail(t, known.email).Code()})
		said := map[string]bool{}
		for _, email := range []string{known.email, "nobody@example.com"} {
			r := signUp(t, s.Browser(), authtest.NewAuthenticator(), email)
			if r.Status != http.StatusAccepted {
				t.Errorf("%s: %v", email, r)
			}
			said[r.String()] = true
		}
		if len(said) != 1 {
			t.Errorf("%d answers: %v", len(said), said)
		}
	}},
	{name: "ENU-06 refusals tell users apart", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		said := map[string]authtest.PasskeyLie{}
		for _, lie := range []authtest.PasskeyLie{
			authtest.PasskeySignatureKey, authtest.PasskeyHandleOther, authtest.PasskeyRPOther, authtest.PasskeyUVMissing, authtest.PasskeyOriginNull,
		} {
			ann.device.Lie(lie)
			said[signIn(t, s.Browser(), ann.device).String()] = lie
		}
		if len(said) != 1 {
			t.Errorf("%d answers: %v", len(said), said)
		}
	}},
	{name: "PK-12 user handle says something", test: func(t *testing.T, s *site) {
		b := s.register(t, "ann.the.first@example.com")
		first, second := begin(t, b, "register", map[string]string{}), begin(t, b, "register", map[string]string{})
		id := member(t, first, "user", "id")
		handle, err := base64.RawURLEncoding.DecodeString(id)
		if err != nil || len(handle) != 64 || bytes.Contains(handle, []byte("ann")) || bytes.Contains(handle, []byte("usr_")) {
			t.Errorf("user handle %q, %v", handle, err)
		}
		if again := member(t, second, "user", "id"); again != id {
			t.Errorf("another handle each time: %s, %s", id, again)
		}
		other := begin(t, s.register(t, "bob@example.com"), "register", map[string]string{})
		stranger := s.Browser()
		one := begin(t, stranger, "register", map[string]string{"email": "ann.the.first@example.com"})
		two := begin(t, stranger, "register", map[string]string{"email": "ann.the.first@example.com"})
		ids := map[string]bool{}
		for _, options := range [][]byte{first, other, one, two} {
			h := member(t, options, "user", "id")
			if raw, err := base64.RawURLEncoding.DecodeString(h); err != nil || len(raw) != 64 {
				t.Errorf("user handle %q", h)
			}
			ids[h] = true
		}
		if len(ids) != 4 {
			t.Errorf("%d handles of four", len(ids))
		}
	}},
	{name: "PK-12 second passkey knows the user as another", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		want := ann.device.Credentials()[0].UserHandle // of the sign-up
		got := member(t, begin(t, ann.Browser, "register", map[string]string{}), "user", "id")
		if got != hexed(want).url() {
			t.Errorf("user handle %s, want %s", got, hexed(want).url())
		}
	}},
	{name: "ENU-06 id that is none is said back", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		for id, known := range map[string]bool{
			"": false, "!": false, "AA=": false, "AB": false, hexed(seeded("id", 1024)).url(): false, hexed(seeded("id", 1023)).url(): true, "AA": true,
		} {
			b := s.Browser()
			answer := with(t, sign(t, ann.device, begin(t, b, "login", map[string]string{})), map[string]any{"id": id, "rawId": id})
			r := finish(b, "sign-in", answer)
			s.refused(t, r, http.StatusUnauthorized, "invalid_credentials", s.rows(t))
			if said := strings.Contains(string(r.Body), "signals"); said != known {
				t.Errorf("%.20q: %v, want signals: %t", id, r, known)
			}
		}
	}},
	{name: "PK-08 options ask for less than is demanded", test: func(t *testing.T, s *site) {
		var o struct {
			PublicKey struct {
				Attestation            string
				PubKeyCredParams       []struct{ Alg int }
				AuthenticatorSelection struct {
					ResidentKey, UserVerification string
					RequireResidentKey            bool
				}
				RP      struct{ ID string }
				Timeout int
			}
		}
		if err := json.Unmarshal(begin(t, s.Browser(), "register", map[string]string{"email": "ann@example.com"}), &o); err != nil {
			t.Fatal(err)
		}
		k := o.PublicKey
		algorithms := []int{}
		for _, p := range k.PubKeyCredParams {
			algorithms = append(algorithms, p.Alg)
		}
		if !slices.Equal(algorithms, []int{-7, -8, -257}) || k.Attestation != "none" && k.Attestation != "" || k.RP.ID != "app.example" || k.Timeout != 300000 {
			t.Errorf("options: %+v", k)
		}
		if a := k.AuthenticatorSelection; a.ResidentKey != "required" || !a.RequireResidentKey || a.UserVerification != "required" {
			t.Errorf("selection: %+v", a)
		}
		b := s.owner(t, "bob")
		for _, path := range []string{"login", "step-up"} {
			if got := member(t, begin(t, b.Browser, path, map[string]string{}), "userVerification"); got != "required" {
				t.Errorf("%s: user verification %q", path, got)
			}
		}
	}},
	{name: "PK-10 step-up of somebody without a passkey", test: func(t *testing.T, s *site) {
		b := s.register(t, "ann@example.com")
		s.refused(t, b.Post("/auth/passkey/step-up/begin", nil), http.StatusNotFound, "not_found", s.rows(t))
	}},
}

var policies = []negative{
	{
		name: "PK-06 user verification that is not asked for is no factor", cfg: passkey.Config{InsecureSkipUserVerification: true},
		test: func(t *testing.T, s *site) {
			for name, want := range map[bool]string{true: "passkey", false: "passkey user_verification"} {
				ann := s.newcomer(strings.ReplaceAll(want, " ", "-"))
				ann.device.NoVerification = name
				ann.enter(t)
				r := signIn(t, s.Browser(), ann.device)
				var opened struct {
					Session struct{ Factors []struct{ Kind string } }
				}
				if err := r.JSON(&opened); err != nil || r.UserID() != ann.id {
					t.Fatal(r, err)
				}
				kinds := ""
				for _, f := range opened.Session.Factors {
					kinds += " " + f.Kind
				}
				if strings.TrimSpace(kinds) != want {
					t.Errorf("factors %q, want %q", kinds, want)
				}
				for _, lie := range []authtest.PasskeyLie{authtest.PasskeyUPMissing, authtest.PasskeyFlagsZero} {
					ann.device.Lie(lie)
					s.refused(t, signIn(t, s.Browser(), ann.device), http.StatusUnauthorized, "invalid_credentials", s.rows(t))
				}
			}
		},
	},
	{name: "PK-06 passkey without user verification where it is demanded", test: func(t *testing.T, s *site) {
		ann := s.newcomer("ann")
		ann.device.NoVerification = true
		options := begin(t, ann.Browser, "register", map[string]string{"email": ann.email})
		if _, err := ann.device.Create(options); err == nil {
			t.Error("such an authenticator is asked")
		}
		handle := member(t, options, "user", "id")
		answer := create(t, ann.device, making(t, options, handle)) // whoever changes the options in the page
		s.refused(t, finish(ann.Browser, "sign-up", answer), http.StatusBadRequest, "invalid_request", s.rows(t))
	}},
	{
		name: "ENU-06 listing is an option that tells", cfg: passkey.Config{InsecureListCredentials: true},
		test: func(t *testing.T, s *site) {
			ann := s.newcomer("ann")
			ann.device.NotDiscoverable, ann.device.DeviceBound = true, true
			ann.device.Transports = []string{"usb"}
			ann.enter(t)
			s.register(t, "password@example.com")
			lists := map[string]bool{}
			for _, email := range []string{ann.email, "password@example.com", "nobody@example.com", ""} {
				r := s.Browser().Post("/auth/passkey/login/begin", map[string]string{"email": email})
				lists[email] = strings.Contains(string(r.Body), "allowCredentials")
			}
			want := map[string]bool{ann.email: true, "password@example.com": false, "nobody@example.com": false, "": false}
			if !maps.Equal(lists, want) {
				t.Errorf("listed: %v, want %v", lists, want)
			}
			b := s.Browser()
			options := begin(t, b, "login", map[string]string{"email": "ANN@example.com"})
			if r := finish(b, "sign-in", sign(t, ann.device, options)); r.UserID() != ann.id {
				t.Errorf("a key that keeps nothing: %v", r)
			}
		},
	},
	{
		name: "PK-03 origins are those that are configured", cfg: passkey.Config{Origins: []string{"https://app.example.de", "http://localhost:8080", "android:apk-key-hash:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}},
		test: func(t *testing.T, s *site) {
			for _, origin := range []string{authtest.Origin, "https://app.example.de", "http://localhost:8080"} {
				ann := s.newcomer("ann" + strings.ReplaceAll(strings.ReplaceAll(origin, "/", ""), ":", ""))
				ann.device.Origin, ann.device.Related = origin, true
				ann.enter(t)
				if r := signIn(t, s.Browser(), ann.device); r.UserID() != ann.id {
					t.Errorf("%s: %v", origin, r)
				}
				for _, lie := range authtest.PasskeyLies("get") {
					if strings.HasPrefix(string(lie), "client_data.origin_") {
						ann.device.Lie(lie)
						s.refused(t, signIn(t, s.Browser(), ann.device), http.StatusUnauthorized, "invalid_credentials", s.rows(t))
					}
				}
			}
			bob := s.newcomer("bob")
			bob.device.Origin, bob.device.Related = "https://app.example.fr", true
			options := begin(t, bob.Browser, "register", map[string]string{"email": bob.email})
			s.refused(t, finish(bob.Browser, "sign-up", create(t, bob.device, options)), http.StatusBadRequest, "invalid_request", s.rows(t))
		},
	},
}
