package passkey

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/mail"
)

// Kind of the credential, of its factor and of the provider.
const Kind = "passkey"

// FactorVerified is the kind of factor that a session holds beside [Kind] if the
// authenticator has verified its owner, by a PIN or a biometric, and not only that somebody
// was there.
const FactorVerified = "user_verification"

const (
	// lifetime of a challenge.
	lifetime = 5 * time.Minute
	// maxPasskeys is how many a user may have.
	maxPasskeys = 64
)

// Config of passkeys. The zero value is for most.
type Config struct {
	// RPID is the domain that passkeys belong to: the host of auth.Config.BaseURL, which is
	// the default, or a parent domain of it ("app.example" for "https://www.app.example").
	// Passkeys that were made for one work for no other.
	RPID string

	// Origins are others than that of auth.Config.BaseURL from which passkeys are taken:
	// "https://app.example.de", which Auth.WellKnown then names to browsers as related, and
	// native apps, as in "android:apk-key-hash:…". For calls from a page there list it in
	// auth.Config.TrustedOrigins, too.
	Origins []string

	// Names are those of the makers of passkeys by AAGUID, a lower-case UUID, beside and over
	// the list that is built in.
	Names map[string]string

	// EndSessionsOnAdd ends the user's other sessions when a passkey is added. By default
	// they go on. Where sessions are stateless, or in a store of their own, it ends all.
	EndSessionsOnAdd bool

	// KeepSessionsOnDelete keeps the user's other sessions when a passkey is deleted. By
	// default they end: whoever has the device might be in one. Where sessions are stateless,
	// or in a store of their own, all end.
	KeepSessionsOnDelete bool

	// RefuseBackwardsCounter refuses a passkey that stays on its device and whose signature
	// counter has not grown: its device was reset, or there is a copy. By default that is an
	// event and no more. Most passkeys do not count.
	RefuseBackwardsCounter bool

	// InsecureListCredentials has the answer to BeginSignIn name the passkeys of an address,
	// for security keys that keep none by themselves. It tells everybody which addresses have
	// passkeys.
	InsecureListCredentials bool

	// InsecureSkipUserVerification takes a passkey of somebody who was there, without a PIN or
	// a biometric: whoever finds a security key signs in. The session then says which it was.
	InsecureSkipUserVerification bool
}

// Provider is sign-in by passkey. Make it with New; it belongs to one Auth.
type Provider struct {
	cfg     Config
	kit     auth.Kit
	rp      *webauthn.WebAuthn
	origins []string // exact
}

// New returns a provider for auth.Config.Providers. What is wrong with the configuration
// is told by auth.New.
func New(cfg Config) *Provider { return &Provider{cfg: cfg} }

// Name is "passkey".
func (p *Provider) Name() string { return Kind }

// Mount implements [auth.Provider].
func (p *Provider) Mount(kit auth.Kit) ([]auth.Route, error) {
	if p.mounted() {
		return nil, errors.New("this value is part of another Auth already: make one for each")
	}
	cfg, err := p.cfg.relyingParty(kit.BaseURL(), kit.AppName())
	if err != nil {
		return nil, err
	}
	rp, err := webauthn.New(cfg)
	if err != nil {
		return nil, err
	}
	p.kit, p.rp = kit, rp
	p.origins = slices.Concat(cfg.RPOrigins, cfg.RPOpaqueOrigins)
	return p.routes(), nil
}

// Mailings implements [auth.Mailer]: what owners are told.
func (p *Provider) Mailings() []auth.Mailing {
	return []auth.Mailing{{Kind: mail.PasskeyAdded}, {Kind: mail.PasskeyRemoved}}
}

func (p *Provider) mounted() bool { return p.kit != (auth.Kit{}) }

// RelatedOrigins implements [auth.RelatedOriginer]: the origins of pages, if there is more
// than one.
func (p *Provider) RelatedOrigins() []string {
	if p.rp == nil || len(p.rp.Config.RPOrigins) < 2 {
		return nil
	}
	return slices.Clone(p.rp.Config.RPOrigins)
}

func (c Config) verification() protocol.UserVerificationRequirement {
	if c.InsecureSkipUserVerification {
		return protocol.VerificationPreferred
	}
	return protocol.VerificationRequired
}

func (c Config) residentKey() protocol.ResidentKeyRequirement {
	if c.InsecureListCredentials {
		return protocol.ResidentKeyRequirementPreferred
	}
	return protocol.ResidentKeyRequirementRequired
}

// relyingParty is what the configuration means to WebAuthn, or what is wrong with it.
func (c Config) relyingParty(base, name string) (*webauthn.Config, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	host := u.Hostname()
	id := c.RPID
	if id == "" {
		id = host
	}
	switch {
	case net.ParseIP(host) != nil:
		return nil, fmt.Errorf("passkey: BaseURL %q has an IP address for a host, and passkeys need a name: for development say http://localhost", base)
	case host != id && !strings.HasSuffix(host, "."+id):
		return nil, fmt.Errorf("passkey: RPID %q is not the host of BaseURL %q, nor a parent domain of it", id, base)
	}
	required := c.residentKey() == protocol.ResidentKeyRequirementRequired
	forms := webauthn.TimeoutConfig{Timeout: lifetime, TimeoutUVD: lifetime}
	cfg := &webauthn.Config{
		RPID: id, RPDisplayName: name, RPOrigins: []string{base},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: c.residentKey(), RequireResidentKey: &required, UserVerification: c.verification(),
		},
		Timeouts: webauthn.TimeoutsConfig{Login: forms, Registration: forms},
		// What nobody asked for is not read either.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	}
	for _, o := range c.Origins {
		switch {
		case slices.Contains(cfg.RPOrigins, o), slices.Contains(cfg.RPOpaqueOrigins, o):
			return nil, fmt.Errorf("passkey: Origins: %q is there twice", o)
		case protocol.IsOpaqueOrigin(o):
			if !protocol.IsKnownOpaqueOrigin(o) {
				return nil, fmt.Errorf("passkey: Origins: %q is no origin of a page or an app", o)
			}
			cfg.RPOpaqueOrigins = append(cfg.RPOpaqueOrigins, o)
		case !isOrigin(o):
			return nil, fmt.Errorf("passkey: Origins: %q must be as browsers write it: https (http for localhost only), a name in lower case (xn--… for other scripts), no path, and no port that is the scheme's own", o)
		default:
			cfg.RPOrigins = append(cfg.RPOrigins, o)
		}
	}
	return cfg, nil
}

// isOrigin tells whether s is the origin of a page as browsers write it, and one that may
// have passkeys. Another spelling would never be met.
func isOrigin(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Scheme+"://"+u.Host != s || s != strings.ToLower(s) {
		return false
	}
	host, port := u.Hostname(), u.Port()
	foreign := func(r rune) bool { return r == '*' || r > '~' }
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	switch {
	case host == "", net.ParseIP(host) != nil, strings.HasSuffix(host, "."), strings.HasSuffix(u.Host, ":"), strings.ContainsFunc(host, foreign):
		return false
	case u.Scheme == "https":
		return port != "443"
	default:
		return u.Scheme == "http" && local && port != "80"
	}
}
