package authtest

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// RS256 and ES256 are what an IDP can sign with.
const (
	RS256 = "RS256"
	ES256 = "ES256"
)

// IDP is an OpenID provider for tests and demonstrations: it believes whoever says who
// they are, and does the rest as strictly as the specifications have it. Told to, it
// lies: see Lie. It keeps everything in memory and is safe for concurrent use.
//
// It serves discovery, /authorize, /token, /userinfo and /jwks below its issuer, to every
// Host. Never put it where strangers can reach it: it signs anybody in as anybody.
type IDP struct {
	// Now is the clock of codes and tokens; default time.Now. Set it, and the fields
	// below, before the first request.
	Now func() time.Time
	// Algorithm is what new keys are for: RS256, the default, or ES256.
	Algorithm string
	// NoIss leaves the parameter iss (RFC 9207) out of callbacks and its announcement out
	// of discovery, as most providers do.
	NoIss bool

	issuer  string
	path    string // of the issuer, without a slash at its end
	clients map[string]IDPClient

	requests struct{ discovery, authorize, token, userInfo, jwks, elsewhere atomic.Int64 }

	mu      sync.Mutex
	keys    []idpKey // guarded by mu, as all below; the newest is first
	decoys  map[string]idpKey
	queue   []outcome
	lies    told
	gate    chan struct{} // closed by Release
	codes   map[string]*grant
	access  map[string]*idpToken
	refresh map[string]*idpToken
}

// NewIDP returns a provider. The issuer is its URL, without a slash at its end; it may
// have a path, and is then mounted at that path and a slash:
//
//	idp := authtest.NewIDP("http://localhost:8080/demo", authtest.IDPClient{
//		ID: "site", Secret: "secret", RedirectURIs: []string{"http://localhost:8080/auth/oauth/demo/callback"},
//	})
//	mux.Handle("/demo/", idp)
//
// Whoever is sent to it sees a form that asks who they are, unless somebody waits in the
// queue. Of two clients with one ID the last counts.
func NewIDP(issuer string, clients ...IDPClient) *IDP {
	p := &IDP{
		Now: time.Now, Algorithm: RS256, issuer: issuer, clients: map[string]IDPClient{},
		decoys: map[string]idpKey{}, gate: make(chan struct{}),
		codes: map[string]*grant{}, access: map[string]*idpToken{}, refresh: map[string]*idpToken{},
	}
	if u, err := url.Parse(issuer); err == nil {
		p.path = strings.TrimSuffix(u.Path, "/")
	}
	for _, c := range clients {
		c.RedirectURIs = slices.Clone(c.RedirectURIs)
		p.clients[c.ID] = c
	}
	return p
}

// Issuer is the provider's URL, as it stands in its tokens.
func (p *IDP) Issuer() string { return p.issuer }

// DiscoveryRequests is how often the discovery document was asked for.
func (p *IDP) DiscoveryRequests() int { return int(p.requests.discovery.Load()) }

// AuthorizeRequests is how often /authorize was asked for, forms posted to it included.
func (p *IDP) AuthorizeRequests() int { return int(p.requests.authorize.Load()) }

// TokenRequests is how often /token was asked, whatever the answer. A request counts when
// it arrives, so one that is held up counts already.
func (p *IDP) TokenRequests() int { return int(p.requests.token.Load()) }

// UserInfoRequests is how often /userinfo was asked.
func (p *IDP) UserInfoRequests() int { return int(p.requests.userInfo.Load()) }

// JWKSRequests is how often the keys were asked for.
func (p *IDP) JWKSRequests() int { return int(p.requests.jwks.Load()) }

// Followed is how many requests followed one of the redirects that the provider lied
// with. They count as requests of their endpoint too.
func (p *IDP) Followed() int { return int(p.requests.elsewhere.Load()) }

// elsewhere is where the lying redirects lead. It answers as the true endpoint does, so
// that a client that follows them succeeds, and is noticed.
const elsewhere = "/elsewhere"

// ServeHTTP implements http.Handler.
func (p *IDP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, p.path)
	lies := p.telling()
	if to, moved := strings.CutPrefix(rest, elsewhere); moved {
		p.requests.elsewhere.Add(1)
		rest, lies = to, told{}
	}
	var (
		part    string
		count   *atomic.Int64
		handle  func(http.ResponseWriter, *http.Request, told)
		methods = []string{http.MethodGet}
	)
	switch {
	case !ok:
	case rest == "/.well-known/openid-configuration":
		part, count, handle = partDiscovery, &p.requests.discovery, p.discovery
	case rest == "/authorize":
		part, count, handle, methods = partCallback, &p.requests.authorize, p.authorize, []string{http.MethodGet, http.MethodPost}
	case rest == "/token":
		part, count, handle, methods = partToken, &p.requests.token, p.token, []string{http.MethodPost}
	case rest == "/userinfo":
		part, count, handle, methods = partUserInfo, &p.requests.userInfo, p.userInfo, []string{http.MethodGet, http.MethodPost}
	case rest == "/jwks":
		part, count, handle = partJWKS, &p.requests.jwks, p.jwks
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	switch {
	case handle == nil:
		http.NotFound(w, r)
		return
	case !slices.Contains(methods, r.Method):
		h.Set("Allow", strings.Join(methods, ", "))
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	count.Add(1)
	// The body is read before anything can take long: a server notices that its client
	// has gone only after that.
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		writeError(w, http.StatusBadRequest, oauthError{"invalid_request", "The form cannot be read."})
		return
	}
	p.endpoint(w, r, part, lies, handle)
}

// discovery answers OpenID Connect Discovery 1.0, section 4.2.
func (p *IDP) discovery(w http.ResponseWriter, _ *http.Request, lies told) {
	doc := map[string]any{
		"issuer":                                p.issuer,
		"authorization_endpoint":                p.issuer + "/authorize",
		"token_endpoint":                        p.issuer + "/token",
		"userinfo_endpoint":                     p.issuer + "/userinfo",
		"jwks_uri":                              p.issuer + "/jwks",
		"response_types_supported":              []string{"code"},
		"response_modes_supported":              []string{"query", "form_post"},
		"grant_types_supported":                 []string{"authorization_code", "refresh_token"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{RS256, ES256},
		"token_endpoint_auth_methods_supported": []string{SecretBasic, SecretPost, "none"},
		"code_challenge_methods_supported":      []string{"S256"},
		"scopes_supported":                      []string{"openid", "email", "profile", "offline_access"},
		"claims_supported":                      []string{"sub", "email", "email_verified", "name", "picture", "auth_time"},
		"prompt_values_supported":               []string{"none", "login", "consent", "select_account"},
		"request_uri_parameter_supported":       false,
	}
	if !p.NoIss {
		doc["authorization_response_iss_parameter_supported"] = true
	}
	switch {
	case lies[LieDiscoveryIssuer]:
		doc["issuer"] = liar
	case lies[LieDiscoveryIssuerMissing]:
		delete(doc, "issuer")
	}
	writeJSON(w, http.StatusOK, doc)
}

// secret is what nobody guesses: a code or a token.
func secret() string { return rand.Text() + rand.Text() }
