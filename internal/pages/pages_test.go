package pages_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/pages"
)

// draw renders a page.
func draw(t *testing.T, locale string, p pages.Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := pages.Render(&b, locale, p); err != nil {
		t.Fatalf("%q in %q: %v", p.Name, locale, err)
	}
	return b.String()
}

// reset is a page with everything on it.
func reset() pages.Page {
	return pages.Page{
		Name: "reset", App: "Kiri Books", Account: "ada@example.org", Action: "/auth/password/reset/confirm", Secret: "s3cret",
		Fields:  []pages.Field{{Name: "new_password", Type: "password", Autocomplete: "new-password"}},
		Problem: "weak_password", Minimum: 12, Next: "/login",
	}
}

func TestAPageInTwoLanguages(t *testing.T) {
	for locale, want := range map[string][]string{
		"en": {`<html lang="en">`, "<title>Error: Set a new password - Kiri Books</title>", "too short: at least 12 characters", "New password</label>", "At least 12 characters."},
		"de": {`<html lang="de">`, "<title>Fehler: Neues Passwort setzen - Kiri Books</title>", "zu kurz: mindestens 12 Zeichen", "Neues Passwort</label>", "Mindestens 12 Zeichen."},
		"fr": {`<html lang="en">`, "<h1>Set a new password</h1>"},
	} {
		page := draw(t, locale, reset())
		for _, part := range append(want, "<bdi>ada@example.org</bdi>", `role="alert"`, `autofocus`) {
			if !strings.Contains(page, part) {
				t.Errorf("%s: %q is not in\n%s", locale, part, page)
			}
		}
	}
}

// What a form posts is what the route reads, and each of its fields is named and
// explained to who cannot see it.
func TestTheForm(t *testing.T) {
	page := draw(t, "en", reset())
	for _, want := range []string{
		`<form method="post" action="/auth/password/reset/confirm">`,
		`<input type="hidden" name="token" value="s3cret">`,
		`<input hidden type="email" autocomplete="username" value="ada@example.org" aria-label="Account" readonly>`,
		`<label for="new_password">`, `id="new_password" name="new_password" type="password" autocomplete="new-password"`,
		`required aria-invalid="true" aria-describedby="problem new_password-hint"`, `id="problem"`, `id="new_password-hint"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not in\n%s", want, page)
		}
	}
	if n := strings.Count(page, " name=\"") - strings.Count(page, "<meta name="); n != 2 {
		t.Errorf("%d fields are posted, want the secret and the password", n)
	}
	calm := reset()
	calm.Problem = ""
	if page := draw(t, "en", calm); strings.Contains(page, "Error:") || strings.Contains(page, `aria-invalid="true"`) || strings.Contains(page, "autofocus") || strings.Contains(page, `id="problem"`) {
		t.Errorf("a page without a problem has one:\n%s", page)
	}
	plain := reset()
	plain.Fields, plain.Problem = nil, ""
	if page := draw(t, "en", plain); strings.Contains(page, `autocomplete="username"`) || !strings.Contains(page, "<button") {
		t.Errorf("a page without a password:\n%s", page)
	}
}

// Without a route to post to, or a word for the button, there is a link and no secret.
func TestAPageWithoutAForm(t *testing.T) {
	p := reset()
	p.Action = ""
	q := reset()
	q.Name = "verify_elsewhere"
	for name, p := range map[string]pages.Page{"no action": p, "no button": q} {
		page := draw(t, "en", p)
		if strings.Contains(page, "<form") || strings.Contains(page, "<input") || strings.Contains(page, "<button") || strings.Contains(page, "s3cret") {
			t.Errorf("%s: there is a form:\n%s", name, page)
		}
		if !strings.Contains(page, `<a href="/login">Go on to Kiri Books</a>`) {
			t.Errorf("%s: there is no way on:\n%s", name, page)
		}
	}
}

// Whatever stands in a page's values is text, and is not filled in a second time.
func TestValuesAreText(t *testing.T) {
	const evil = `"'><script>alert(1)</script>{{.}}{minimum}</title><b>`
	p := pages.Page{
		Name: "change_email", App: evil, Account: evil, Address: evil, Action: "/x" + evil, Secret: evil, Problem: evil, Next: "javascript:alert(1)",
	}
	for _, action := range []string{p.Action, ""} {
		for _, locale := range []string{"en", "de", evil} {
			p.Action = action
			page := draw(t, locale, p)
			if strings.Contains(page, "<script") || strings.Contains(page, "<b>") || strings.Contains(page, `"'>`) || strings.Contains(page, "javascript:") {
				t.Errorf("%q, action %q:\n%s", locale, action, page)
			}
			if n := strings.Count(html.UnescapeString(page), "{{.}}{minimum}"); n < 4 {
				t.Errorf("values are shown %d times as they are, want 4 at least:\n%s", n, page)
			}
		}
	}
	p = pages.Page{Name: "error." + evil, App: "App", Problem: evil}
	if page := draw(t, "en", p); strings.Contains(page, "alert(1)") {
		t.Errorf("a code that nobody knows is shown:\n%s", page)
	}
}

func TestProblems(t *testing.T) {
	for name, row := range map[string]struct {
		code    string
		minimum int
		want    string
	}{
		"one of the form":                   {"common_password", 0, "tried first"},
		"one that ends other things too":    {"too_many_attempts", 0, "Wait a while"},
		"one that speaks of the minimum":    {"weak_password", 15, "at least 15 characters"},
		"the minimum is not known":          {"weak_password", 0, "Please try again"},
		"one that nobody has words for":     {"canary", 8, "Please try again"},
		"one that looks like a path":        {"../canary", 8, "Please try again"},
		"the words for those that have not": {"problem", 8, "Please try again"},
	} {
		p := reset()
		p.Problem, p.Minimum = row.code, row.minimum
		page := draw(t, "en", p)
		if _, alert, _ := strings.Cut(page, `role="alert">`); !strings.Contains(strings.SplitN(alert, "</p>", 2)[0], row.want) {
			t.Errorf("%s: %q is not in the alert of\n%s", name, row.want, page)
		}
		if strings.Contains(page, "canary") || strings.Contains(page, "at least 0") {
			t.Errorf("%s:\n%s", name, page)
		}
	}
}

func TestErrorsAreExplained(t *testing.T) {
	for code, want := range map[string]string{"email_taken": "email_taken", "internal": "internal", "canary": "internal", "": "internal"} {
		page := draw(t, "en", pages.Page{Name: "error." + code, App: "App", Next: "/"})
		if !strings.Contains(page, "<code>"+want+"</code>") || strings.Contains(page, "canary") || strings.Contains(page, "<form") {
			t.Errorf("error.%s:\n%s", code, page)
		}
	}
}

// A provider of somebody else's brings its own words.
func TestWordsFromElsewhere(t *testing.T) {
	p := pages.Page{
		App: "Kiri", Account: "ada@example.org", Action: "/auth/card", Secret: "s", Fields: []pages.Field{{Name: "pin"}},
		Words: &pages.Words{Title: "Card for {app}", Text: "Type <the> number.", Button: "Go", Labels: map[string]string{"pin": "Number"}},
	}
	page := draw(t, "de", p)
	for _, want := range []string{`lang="en"`, "<h1>Card for Kiri</h1>", "Type &lt;the&gt; number.", `<label for="pin">Number</label>`, `name="pin" type="text"`, ">Go</button>", "<dt>Account</dt>"} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not in\n%s", want, page)
		}
	}
	p.Words.Language, p.Words.Button = "pt-BR", ""
	if page := draw(t, "de", p); !strings.Contains(page, `lang="pt-BR"`) || strings.Contains(page, "<form") {
		t.Errorf("other words:\n%s", page)
	}
	p.Words.Language = "de"
	if page := draw(t, "en", p); !strings.Contains(page, "<dt>Konto</dt>") || !strings.Contains(page, "Weiter zu Kiri") {
		t.Errorf("German words do not have a German page:\n%s", page)
	}
}

func TestAPageThatCannotBeDrawn(t *testing.T) {
	unlabelled := reset()
	unlabelled.Fields = append(unlabelled.Fields, pages.Field{Name: "pin"})
	for name, p := range map[string]pages.Page{
		"no name": {}, "an unknown name": {Name: "canary"}, "words without a title": {Words: &pages.Words{Text: "x"}}, "a field without a label": unlabelled,
	} {
		var b bytes.Buffer
		if err := pages.Render(&b, "en", p); err == nil || b.Len() != 0 {
			t.Errorf("%s: %v after %d bytes, want an error and nothing written", name, err, b.Len())
		}
	}
	gone := errors.New("gone")
	if err := pages.Render(failing{gone}, "en", reset()); !errors.Is(err, gone) {
		t.Errorf("a browser that has gone: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

var styleElement = regexp.MustCompile(`(?s)<style>(.*?)</style>`)

// The policy lets the page have its style by the hash of what is really sent, and nothing
// else: the page asks for nothing else.
func TestHeaders(t *testing.T) {
	page := draw(t, "en", reset())
	styles := styleElement.FindAllStringSubmatch(page, -1)
	if len(styles) != 1 || len(styles[0][1]) < 1000 {
		t.Fatalf("%d styles in\n%s", len(styles), page)
	}
	hash := sha256.Sum256([]byte(styles[0][1]))
	for target, targets := range map[string][]string{
		"'self'": {pages.Self}, "'none'": nil,
		"'self' https: http://localhost:* http://127.0.0.1:*": append([]string{pages.Self}, pages.Anywhere...),
	} {
		h := http.Header{"Vary": {"Cookie"}}
		pages.SetHeaders(h, targets...)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
				"'; base-uri 'none'; frame-ancestors 'none'; form-action " + target,
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "strict-origin", "X-Content-Type-Options": "nosniff",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
		if got := strings.Join(h.Values("Vary"), ", "); got != "Cookie, Accept-Language" {
			t.Errorf("Vary = %q", got)
		}
	}
	for _, part := range []string{" style=", "<link", "<img", "src=", "http:", "https:", "url("} {
		if strings.Contains(page, part) {
			t.Errorf("the page has %q, which the policy forbids", part)
		}
	}
	if handler := regexp.MustCompile(`<[^>]*\son\w+=`).FindString(page); handler != "" {
		t.Errorf("the page has a script: %s", handler)
	}
}
