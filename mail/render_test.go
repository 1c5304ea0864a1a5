package mail_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/mail"
)

var update = flag.Bool("update", false, "write the golden files")

// full is all that a kind's mail can say.
func full(kind mail.Kind) mail.Data {
	d := mail.Data{
		AppName: "Example", Link: "https://example.com/auth/go?token=abc", ExpiresIn: 10 * time.Minute,
		SignInURL: "https://example.com/sign-in", ResetURL: "https://example.com/reset",
		When: time.Date(2026, 11, 22, 8, 30, 0, 0, time.FixedZone("", 3600)), Provider: "Google",
	}
	if kind == mail.SignIn || kind == mail.Verify {
		d.Code = "K7QW-3M9X"
	}
	return d
}

// least is what it must have.
func least(kind mail.Kind) mail.Data {
	d := mail.Data{AppName: "Example"}
	switch all := full(kind); kind {
	case mail.SignIn, mail.Verify:
		d.Code, d.ExpiresIn = all.Code, all.ExpiresIn
	case mail.Reset, mail.ChangeEmail, mail.EmailChanged:
		d.Link, d.ExpiresIn = all.Link, all.ExpiresIn
	case mail.AddressTaken:
		d.SignInURL = all.SignInURL
	case mail.IdentityLinked, mail.IdentityUnlinked:
		d.Provider = all.Provider
	}
	return d
}

// The golden files are the mails as people read them. After a change of words:
// go test ./mail -run Golden -update
func TestGolden(t *testing.T) {
	c := mail.DefaultCatalogue()
	for _, locale := range []string{"en", "de"} {
		var b strings.Builder
		for _, kind := range mail.Kinds() {
			for _, data := range []mail.Data{full(kind), least(kind)} {
				m, err := c.Render(kind, locale, data)
				if err != nil {
					t.Fatalf("%s %s: %v", locale, kind, err)
				}
				fmt.Fprintf(&b, "=== %s: %s\n\n%s\n", kind, m.Subject, m.Text)
			}
		}
		name := "testdata/" + locale + ".golden"
		if *update {
			if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("the mails in %s are not those of %s:\n%s", locale, name, &b)
		}
	}
}

func TestEveryMailIsComplete(t *testing.T) {
	c := mail.DefaultCatalogue()
	if got := fmt.Sprint(c.Languages()); got != "[en de]" {
		t.Fatalf("languages %s", got)
	}
	subjects := map[string]mail.Kind{}
	for _, locale := range c.Languages() {
		if missing := c.Missing(locale); len(missing) > 0 {
			t.Errorf("%s lacks %q", locale, missing)
		}
		for _, kind := range mail.Kinds() {
			data := full(kind)
			m, err := c.Render(kind, locale, data)
			if err != nil {
				t.Errorf("%s %s: %v", locale, kind, err)
				continue
			}
			if other, ok := subjects[m.Subject]; ok {
				t.Errorf("%s %s has the subject of %s: %q", locale, kind, other, m.Subject)
			}
			subjects[m.Subject] = kind
			m.From, m.To = mail.Address{Address: "a@example.com"}, mail.Address{Address: "b@example.com"}
			if err := m.Validate(); err != nil || m.Locale != locale {
				t.Errorf("%s %s: %v, locale %q", locale, kind, err, m.Locale)
			}
			for part, text := range map[string]string{"subject": m.Subject, "text": m.Text, "HTML": m.HTML} {
				if !strings.Contains(text, "Example") || strings.Contains(text, "<no value>") || strings.Contains(text, "{{") || strings.ContainsAny(text, "\x01\x02\x03") {
					t.Errorf("%s %s: %s is not complete: %s", locale, kind, part, text)
				}
			}
			for _, link := range m.Links() {
				if !strings.Contains(m.HTML, `href="`+link+`"`) {
					t.Errorf("%s %s: the HTML lacks %s", locale, kind, link)
				}
			}
			if data.Code != m.Code() || !strings.Contains(m.HTML, data.Code) {
				t.Errorf("%s %s: code %q", locale, kind, m.Code())
			}
			for _, never := range []string{"<script", "<img", "<link", "@import", "url(", " on"} {
				if strings.Contains(strings.ToLower(attributes(m.HTML)), never) {
					t.Errorf("%s %s: the HTML has %s", locale, kind, never)
				}
			}
		}
	}
}

// attributes leaves of HTML what stands between < and >.
func attributes(html string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(html, "<") {
		tag, _, _ := strings.Cut(part, ">")
		b.WriteString("<" + tag)
	}
	return b.String()
}

func TestHTMLEscapes(t *testing.T) {
	c := mail.DefaultCatalogue()
	for _, kind := range mail.Kinds() {
		for _, locale := range c.Languages() {
			data := full(kind)
			data.AppName = `"><script>alert('1')</script>{{.Link}}&amp;`
			data.Provider = `<img src=x onerror="y">`
			data.Link = "https://example.com/?a='b'&c=(d)"
			data.SignInURL, data.ResetURL = data.Link, data.Link
			m, err := c.Render(kind, locale, data)
			if err != nil {
				t.Fatal(err)
			}
			for _, raw := range []string{"<script", "<img", "'b'", "</script", "{{.Link}}&amp;</"} {
				if strings.Contains(m.HTML, raw) {
					t.Errorf("%s %s: %s stands raw in the HTML:\n%s", locale, kind, raw, m.HTML)
				}
			}
			if !strings.Contains(m.Text, data.AppName) || len(m.Links()) > 0 && !strings.Contains(m.Text, "    "+data.Link+"\n") {
				t.Errorf("%s %s: the text does not say things as they are:\n%s", locale, kind, m.Text)
			}
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		kind   mail.Kind
		change func(*mail.Data)
		want   string
	}{
		{"unknown kind", "welcome", func(*mail.Data) {}, "Kind"},
		{"no application", mail.Reset, func(d *mail.Data) { d.AppName = " " }, "AppName"},
		{"application with a line break", mail.Reset, func(d *mail.Data) { d.AppName = "a\r\nBcc: b" }, "AppName"},
		{"application with marks of ours", mail.Reset, func(d *mail.Data) { d.AppName = "\x01a\x03https://evil.example\x01" }, "AppName"},
		{"long application", mail.Reset, func(d *mail.Data) { d.AppName = strings.Repeat("a", 101) }, "AppName"},
		{"no link", mail.Reset, func(d *mail.Data) { d.Link = "" }, "Link"},
		{"neither link nor code", mail.SignIn, func(d *mail.Data) { d.Link, d.Code = "", "" }, "Link"},
		{"script for a link", mail.Reset, func(d *mail.Data) { d.Link = "javascript:alert(1)" }, "Link"},
		{"link without a scheme", mail.Reset, func(d *mail.Data) { d.Link = "//evil.example" }, "Link"},
		{"link with a user", mail.Reset, func(d *mail.Data) { d.Link = "https://example.com@evil.example/" }, "Link"},
		{"link with a space", mail.Reset, func(d *mail.Data) { d.Link = "https://example.com/ x" }, "Link"},
		{"link with a quote", mail.Reset, func(d *mail.Data) { d.Link = `https://example.com/"onclick="` }, "Link"},
		{"link with a line break", mail.Reset, func(d *mail.Data) { d.Link = "https://example.com/\n\nhttps://evil.example" }, "Link"},
		{"long link", mail.Reset, func(d *mail.Data) { d.Link = "https://example.com/" + strings.Repeat("a", 2000) }, "Link"},
		{"page that is none", mail.AddressTaken, func(d *mail.Data) { d.ResetURL = "/reset" }, "ResetURL"},
		{"no page to sign in", mail.AddressTaken, func(d *mail.Data) { d.SignInURL = "" }, "SignInURL"},
		{"code with a space", mail.SignIn, func(d *mail.Data) { d.Code = "12 34" }, "Code"},
		{"long code", mail.SignIn, func(d *mail.Data) { d.Code = strings.Repeat("1", 33) }, "Code"},
		{"code where none works", mail.Reset, func(d *mail.Data) { d.Code = "1234" }, "Code"},
		{"no end", mail.Verify, func(d *mail.Data) { d.ExpiresIn = 0 }, "ExpiresIn"},
		{"no provider", mail.IdentityLinked, func(d *mail.Data) { d.Provider = "" }, "Provider"},
		{"provider with a line break", mail.IdentityLinked, func(d *mail.Data) { d.Provider = "a\nb" }, "Provider"},
	} {
		data := full(tt.kind)
		tt.change(&data)
		_, err := mail.DefaultCatalogue().Render(tt.kind, "en", data)
		if !errors.Is(err, mail.ErrInvalidMessage) || !strings.Contains(err.Error(), " "+tt.want+" ") {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestDurations(t *testing.T) {
	c := mail.DefaultCatalogue()
	for d, want := range map[time.Duration][2]string{
		time.Minute:                    {"within 1 minute.", "nur 1 Minute lang"},
		10*time.Minute + time.Second:   {"within 10 minutes.", "nur 10 Minuten lang"},
		time.Hour:                      {"within 1 hour.", "nur 1 Stunde lang"},
		90 * time.Minute:               {"within 90 minutes.", "nur 90 Minuten lang"},
		24 * time.Hour:                 {"within 24 hours.", "nur 24 Stunden lang"},
		25 * time.Hour:                 {"within 25 hours.", "nur 25 Stunden lang"},
		7 * 24 * time.Hour:             {"within 7 days.", "nur 7 Tage lang"},
		7*24*time.Hour + 1*time.Minute: {"within 10081 minutes.", "nur 10081 Minuten lang"},
	} {
		for i, locale := range []string{"en", "de"} {
			data := full(mail.Reset)
			data.ExpiresIn = d
			m, err := c.Render(mail.Reset, locale, data)
			if err != nil || !strings.Contains(m.Text, want[i]) {
				t.Errorf("%s: no %q, %v, in %s", d, want[i], err, m.Text)
			}
		}
	}
}

func TestDataHidesItsSecrets(t *testing.T) {
	d := full(mail.SignIn)
	text := fmt.Sprintf("%v %+v %#v %s %q", d, &d, d, d, []mail.Data{d})
	for _, secret := range []string{"abc", "K7QW"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q stands in %s", secret, text)
		}
	}
}
