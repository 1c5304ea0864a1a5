package magiclink_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/providers/magiclink"
)

var (
	formAction = regexp.MustCompile(`<form method="post" action="([^"]*)">`)
	formToken  = regexp.MustCompile(`name="token" value="([^"]*)"`)
)

// submit presses the button of a page, as a browser without JavaScript does.
func submit(t *testing.T, b *authtest.Browser, page *authtest.Reply) *authtest.Reply {
	t.Helper()
	action, token := formAction.FindSubmatch(page.Body), formToken.FindSubmatch(page.Body)
	if action == nil || token == nil {
		t.Fatalf("no form in\n%s", page.Body)
	}
	c := b.Header
	defer func() { b.Header = c }()
	b.Header = c.Clone()
	b.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.Post(string(action[1]), url.Values{"token": {string(token[1])}}.Encode())
}

func TestThePageBehindTheLink(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, magiclink.Config{})
		for language, words := range map[string]struct{ here, button, elsewhere, code, gone string }{
			"en":               {"Sign in to", "Sign in</button>", "Sign in where you began", "type the code from the mail", "not valid any more"},
			"de-AT,de;q=0.9":   {"anmelden", "Anmelden</button>", "Melden Sie sich dort an, wo Sie begonnen haben", "geben Sie dort den Code aus der Mail ein", "gilt nicht mehr"},
			"fr,en;q=0.5":      {"Sign in to", "Sign in</button>", "Sign in where you began", "type the code from the mail", "not valid any more"},
			"fr;q=0.1,de;q=.9": {"anmelden", "Anmelden</button>", "Melden Sie sich dort an, wo Sie begonnen haben", "geben Sie dort den Code aus der Mail ein", "gilt nicht mehr"},
		} {
			b, other := s.Browser(), s.Browser()
			b.Header.Set("Accept-Language", language)
			other.Header.Set("Accept-Language", language)
			m := letter(t, b, ada)
			path := "/auth/magic-link/verify?token=" + secretIn(m)
			here, there := b.Get(path), other.Get(path)
			for name, page := range map[string]*authtest.Reply{"here": here, "elsewhere": there} {
				for header, want := range map[string]string{
					"Cache-Control": "no-store", "Referrer-Policy": "strict-origin", "Content-Security-Policy": "frame-ancestors 'none'",
				} {
					if got := page.Header.Get(header); !strings.Contains(got, want) {
						t.Errorf("%s of the page %s = %q, want %s", header, name, got, want)
					}
				}
				if text := string(page.Body); page.Status != http.StatusOK || !strings.Contains(text, ada) || strings.Contains(text, "<script") || strings.Contains(text, m.Code()) {
					t.Errorf("the page %s:\n%s", name, text)
				}
			}
			if text := string(here.Body); !strings.Contains(text, words.here) || !strings.Contains(text, words.button) || strings.Count(text, "<form") != 1 {
				t.Errorf("%s: the page in the browser that asked:\n%s", language, text)
			}
			if text := string(there.Body); !strings.Contains(text, words.elsewhere) || !strings.Contains(text, words.code) || strings.Contains(text, "<form") || strings.Contains(text, secretIn(m)) {
				t.Errorf("%s: the page in another browser:\n%s", language, text)
			}
			if r := submit(t, b, here); r.Status != http.StatusSeeOther || r.Header.Get("Location") != "/" || b.Session() == "" {
				t.Errorf("%s: the button: %v to %q", language, r, r.Header.Get("Location"))
			}
			for _, page := range []*authtest.Reply{b.Get(path), other.Get("/auth/magic-link/verify?token=x"), other.Get("/auth/magic-link/verify")} {
				if text := string(page.Body); page.Status != http.StatusOK || !strings.Contains(text, words.gone) || strings.Contains(text, "<form") || strings.Contains(text, ada) {
					t.Errorf("%s: the page of a link that is none any more:\n%s", language, text)
				}
			}
			s.Clock.Advance(15 * time.Minute) // the limit on mails
		}
	})
}

// The button of a page that was left open leads to the page that says what is wrong.
func TestAButtonThatComesTooLate(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, magiclink.Config{})
		b := s.Browser()
		page := b.Get("/auth/magic-link/verify?token=" + secretIn(letter(t, b, ada)))
		s.Clock.Advance(10 * time.Minute)
		r := submit(t, b, page)
		if r.Status != http.StatusSeeOther || r.Header.Get("Location") != "/auth/error?code=invalid_token" || b.Session() != "" {
			t.Errorf("after ten minutes: %v to %q", r, r.Header.Get("Location"))
		}
		if page := b.Get(r.Header.Get("Location")); page.Status != http.StatusOK || !strings.Contains(string(page.Body), "invalid_token") {
			t.Errorf("the page that explains it: %v", page)
		}
	})
}

// A form of another site's signs nobody in, not even by a link that is right.
func TestAFormOfAnotherSite(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, magiclink.Config{})
		b := s.Browser()
		page := b.Get("/auth/magic-link/verify?token=" + secretIn(letter(t, b, ada)))
		for _, from := range []string{"cross-site", "same-site", "none"} {
			forged := b.Clone()
			forged.Header.Set("Sec-Fetch-Site", from)
			if r := submit(t, forged, page); forged.Session() != "" || r.Status != http.StatusForbidden && r.Header.Get("Location") != "/auth/error?code=forbidden_origin" {
				t.Errorf("a form from %s: %v to %q", from, r, r.Header.Get("Location"))
			}
		}
		if r := submit(t, b, page); r.Status != http.StatusSeeOther || b.Session() == "" {
			t.Errorf("the page's own: %v", r)
		}
	})
}

func TestWhereTheBrowserGoesAfterwards(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, magiclink.Config{})
		for asked, want := range map[string]string{
			"/inbox?unread=1#top": "/inbox?unread=1#top", "/": "/", "": "",
			"https://evil.example/": "", "//evil.example": "", `/\evil.example`: "", "javascript:alert(1)": "", "inbox": "",
			"/a\r\nSet-Cookie: x=1": "", "\t//evil.example": "", "/%09/evil.example": "",
		} {
			begin := func() (b *authtest.Browser, secret string) {
				b = s.Browser()
				s.Outbox.Clear()
				if r := b.Post("/auth/magic-link", map[string]string{"email": ada, "return_to": asked}); r.Status != http.StatusAccepted {
					t.Fatalf("%q: %v", asked, r)
				}
				return b, secretIn(s.Mail(t, ada))
			}
			b, secret := begin()
			r := submit(t, b, b.Get("/auth/magic-link/verify?token="+secret))
			target := want
			if target == "" {
				target = "/"
			}
			if r.Status != http.StatusSeeOther || r.Header.Get("Location") != target {
				t.Errorf("the form, with return_to %q: %v to %q, want %q", asked, r, r.Header.Get("Location"), target)
			}
			b, secret = begin()
			var body struct {
				ReturnTo string `json:"return_to"`
			}
			if r := press(b, secret); r.JSON(&body) != nil || r.Status != http.StatusOK || body.ReturnTo != want {
				t.Errorf("JSON, with return_to %q: %v, want %q", asked, r, want)
			}
			s.Clock.Advance(15 * time.Minute) // the limit on mails
		}
	})
}
