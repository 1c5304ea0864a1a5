package oauth

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"github.com/torii-go/torii/auth"
)

// Name of the provider, in events and proofs.
const Name = "oauth"

// Factor is the kind of factor that a sign-in proves. It was given when the identity
// provider says that the person signed in there (auth_time); one that does not say is not
// recent.
const Factor = "oauth"

// Provider is sign-in by accounts elsewhere. Make it with New; it belongs to one Auth.
// Nothing of a request is stored in it.
type Provider struct {
	kit     auth.Kit
	remotes []*remote
}

// New returns a provider for auth.Config.Providers. What is wrong with an IDP is told by
// auth.New.
func New(idps ...IDP) *Provider {
	p := &Provider{}
	for _, idp := range idps {
		p.remotes = append(p.remotes, newRemote(idp))
	}
	return p
}

// Name is "oauth".
func (p *Provider) Name() string { return Name }

// Mount implements [auth.Provider].
func (p *Provider) Mount(kit auth.Kit) ([]auth.Route, error) {
	if p.kit != (auth.Kit{}) {
		return nil, errors.New("this value is part of another Auth already: make one for each")
	}
	var errs []error
	for i, r := range p.remotes {
		if err := r.idp.check(); err != nil {
			errs = append(errs, fmt.Errorf("oauth: %q: %w", r.idp.ID, err))
		}
		if slices.ContainsFunc(p.remotes[:i], func(o *remote) bool { return o.idp.ID == r.idp.ID }) {
			errs = append(errs, fmt.Errorf("oauth: %q is there twice", r.idp.ID))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	p.kit = kit
	for _, r := range p.remotes {
		r.now = kit.Now
	}
	return p.routes(), nil
}

// remote returns an identity provider by its id.
func (p *Provider) remote(id string) (*remote, error) {
	if p.kit == (auth.Kit{}) {
		return nil, auth.ErrNotMounted
	}
	for _, r := range p.remotes {
		if r.idp.ID == id {
			return r, nil
		}
	}
	return nil, ErrUnknownProvider
}

// Identifies implements [auth.Identifier]: an identity of a provider that is not there any
// more, or has another issuer now, signs nobody in.
func (p *Provider) Identifies(i auth.Identity) bool {
	r, err := p.remote(i.Provider)
	return err == nil && (r.idp.IssuerOf != nil || r.idp.Issuer == i.Issuer)
}

// accountsPath is below /oauth and cannot be an id.
const accountsPath = "accounts"

var isID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`).MatchString

// check says what is wrong with an IDP, and what to do.
func (i IDP) check() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	switch {
	case !isID(i.ID):
		add("ID must be 1 to 32 of a-z, 0-9, _ and -")
	case i.ID == accountsPath:
		add("ID %q is reserved", i.ID)
	}
	if i.Name == "" {
		add("Name is empty: say what people call it")
	}
	if i.ClientID == "" {
		add("ClientID is empty")
	}
	if i.Issuer == "" && (i.AuthURL == "" || i.TokenURL == "" || i.Profile == nil) {
		add("without Issuer it needs AuthURL, TokenURL and Profile")
	}
	for name, u := range map[string]string{
		"Issuer": i.Issuer, "AuthURL": i.AuthURL, "TokenURL": i.TokenURL, "UserInfoURL": i.UserInfoURL, "JWKSURL": i.JWKSURL,
	} {
		if u != "" && !isSafeURL(u) {
			add("%s %q must be https (http on this machine only), without user and fragment", name, u)
		}
	}
	for _, alg := range i.Algorithms {
		if !slices.Contains(algorithms, alg) {
			add("Algorithms: %q is not one of %s", alg, strings.Join(algorithms, ", "))
		}
	}
	for name := range i.AuthParams {
		if slices.Contains(ownParams, name) {
			add("AuthParams: %q is set by Torii", name)
		}
	}
	if i.AuthStyle != oauth2.AuthStyleAutoDetect && i.AuthStyle != oauth2.AuthStyleInHeader && i.AuthStyle != oauth2.AuthStyleInParams {
		add("AuthStyle is unknown")
	}
	return errors.Join(errs...)
}

// algorithms are those that an ID token may be signed with: public keys only.
var algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// ownParams of an authorization URL are nobody else's to set.
var ownParams = []string{"client_id", "code_challenge", "code_challenge_method", "nonce", "redirect_uri", "response_type", "scope", "state"}
