package auth_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/magiclink"
	"github.com/torii-go/torii/providers/password"
)

const evil = "evil.example"

// misleading has every request to a site claim to be for another one.
func misleading(s *authtest.Site, mislead func(r *http.Request)) {
	inner := s.Mux
	s.Mux = http.NewServeMux()
	s.Mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		mislead(r)
		inner.ServeHTTP(w, r)
	})
}

// claims are the ways in which a request says which site it is for.
var claims = map[string]func(r *http.Request){
	"Host":               func(r *http.Request) { r.Host, r.URL.Host = evil, evil },
	"Host with a port":   func(r *http.Request) { r.Host = "app.example:1@" + evil },
	"X-Forwarded-Host":   func(r *http.Request) { r.Header.Set("X-Forwarded-Host", evil) },
	"X-Forwarded-Proto":  func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "http") },
	"X-Forwarded-Prefix": func(r *http.Request) { r.Header.Set("X-Forwarded-Prefix", "//"+evil) },
	"Forwarded":          func(r *http.Request) { r.Header.Set("Forwarded", "for=192.0.2.1;host="+evil+";proto=http") },
	"X-Original-URL":     func(r *http.Request) { r.Header.Set("X-Original-URL", "http://"+evil+"/") },
}

// lures runs f for each claim, and for all at once, on a site behind a trusted proxy,
// from which they might come.
func lures(t *testing.T, f func(t *testing.T, s *authtest.Site)) {
	t.Helper()
	client := authtest.Database(t) // no database is asked for a link
	run := func(name string, mislead func(*http.Request)) {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			s := newSite(t, client, auth.Config{
				Providers:      []auth.Provider{password.New(password.Config{}), magiclink.New(magiclink.Config{})},
				TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
			}, authtest.ProveFirst())
			misleading(s, mislead)
			f(t, s)
		})
	}
	for name, mislead := range claims {
		run(name, mislead)
	}
	run("all of them", func(r *http.Request) {
		for _, mislead := range claims {
			mislead(r)
		}
	})
}

// Links are made of BaseURL, whatever a request says about the site that it came for.
func TestNoRequestChangesALink(t *testing.T) {
	t.Parallel()
	lures(t, func(t *testing.T, s *authtest.Site) {
		for _, p := range purposes {
			k := p.prepare(t, s)
			page := k.b.Get("/auth" + p.page + "?token=" + k.token)
			harmless(t, page, p.name)
			if strings.Contains(string(page.Body), evil) || strings.Contains(string(page.Body), "http://") {
				t.Errorf("%s: the page speaks of another site:\n%s", p.name, page.Body)
			}
			form := k.b.Clone()
			form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			values := url.Values{}
			for name, v := range p.body("token", k.token) {
				values.Set(name, v.(string))
			}
			r := form.Post("/auth"+p.route, values.Encode())
			if to := r.Header.Get("Location"); r.Status != http.StatusSeeOther || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, evil) {
				t.Errorf("%s: the form leads to %q: %v, want 303 to a path of this site", p.name, to, r)
			}
			for _, c := range r.Cookies {
				if c.Domain != "" || !c.Secure {
					t.Errorf("%s: the cookie %+v, want none for another site", p.name, c)
				}
			}
		}
		taken := member(t, s) // and the notices
		posts(t, elsewhere(s), "/auth/register", credentials(taken.email, phrase), http.StatusAccepted)
		if err := s.Auth.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		messages := s.Outbox.Messages()
		if len(messages) < 2*len(purposes) {
			t.Fatalf("%d mails", len(messages))
		}
		for _, m := range messages {
			if strings.Contains(m.Subject+m.Text+m.HTML+m.ID+m.From.String(), evil) {
				t.Errorf("the mail %q speaks of another site:\n%s", m.Subject, m.Text)
			}
			for _, link := range m.Links() {
				if link != authtest.Origin+"/" && !strings.HasPrefix(link, authtest.Origin+"/auth/") {
					t.Errorf("the mail %q links to %s", m.Subject, link)
				}
			}
			for part := range strings.SplitSeq(m.HTML, `href="`) {
				if link, _, ok := strings.Cut(part, `"`); ok && strings.Contains(link, "://") && !strings.HasPrefix(link, authtest.Origin+"/") && !strings.HasPrefix(link, "<") {
					t.Errorf("the mail %q links to %.80s in HTML", m.Subject, link)
				}
			}
		}
	})
}
