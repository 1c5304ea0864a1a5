package passkey_test

import (
	"encoding/base64"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

const androidApp = "android:apk-key-hash:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// What would take passkeys of others, or nobody's, is refused by auth.New.
func TestConfigurationsThatAreRefused(t *testing.T) {
	client := authtest.Database(t)
	for name, row := range map[string]struct {
		base string
		cfg  passkey.Config
		want string // a part of the error; "" is none
	}{
		"nothing said":              {base: "https://app.example"},
		"development":               {base: "http://localhost:8080"},
		"a parent domain":           {base: "https://www.app.example", cfg: passkey.Config{RPID: "app.example"}},
		"the host itself":           {base: "https://app.example", cfg: passkey.Config{RPID: "app.example"}},
		"another domain":            {base: "https://app.example", cfg: passkey.Config{RPID: "other.example"}, want: "RPID"},
		"a domain below":            {base: "https://app.example", cfg: passkey.Config{RPID: "www.app.example"}, want: "RPID"},
		"the end of a name":         {base: "https://notapp.example", cfg: passkey.Config{RPID: "app.example"}, want: "RPID"},
		"an address":                {base: "http://127.0.0.1:8080", want: "IP address"},
		"an address of the 6th":     {base: "http://[::1]:8080", want: "IP address"},
		"related":                   {base: "https://app.example", cfg: passkey.Config{Origins: []string{"https://app.example.de", "https://app.example:8443"}}},
		"an app":                    {base: "https://app.example", cfg: passkey.Config{Origins: []string{androidApp}}},
		"localhost beside":          {base: "https://app.example", cfg: passkey.Config{Origins: []string{"http://localhost:3000", "http://a.localhost"}}},
		"an origin twice":           {base: "https://app.example", cfg: passkey.Config{Origins: []string{"https://app.example"}}, want: "twice"},
		"an origin over http":       {base: "https://app.example", cfg: passkey.Config{Origins: []string{"http://app.example.de"}}, want: "https"},
		"almost localhost":          {base: "https://app.example", cfg: passkey.Config{Origins: []string{"http://notlocalhost"}}, want: "https"},
		"an origin with a path":     {base: "https://app.example", cfg: passkey.Config{Origins: []string{"https://app.example.de/"}}, want: "path"},
		"an origin with a query":    {base: "https://app.example", cfg: passkey.Config{Origins: []string{"https://app.example.de?a"}}, want: "path"},
		"an origin with a user":     {base: "https://app.example", cfg: passkey.Config{Origins: []string{"https://u@app.example.de"}}, want: "path"},
		"an origin in capitals":     {base: "https://app.example", cfg: passkey.Config{Origins: []string{"https://App.example.de"}}, want: "lower case"},
		"an origin without a host":  {base: "https://app.example", cfg: passkey.Config{Origins: []string{"https://"}}, want: "Origins"},
		"an app of no kind":         {base: "https://app.example", cfg: passkey.Config{Origins: []string{"liar:apk-key-hash:AAAA"}}, want: "Origins"},
		"an origin that is nothing": {base: "https://app.example", cfg: passkey.Config{Origins: []string{""}}, want: "Origins"},
		"null":                      {base: "https://app.example", cfg: passkey.Config{Origins: []string{"null"}}, want: "Origins"},
		"any":                       {base: "https://app.example", cfg: passkey.Config{Origins: []string{"*"}}, want: "Origins"},
	} {
		a, err := auth.New(client, auth.Config{
			BaseURL: row.base, Secrets: [][]byte{seeded("secret", 32)}, SkipEmailVerification: true,
			Providers: []auth.Provider{passkey.New(row.cfg)}, Logger: slog.New(slog.DiscardHandler),
		})
		switch {
		case err == nil:
			if row.want != "" {
				t.Errorf("%s: no error, want one of %q", name, row.want)
			}
			if err := a.Close(t.Context()); err != nil {
				t.Error(err)
			}
		case row.want == "" || !strings.Contains(err.Error(), row.want):
			t.Errorf("%s: %v, want %q", name, err, row.want)
		}
	}
}

// An app that is listed is an origin, to the byte; a page that says so is none.
func TestAppsAreOrigins(t *testing.T) {
	s := lite(t, passkey.Config{Origins: []string{androidApp}})
	for origin, want := range map[string]int{
		androidApp: http.StatusCreated, androidApp + "A": http.StatusBadRequest, strings.ToLower(androidApp): http.StatusBadRequest,
		"ios:bundle-id:app.example": http.StatusBadRequest, "https://" + androidApp: http.StatusBadRequest,
	} {
		st := s.stageOf(t, "sign-up", "ann"+hexed(seeded(origin, 8)).url())
		body := with(t, st.answer(t), nil)
		client := `{"type":"webauthn.create","challenge":"` + member(t, st.options, "challenge") + `","origin":"` + origin + `"}`
		body["response"].(map[string]any)["clientDataJSON"] = base64.RawURLEncoding.EncodeToString([]byte(client))
		if r := finish(st.Browser, "sign-up", body); r.Status != want {
			t.Errorf("%s: %v, want %d", origin, r, want)
		}
	}
}
