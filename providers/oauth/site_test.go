package oauth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/oauth"
	"github.com/torii-go/torii/providers/password"
)

const (
	issuer = "https://id.example/of/people"
	phrase = "the first pass phrase"
)

// site is an application whose people sign in at a provider, or with a password.
type site struct {
	*authtest.Site
	idp    *authtest.IDP
	other  *authtest.IDP // "other", of newPair
	oauth  *oauth.Provider
	factor *authtest.SecondFactor
}

// newIDP is a provider without a network, and how the application knows it: its word for
// an address below example.org is proof. It signs with ES256, whose keys are made at once.
func newIDP(id string) (*authtest.IDP, oauth.IDP) {
	idp := authtest.NewIDP(issuer+"/"+id, authtest.IDPClient{
		ID: "client", Secret: "s3cret of the client", RedirectURIs: []string{authtest.Origin + "/auth/oauth/" + id + "/callback"},
	})
	idp.Algorithm = authtest.ES256
	return idp, oauth.IDP{
		ID: id, Name: "The " + id, ClientID: "client", ClientSecret: "s3cret of the client", Issuer: idp.Issuer(),
		Algorithms: []string{authtest.ES256}, Transport: idp.Client().Transport,
		Authoritative: func(p oauth.Profile) bool { return strings.HasSuffix(p.Email, "@example.org") },
	}
}

// newSite has one provider, "demo", changed as the test wants it, and more.
func newSite(t testing.TB, client *ent.Client, change func(*oauth.IDP), options ...authtest.Option) *site {
	t.Helper()
	idp, how := newIDP("demo")
	if change != nil {
		change(&how)
	}
	s := &site{idp: idp, oauth: oauth.New(how), factor: &authtest.SecondFactor{}}
	s.Site = authtest.NewOn(t, client, auth.Config{Providers: []auth.Provider{password.New(password.Config{}), s.oauth, s.factor}}, options...)
	idp.Now = s.Clock.Now
	return s
}

// newPair has a second provider, "other", whose word for an address is proof of none.
func newPair(t testing.TB, options ...authtest.Option) *site {
	t.Helper()
	idp, how := newIDP("demo")
	other, otherHow := newIDP("other")
	otherHow.Authoritative = nil
	s := &site{idp: idp, other: other, oauth: oauth.New(how, otherHow), factor: &authtest.SecondFactor{}}
	s.Site = authtest.New(t, auth.Config{Providers: []auth.Provider{password.New(password.Config{}), s.oauth, s.factor}}, options...)
	idp.Now, other.Now = s.Clock.Now, s.Clock.Now
	return s
}

// lite is a site on SQLite, for what does not depend on the database.
func lite(t testing.TB, options ...authtest.Option) *site {
	t.Helper()
	return newSite(t, authtest.Database(t), nil, options...)
}

// each runs f on every database.
func each(t *testing.T, f func(t *testing.T, s *site)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		f(t, newSite(t, client, nil))
	})
}

// person is somebody at the provider, by the name of the subject.
func person(subject string) authtest.Person {
	return authtest.Person{Subject: subject, Email: subject + "@example.org", EmailVerified: true, Name: "The " + subject}
}

// begin asks for the provider's address.
func begin(b *authtest.Browser, body any) (string, *authtest.Reply) { return beginAt("demo", b, body) }

func beginAt(provider string, b *authtest.Browser, body any) (string, *authtest.Reply) {
	r := b.Post("/auth/oauth/"+provider, body)
	var told struct{ URL, Flow string }
	_ = r.JSON(&told) // a refusal has none
	if told.Flow != "" {
		b.Header.Set("Torii-Flow", told.Flow)
	}
	return told.URL, r
}

// back brings back what the provider has given, as a page does that wants JSON.
func back(b *authtest.Browser, callback string) *authtest.Reply {
	c := b.Clone()
	b.Header.Set("Accept", "application/json")
	defer func() { b.Header = c.Header }()
	return b.Get(pathOf(callback))
}

// pathOf is an address of the site without its origin.
func pathOf(address string) string { return strings.TrimPrefix(address, authtest.Origin) }

// come is a whole way to the provider and back.
func (s *site) come(t testing.TB, b *authtest.Browser, who authtest.Person, body any) *authtest.Reply {
	t.Helper()
	to, r := begin(b, body)
	if r.Status != http.StatusOK {
		t.Fatalf("begin: %v", r)
	}
	return back(b, s.visit(t, to, who))
}

// comeByOther is come at the provider whose word is no proof.
func (s *site) comeByOther(t testing.TB, b *authtest.Browser, who authtest.Person) *authtest.Reply {
	t.Helper()
	to, r := beginAt("other", b, map[string]any{})
	if r.Status != http.StatusOK {
		t.Fatalf("begin: %v", r)
	}
	cb, err := s.other.SignIn(to, who)
	if err != nil {
		t.Fatalf("at the provider: %v", err)
	}
	return back(b, cb.URL)
}

// visit is what happens at the provider.
func (s *site) visit(t testing.TB, to string, who authtest.Person) string {
	t.Helper()
	cb, err := s.idp.SignIn(to, who)
	if err != nil {
		t.Fatalf("at the provider: %v", err)
	}
	return cb.URL
}

func (s *site) users(t testing.TB) int {
	t.Helper()
	return count(t, s.Client.User.Query().Count)
}

func (s *site) sessions(t testing.TB) int {
	t.Helper()
	return count(t, s.Client.Session.Query().Count)
}

func (s *site) links(t testing.TB) int {
	t.Helper()
	return count(t, s.Client.OAuthAccount.Query().Count)
}

// ledger is what an attack must not change, and how often codes and refresh tokens were sent.
type ledger struct{ users, sessions, links, sent int }

func (s *site) ledger(t testing.TB) ledger {
	t.Helper()
	l := ledger{users: s.users(t), sessions: s.sessions(t), links: s.links(t), sent: s.idp.TokenRequests()}
	if s.other != nil {
		l.sent += s.other.TokenRequests()
	}
	return l
}

// refuses checks an answer to an attack: a refusal with this code, after which everything
// is as it was before, but that the token endpoint was asked so many times more.
func (s *site) refuses(t testing.TB, before ledger, r *authtest.Reply, code string, sent int) {
	t.Helper()
	if r.Code() != code || r.Status < 400 || r.Status >= 500 {
		t.Errorf("%v, want %s", r, code)
	}
	after := s.ledger(t)
	if after.sent -= sent; after != before {
		after.sent += sent
		t.Errorf("it was %+v and is %+v, want %d requests more and no other change", before, after, sent)
	}
}

// register makes an account with a password and is signed in to it.
func (s *site) register(t testing.TB, email string) (b *authtest.Browser, userID string) {
	t.Helper()
	b = s.Browser()
	r := b.Post("/auth/register", map[string]string{"email": email, "password": phrase})
	if r.Status != http.StatusCreated {
		t.Fatalf("register: %v", r)
	}
	return b, r.UserID()
}

// nameOf is a user's name, or "".
func nameOf(u *ent.User) string {
	if u.Name == nil {
		return ""
	}
	return *u.Name
}

// with is an address with another value of a parameter; "" leaves it out.
func with(address, name, value string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	q := u.Query()
	if q.Del(name); value != "" {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.String()
}
