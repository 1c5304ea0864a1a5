package password_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/password"
)

var (
	formAction = regexp.MustCompile(`<form method="post" action="([^"]*)">`)
	inputName  = regexp.MustCompile(`<input [^>]*\bname="([^"]*)"[^>]*>`)
	inputValue = regexp.MustCompile(`\bvalue="([^"]*)"`)
)

// submit does what a browser does with the form of a page: it posts every named input, the
// empty ones as they were filled in.
func submit(t *testing.T, b *authtest.Browser, page *authtest.Reply, filled string) *authtest.Reply {
	t.Helper()
	action := formAction.FindStringSubmatch(string(page.Body))
	if action == nil {
		t.Fatalf("no form in\n%s", page.Body)
	}
	body := url.Values{}
	for _, input := range inputName.FindAllStringSubmatch(string(page.Body), -1) {
		value := filled
		if given := inputValue.FindStringSubmatch(input[0]); given != nil {
			value = html.UnescapeString(given[1])
		}
		body.Add(html.UnescapeString(input[1]), value)
	}
	b.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	b.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.Post(html.UnescapeString(action[1]), body.Encode())
}

// Each problem is said in the browser's language, on the page with the same form; what
// that form posts, the route takes.
func TestTheResetPagesForm(t *testing.T) {
	s := authtest.New(t, auth.Config{AppName: "Kiri Books Online", Providers: []auth.Provider{password.New(password.Config{MinLength: 10})}})
	s.Browser().Post("/auth/register", map[string]string{"email": ada, "password": phrase})
	for locale, said := range map[string]map[string]string{
		"en": {
			"short":                  "too short: at least 10 characters",
			strings.Repeat("x", 129): "too long", "1234567890": "tried first", "Kiri Books Online": "easy to guess", "": "too short",
		},
		"de": {
			"short":                  "zu kurz: mindestens 10 Zeichen",
			strings.Repeat("x", 129): "zu lang", "1234567890": "zuerst versucht", "Kiri Books Online": "leicht zu erraten", "": "zu kurz",
		},
	} {
		b := s.Browser()
		b.Header.Set("Accept-Language", locale)
		page := b.Get("/auth/password/reset?token=" + forget(t, s))
		if strings.Contains(string(page.Body), `role="alert"`) {
			t.Errorf("%s: a problem before anything was sent:\n%s", locale, page.Body)
		}
		for typed, want := range said {
			r := submit(t, b, page, typed)
			if r.Status != http.StatusSeeOther {
				t.Fatalf("%s, %.20q: %v", locale, typed, r)
			}
			again := b.Get(r.Header.Get("Location"))
			_, alert, _ := strings.Cut(string(again.Body), `role="alert">`)
			alert, _, _ = strings.Cut(alert, "</p>")
			if !strings.Contains(alert, want) || len(typed) > 1 && strings.Contains(string(again.Body), `value="`+typed) {
				t.Errorf("%s, %.20q: the page says %q, want %q, and not what was typed", locale, typed, alert, want)
			}
			page = again
		}
		r := submit(t, b, page, another+locale)
		if r.Status != http.StatusSeeOther {
			t.Fatalf("%s: a good password: %v", locale, r)
		}
		done := map[string]string{"en": "Your new password is set", "de": "Ihr neues Passwort ist gesetzt"}[locale]
		if page := b.Get(r.Header.Get("Location")); !strings.Contains(string(page.Body), done) || strings.Contains(string(page.Body), "<form") {
			t.Errorf("%s: the page after that:\n%s", locale, page.Body)
		}
		if r := s.Browser().Post("/auth/login", map[string]string{"email": ada, "password": another + locale}); r.Status != http.StatusOK {
			t.Errorf("%s: the new password: %v", locale, r)
		}
	}
}
