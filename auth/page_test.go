package auth_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/mail"
)

func TestTheErrorPageExplainsACode(t *testing.T) {
	s := newSite(t, authtest.Database(t), auth.Config{AppName: "<i>App</i>"})
	r := s.Browser().Get("/auth/error?code=email_taken")
	page := string(r.Body)
	if r.Status != http.StatusOK || !strings.Contains(page, auth.ErrEmailTaken.Message) || !strings.Contains(page, "&lt;i&gt;App") || strings.Contains(page, "<i>") {
		t.Errorf("page: %v", r)
	}
	h := r.Header
	for _, directive := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'"} {
		if !strings.Contains(h.Get("Content-Security-Policy"), directive) {
			t.Errorf("Content-Security-Policy %q, want %s in it", h.Get("Content-Security-Policy"), directive)
		}
	}
	if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") == "" || !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
		t.Errorf("headers %v", h)
	}
}

func TestTheErrorPageShowsNothingThatWasSent(t *testing.T) {
	s := newSite(t, authtest.Database(t), auth.Config{})
	for _, query := range []string{
		"", "?", "?code=", "?code=unknown-canary", "?code=<script>canary</script>", "?code=%3Cscript%3Ecanary", "?message=canary", "?code=email_taken&x=canary",
		"?code=canary&code=email_taken", "?code=%ff%00canary", "?canary;", "?code=" + strings.Repeat("canary", 1000), "?%zzcanary",
	} {
		r := s.Browser().Get("/auth/error" + query)
		if r.Status != http.StatusOK || strings.Contains(string(r.Body), "canary") || strings.Contains(string(r.Body), "<script") {
			t.Errorf("GET /auth/error%.80s: %v", query, r)
		}
	}
}

// publicCodes are those of every Error that this package's errors.go makes.
func publicCodes(t *testing.T) (codes []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		made, ok := n.(*ast.CompositeLit)
		if !ok || fmt.Sprint(made.Type) != "Error" || len(made.Elts) != 3 {
			return true
		}
		first, ok := made.Elts[0].(*ast.BasicLit)
		if !ok {
			t.Fatalf("an Error whose code is no literal at %v", made.Pos())
		}
		code, err := strconv.Unquote(first.Value)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, code)
		return true
	})
	return codes
}

// There are words for every code that a redirect may name, in both languages.
func TestTheErrorPageKnowsEveryCode(t *testing.T) {
	s := newSite(t, authtest.Database(t), auth.Config{})
	codes := publicCodes(t)
	if len(codes) < 20 {
		t.Fatalf("found %q", codes)
	}
	for locale, title := range map[string]string{"en": "That did not work", "de": "Das hat nicht geklappt"} {
		for _, code := range codes {
			b := elsewhere(s)
			b.Header.Set("Accept-Language", locale)
			page := string(b.Get("/auth/error?code=" + code).Body)
			for _, want := range []string{"<code>" + code + "</code>", title, `<html lang="` + locale + `">`} {
				if !strings.Contains(page, want) {
					t.Errorf("%s in %s: %q is not in\n%s", code, locale, want, page)
				}
			}
		}
	}
}

// pager is somebody else's provider, with a page of each kind.
type pager struct{ pages map[string]auth.Page }

func (pager) Name() string { return "pager" }

func (p pager) Mount(auth.Kit) (routes []auth.Route, _ error) {
	for name, page := range p.pages {
		routes = append(routes, auth.Route{
			Method: http.MethodGet, Path: "/pager/" + name, Handle: func(c *auth.Call) error { return c.Page(page) },
			Doc: auth.Doc{Summary: "A page", Status: http.StatusOK},
		})
	}
	return routes, nil
}

// A provider from elsewhere has Torii's pages in Torii's words or in its own.
func TestAProvidersPage(t *testing.T) {
	own := auth.PageWords{Title: "Card for {app}", Text: "Type the number.", Button: "Go", Labels: map[string]string{"pin": "Number"}}
	card := auth.Page{Words: own, Account: "ada@example.org", Action: "/pager/card", Secret: "s", Fields: []auth.PageField{{Name: "pin"}}}
	unlabelled := card
	unlabelled.Fields = []auth.PageField{{Name: "other"}}
	s := newSite(t, authtest.Database(t), auth.Config{AppName: "Kiri", LoginURL: "/enter", Providers: append(passwords(), pager{map[string]auth.Page{
		"card": card, "named": {Name: "undo_done", Kind: mail.EmailChanged}, "unknown": {Name: "canary"}, "unlabelled": unlabelled,
	}})})
	b := s.Browser()
	b.Header.Set("Accept-Language", "de")
	for name, wants := range map[string][]string{
		"card":  {`lang="en"`, "<h1>Card for Kiri</h1>", `action="/auth/pager/card"`, `<label for="pin">Number</label>`, `name="token" value="s"`, "ada@example.org"},
		"named": {`lang="de"`, "rückgängig", `<a href="/enter">Weiter zu Kiri</a>`},
	} {
		r := b.Get("/auth/pager/" + name)
		for _, want := range wants {
			if !strings.Contains(string(r.Body), want) {
				t.Errorf("%s: %q is not in %d\n%s", name, want, r.Status, r.Body)
			}
		}
	}
	for _, name := range []string{"unknown", "unlabelled"} {
		if r := b.Get("/auth/pager/" + name); r.Status != http.StatusInternalServerError || r.Code() != "internal" || strings.Contains(string(r.Body), "<html") {
			t.Errorf("%s: %v, want 500 and no half of a page", name, r)
		}
	}
}

// The browser's language chooses the page's, and no cache gives one for the other.
func TestTheLanguageOfALinksPage(t *testing.T) {
	s := newSite(t, authtest.Database(t), auth.Config{AppName: "Kiri"})
	email, _, _ := verified(t, s)
	link := resetLink(t, s, email)
	for accept, want := range map[string]struct{ lang, title, problem string }{
		"":                        {"en", "Error: Set a new password - Kiri", "too short: at least 8"},
		"de-AT,de;q=0.9,en;q=0.5": {"de", "Fehler: Neues Passwort setzen - Kiri", "zu kurz: mindestens 8"},
		"fr":                      {"en", "Error: Set a new password - Kiri", "too short: at least 8"},
	} {
		b := elsewhere(s)
		b.Header.Set("Accept-Language", accept)
		r := b.Get("/auth/password/reset?token=" + link + "&problem=weak_password")
		page := html.UnescapeString(string(r.Body))
		for _, part := range []string{`<html lang="` + want.lang + `">`, "<title>" + want.title + "</title>", want.problem, email} {
			if !strings.Contains(page, part) {
				t.Errorf("%q: %q is not in\n%s", accept, part, page)
			}
		}
		if vary := r.Header.Values("Vary"); !strings.Contains(strings.Join(vary, ","), "Accept-Language") {
			t.Errorf("%q: Vary = %q", accept, vary)
		}
	}
}
