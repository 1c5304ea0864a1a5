package oauth

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
)

// IDP is an identity provider that people sign in with: an OpenID provider, of which only
// Issuer has to be known beside the client's credentials, or an OAuth 2.0 server, with its
// endpoints and a function that asks it who somebody is. Google, GitHub and others are
// ready-made. It is a plain value: nothing of a request is ever stored in it.
type IDP struct {
	// ID is in the routes ("/oauth/google") and in the identities: short, lower-case, never
	// to be changed. "accounts" is reserved.
	ID string
	// Name is what people call it: "Google".
	Name string

	// ClientID and ClientSecret are what the provider has given the application.
	ClientID     string
	ClientSecret string
	// Secret makes the client's secret anew, for providers that want a signed one; it takes
	// the place of ClientSecret.
	Secret func(now time.Time) (string, error)
	// AuthStyle says how the secret is sent: never tried out, since a code is sent once.
	// Defaults to oauth2.AuthStyleInHeader.
	AuthStyle oauth2.AuthStyle

	// NativeClientIDs are the ids of the application's apps, whose ID tokens are taken at
	// the native routes beside those for ClientID.
	NativeClientIDs []string

	// Issuer makes it an OpenID provider: the value of "iss" exactly, and where its metadata
	// are found. Empty for OAuth 2.0 without ID tokens.
	Issuer string
	// IssuerOf returns the issuer that an ID token must be of, for one that is made for
	// many tenants, given the token's claims; it must not merely return what they say.
	IssuerOf func(claims map[string]any) (string, error)
	// Algorithms are those that an ID token may be signed with. Defaults to RS256.
	Algorithms []string

	// AuthURL, TokenURL, UserInfoURL and JWKSURL are the endpoints; an OpenID provider's are
	// discovered where they are empty.
	AuthURL, TokenURL, UserInfoURL, JWKSURL string
	// Scopes that are asked for. Defaults to openid, email and profile with an Issuer.
	Scopes []string
	// AuthParams are added to the authorization URL.
	AuthParams url.Values
	// FormPost is for providers that answer by a form of another site (Apple).
	FormPost bool

	// InsecureNoPKCE leaves PKCE out, for a server that refuses a code_verifier from clients
	// with a secret (LinkedIn). Flow, state and secret are then all that ties a code to its
	// browser.
	InsecureNoPKCE bool

	// Profile asks an OAuth 2.0 server who the access token is of, with a client that has a
	// time-out, follows no redirect and reads no more than 1 MiB. For an OpenID provider it
	// is optional, and completes what the ID token says.
	Profile func(ctx context.Context, client *http.Client, accessToken string) (Profile, error)
	// Map makes a profile of the claims of an ID token and of the UserInfo endpoint, in which
	// a number is a json.Number. Defaults to the standard claims.
	Map func(claims map[string]any) Profile
	// Authoritative tells whether the provider's word proves that the person of a profile,
	// which says EmailVerified, owns the address. By default nobody's does.
	Authoritative func(Profile) bool

	// Transport sends what is asked of the provider. Defaults to http.DefaultTransport.
	Transport http.RoundTripper

	// KeepTokens stores the access and refresh token, sealed; see Provider.Token. One of
	// more than 12,000 bytes is not kept.
	KeepTokens bool
}

// Profile is a person as a provider tells of them.
type Profile struct {
	// Subject is the provider's immutable id of the person: 1 to 255 bytes.
	Subject string
	// Email is "" if none was told.
	Email string
	// EmailVerified is true only if the provider says so by a true boolean.
	EmailVerified bool
	Name, Picture string
	// Claims are what else was told; kept with the identity.
	Claims map[string]any
}
