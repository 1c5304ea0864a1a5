package auth_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/providers/password"
)

// sendForm posts a form to a route; from are the headers that say where it comes from.
func sendForm(s *authtest.Site, path, body string, from http.Header) *authtest.Reply {
	b := elsewhere(s)
	b.Header.Set("Sec-Fetch-Site", "")
	for name, values := range from {
		b.Header[name] = values
	}
	if b.Header.Get("Content-Type") == "" {
		b.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return b.Post(path, body)
}

const confirmPath = "/auth/password/reset/confirm"

// A form is taken from a page of this very site, whatever else its sender says.
func TestWhereAFormComesFrom(t *testing.T) {
	s := authtest.New(t, auth.Config{Providers: passwords(), TrustedOrigins: []string{"https://admin.app.example"}})
	email, _, _ := verified(t, s)
	link := resetLink(t, s, email)
	form := "token=" + link + "&new_password=" + url.QueryEscape("the new phrase of hers")
	sites := [][]string{nil, {"cross-site"}, {"same-site"}, {"none"}, {"SAME-ORIGIN"}, {"same-origin", "cross-site"}, {"same-origin, same-origin"}, {"x"}, {"same-origin"}}
	origins := [][]string{
		nil, {"null"}, {"https://evil.example"}, {"http://app.example"}, {"https://app.example:443"}, {"https://app.example.evil.example"},
		{"https://admin.app.example"}, {authtest.Origin, "https://evil.example"}, {authtest.Origin},
	}
	for _, site := range sites {
		for _, origin := range origins {
			own := len(site) == 1 && site[0] == "same-origin" || site == nil && len(origin) == 1 && origin[0] == authtest.Origin
			if own {
				continue
			}
			from := http.Header{}
			if site != nil {
				from["Sec-Fetch-Site"] = site
			}
			if origin != nil {
				from["Origin"] = origin
			}
			if r := sendForm(s, confirmPath, form, from); r.Status != http.StatusForbidden || r.Code() != "forbidden_origin" {
				t.Errorf("Sec-Fetch-Site %q, Origin %q: %v, want 403", site, origin, r)
			}
		}
	}
	if r := sendForm(s, confirmPath, form, http.Header{"Origin": {authtest.Origin}}); r.Status != http.StatusSeeOther || r.Header.Get("Location") != "/auth/password/reset?done=1" {
		t.Errorf("an older browser's own form: %v to %q", r, r.Header.Get("Location"))
	}
}

// What is no plain form is refused before anything is used up, and other routes take none.
func TestFormsThatNobodyShouldSend(t *testing.T) {
	s := authtest.New(t, auth.Config{Providers: passwords()})
	email, _, _ := verified(t, s)
	link := resetLink(t, s, email)
	own := http.Header{"Sec-Fetch-Site": {"same-origin"}}
	good := "token=" + link + "&new_password=" + url.QueryEscape("the new phrase of hers")
	for name, row := range map[string]struct {
		body   string
		status int
	}{
		"a field twice":          {good + "&token=" + link, http.StatusBadRequest},
		"a password twice":       {good + "&new_password=another+long+phrase", http.StatusBadRequest},
		"a semicolon":            {good + ";x=1", http.StatusBadRequest},
		"a broken escape":        {good + "&x=%zz", http.StatusBadRequest},
		"bytes that are no text": {good + "&x=%ff", http.StatusBadRequest},
		"a name that is no text": {good + "&%ff=x", http.StatusBadRequest},
		"70 KiB":                 {good + "&x=" + strings.Repeat("x", 70<<10), http.StatusRequestEntityTooLarge},
		"no token":               {"new_password=the+new+phrase+of+hers", 0},
		"JSON in a form":         {`{"token":"` + link + `","new_password":"the new phrase of hers"}`, 0},
		"nothing":                {"", 0},
	} {
		r := sendForm(s, confirmPath, row.body, own)
		if row.status == 0 { // one that was read is answered by a page
			if r.Status != http.StatusSeeOther || r.Header.Get("Location") != "/auth/error?code=invalid_request" {
				t.Errorf("%s: %v to %q, want 303 to the page of invalid_request", name, r, r.Header.Get("Location"))
			}
		} else if r.Status != row.status {
			t.Errorf("%s: %v, want %d", name, r, row.status)
		}
	}
	for _, kind := range []string{"text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded-x"} {
		r := sendForm(s, confirmPath, good, http.Header{"Sec-Fetch-Site": {"same-origin"}, "Content-Type": {kind}})
		if r.Status != http.StatusUnsupportedMediaType {
			t.Errorf("a body of type %q: %v, want 415", kind, r)
		}
	}
	many := good
	for i := range 5000 {
		many += fmt.Sprint("&f", i, "=")
	}
	if len(many) > 64<<10 {
		t.Fatal("the form is larger than what is read")
	}
	for path, body := range map[string]string{
		"/auth/password/reset/request": "email=" + url.QueryEscape(email), "/auth/password/reset/verify": "token=" + link,
		"/auth/login": "email=" + url.QueryEscape(email) + "&password=" + url.QueryEscape(phrase), "/auth/logout": "x=1",
		"/auth/register": "email=x%40x.example&password=a+long+pass+phrase",
	} {
		if r := sendForm(s, path, body, own); r.Status != http.StatusUnsupportedMediaType {
			t.Errorf("a form at %s: %v, want 415", path, r)
		}
	}
	if r := sendForm(s, confirmPath, many, own); r.Status != http.StatusSeeOther || r.Header.Get("Location") != "/auth/password/reset?done=1" {
		t.Errorf("the form itself, with 5000 fields more: %v to %q", r, r.Header.Get("Location"))
	}
}

// Torii's pages cannot be framed, cached or made to say what is in their address, and
// their own address goes nowhere.
func TestWhatALinksPageGivesAway(t *testing.T) {
	s := authtest.New(t, auth.Config{Providers: passwords(), AppName: `<script>alert("app")</script>`})
	email, _, _ := verified(t, s)
	link := resetLink(t, s, email)
	const evil = `"><script>alert(1)</script>&lt;{{.}}`
	for _, query := range []string{
		"token=" + link, "token=" + url.QueryEscape(evil), "token=" + link + "&problem=" + url.QueryEscape(evil),
		"done=" + url.QueryEscape(evil), "", "token=" + link + "&token=" + url.QueryEscape(evil), "token=%ff", "token=" + link + "&problem=weak_password",
	} {
		page := elsewhere(s).Get("/auth/password/reset?" + query)
		text := string(page.Body)
		if page.Status != http.StatusOK || strings.Contains(text, "<script") || strings.Contains(text, "alert(1)") {
			t.Errorf("?%s: %d\n%s", query, page.Status, text)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "frame-ancestors 'none'", "Cache-Control": "no-store", "Referrer-Policy": "strict-origin",
			"X-Content-Type-Options": "nosniff", "Content-Type": "text/html; charset=utf-8",
		} {
			if got := page.Header.Get(name); !strings.Contains(got, want) {
				t.Errorf("?%s: %s = %q, want %s", query, name, got, want)
			}
		}
		if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "form-action 'self'") || strings.Contains(csp, "script-src") {
			t.Errorf("?%s: Content-Security-Policy = %q", query, csp)
		}
		if len(page.Cookies) != 0 {
			t.Errorf("?%s: a page sets cookies", query)
		}
	}
	if log := s.Log(); strings.Contains(log, link) {
		t.Error("the secret is in the log")
	}
}

// The languages that a browser may claim to want come to nothing worse than English.
func TestWhateverLanguageIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		email := person()
		register(t, elsewhere(s), email)
		for i, accept := range []string{
			strings.Repeat("de,", 50_000), "\xff\xfe", "../../etc/passwd", "x-" + strings.Repeat("a", 300), "de;q=NaN", ";;;,,,", strings.Repeat("a-", 2000),
			"de\r\nBcc: x@evil.example", "*", "i-klingon,zh-Hant-TW-u-co-pinyin;q=0.000000001", "{{.Link}}", "de-\u202e",
		} {
			b := elsewhere(s)
			b.Header.Set("Accept-Language", accept)
			if i%5 == 0 {
				s.Clock.Advance(16 * 60e9)
			}
			if r := b.Post("/auth/password/reset/request", map[string]string{"email": email}); r.Status != http.StatusAccepted {
				t.Errorf("%.30q: %v", accept, r)
				continue
			}
			m := s.Mail(t, email)
			if err := m.Validate(); err != nil || m.Locale != "en" && m.Locale != "de" {
				t.Errorf("%.30q: a mail in %q, %v", accept, m.Locale, err)
			}
		}
	})
}

// However an address is written, its mails are counted together, by fifty at once as well;
// every kind of limit refuses what is known and what is not alike.
func TestSpellingsOfAnAddressShareItsLimit(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		register(t, elsewhere(s), "ada@bücher.example")
		for _, known := range []string{"ada", "eve"} {
			spell := []string{"%s@bücher.example", " %s@BÜCHER.example ", "%s@xn--bcher-kva.example", "%s@XN--BCHER-KVA.EXAMPLE", "%s@bücher.Example"}
			got := authtest.InParallel(50, func(i int) int {
				name := known
				if i%2 == 0 {
					name = strings.ToUpper(known)
				}
				return elsewhere(s).Post("/auth/password/reset/request", map[string]string{"email": fmt.Sprintf(spell[i%len(spell)], name)}).Status
			})
			if got[http.StatusAccepted] != 20 || got[http.StatusTooManyRequests] != 30 {
				t.Errorf("%s: %v, want 20 and 30 times 429", known, got)
			}
		}
		if err := s.Auth.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		list := s.Outbox.Messages()
		for _, m := range list {
			if m.To != (mail.Address{Address: "ada@xn--bcher-kva.example"}) {
				t.Errorf("a mail to %v, want the stored address", m.To.Address)
			}
		}
		if len(list) != 20 {
			t.Errorf("%d mails, want 20", len(list))
		}
		got := authtest.InParallel(50, func(i int) int {
			b := s.Browser()
			b.IP = fmt.Sprintf("2001:db8:1:2::%x", i+1) // one /64
			return b.Post("/auth/password/reset/request", map[string]string{"email": fmt.Sprint("p", i, "@x.example")}).Status
		})
		if got[http.StatusAccepted] != 20 || got[http.StatusTooManyRequests] != 30 {
			t.Errorf("50 from one /64: %v, want 20 and 30 times 429", got)
		}
	})
}

// passwords are what newSite has, for sites whose answers are pages.
func passwords() []auth.Provider { return []auth.Provider{password.New(password.Config{})} }
