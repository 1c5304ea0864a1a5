package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

const (
	// metadataAge is how long a provider's metadata are believed without being asked for.
	metadataAge = time.Hour
	// retryAfter is how long a provider is left alone that has not answered.
	retryAfter = 5 * time.Second
)

// remote is an identity provider and what it has published. It holds nothing of any
// person or request.
type remote struct {
	idp    IDP
	client *http.Client
	now    func() time.Time
	keys   *keys

	mu      sync.Mutex
	meta    metadata  // guarded by mu
	fetched time.Time // guarded by mu; when meta came
	tried   time.Time // guarded by mu; when the last try failed
	failed  error     // guarded by mu
}

// metadata are the parts of OpenID Connect Discovery 1.0 that are used here.
type metadata struct {
	Issuer      string `json:"issuer"`
	AuthURL     string `json:"authorization_endpoint"`
	TokenURL    string `json:"token_endpoint"`
	UserInfoURL string `json:"userinfo_endpoint"`
	JWKSURL     string `json:"jwks_uri"`
	// SendsIss is RFC 9207, section 3: a callback without "iss" is then somebody else's.
	SendsIss bool `json:"authorization_response_iss_parameter_supported"`
}

func newRemote(idp IDP) *remote {
	idp.Scopes, idp.Algorithms = slices.Clone(idp.Scopes), slices.Clone(idp.Algorithms)
	if idp.Issuer != "" && len(idp.Scopes) == 0 {
		idp.Scopes = []string{"openid", "email", "profile"}
	}
	if len(idp.Algorithms) == 0 {
		idp.Algorithms = []string{"RS256"}
	}
	switch {
	case idp.AuthStyle != oauth2.AuthStyleAutoDetect:
	case idp.ClientSecret == "" && idp.Secret == nil:
		idp.AuthStyle = oauth2.AuthStyleInParams // a public client has but its name
	default:
		idp.AuthStyle = oauth2.AuthStyleInHeader
	}
	r := &remote{idp: idp, client: newClient(idp.Transport), now: time.Now}
	r.keys = &keys{remote: r}
	return r
}

// isOpenID tells whether it gives ID tokens.
func (r *remote) isOpenID() bool { return r.idp.Issuer != "" }

// describe returns the endpoints: those configured, and for the others what the provider
// has published, asked for when it is first needed.
func (r *remote) describe(ctx context.Context) (metadata, error) {
	m := metadata{Issuer: r.idp.Issuer, AuthURL: r.idp.AuthURL, TokenURL: r.idp.TokenURL, UserInfoURL: r.idp.UserInfoURL, JWKSURL: r.idp.JWKSURL}
	if !r.isOpenID() || m.AuthURL != "" && m.TokenURL != "" && m.JWKSURL != "" {
		return m, nil
	}
	told, err := r.discover(ctx)
	if err != nil {
		return metadata{}, err
	}
	m.SendsIss = told.SendsIss
	for _, part := range []struct {
		own  *string
		told string
	}{{&m.AuthURL, told.AuthURL}, {&m.TokenURL, told.TokenURL}, {&m.JWKSURL, told.JWKSURL}, {&m.UserInfoURL, told.UserInfoURL}} {
		if *part.own == "" {
			*part.own = part.told
		}
	}
	return m, nil
}

// discover returns the metadata, one request at a time. Old ones serve as long as no new
// ones can be had.
func (r *remote) discover(ctx context.Context) (metadata, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	switch {
	case !r.fetched.IsZero() && now.Sub(r.fetched) < metadataAge:
		return r.meta, nil
	case r.failed != nil && now.Sub(r.tried) < retryAfter && r.fetched.IsZero():
		return metadata{}, r.failed
	case r.failed != nil && now.Sub(r.tried) < retryAfter:
		return r.meta, nil
	}
	// For all who wait for it, so it does not end with one who has gone.
	m, err := r.fetchMetadata(context.WithoutCancel(ctx))
	switch {
	case err == nil:
		r.meta, r.fetched, r.failed = m, now, nil
	default:
		// From its end: those who have waited for it need not wait for another.
		r.tried, r.failed = r.now(), err
		if r.fetched.IsZero() {
			return metadata{}, err
		}
	}
	return r.meta, nil
}

func (r *remote) fetchMetadata(ctx context.Context) (metadata, error) {
	var m metadata
	if err := getJSON(ctx, r.client, "", strings.TrimSuffix(r.idp.Issuer, "/")+"/.well-known/openid-configuration", &m); err != nil {
		return m, err
	}
	if m.Issuer != r.idp.Issuer && r.idp.IssuerOf == nil {
		return m, fmt.Errorf("the metadata are of the issuer %.100q, not of %q", m.Issuer, r.idp.Issuer)
	}
	// Who is asked by https does not send anybody to what listens on this machine alone.
	usable := func(u string) bool {
		return isSafeURL(u) && (strings.HasPrefix(u, "https:") || strings.HasPrefix(r.idp.Issuer, "http:"))
	}
	for name, u := range map[string]string{
		"authorization_endpoint": m.AuthURL, "token_endpoint": m.TokenURL, "jwks_uri": m.JWKSURL,
	} {
		if !usable(u) {
			return m, errors.New("the metadata have no usable " + name)
		}
	}
	if m.UserInfoURL != "" && !usable(m.UserInfoURL) {
		return m, errors.New("the metadata have no usable userinfo_endpoint")
	}
	return m, nil
}

// config is what x/oauth2 needs, made for one request.
func (r *remote) config(m metadata, redirectURI string) (*oauth2.Config, error) {
	secret := r.idp.ClientSecret
	if r.idp.Secret != nil {
		made, err := r.idp.Secret(r.now())
		if err != nil {
			return nil, fmt.Errorf("make the client's secret: %w", err)
		}
		secret = made
	}
	return &oauth2.Config{
		ClientID: r.idp.ClientID, ClientSecret: secret, RedirectURL: redirectURI, Scopes: r.idp.Scopes,
		Endpoint: oauth2.Endpoint{AuthURL: m.AuthURL, TokenURL: m.TokenURL, AuthStyle: r.idp.AuthStyle},
	}, nil
}
