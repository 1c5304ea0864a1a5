package magiclink

import (
	"context"
	"errors"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/sessions"
)

// Name of the provider. The factor it proves is [auth.FactorEmail].
const Name = "magiclink"

// lifetime is how long a link and its code work (ASVS 5.0, 6.5.5).
const lifetime = 10 * time.Minute

// Config sets who may sign in by mail. The zero value lets everybody.
type Config struct {
	// IgnoreUnknown sends nothing to an address that has no account. By default it gets a
	// mail too, and an account when that is answered.
	IgnoreUnknown bool
}

// Provider is sign-in by mail. Make it with New; it belongs to one Auth.
type Provider struct {
	cfg Config
	kit auth.Kit
}

// New returns a provider for auth.Config.Providers.
func New(cfg Config) *Provider { return &Provider{cfg: cfg} }

// Name is "magiclink".
func (p *Provider) Name() string { return Name }

// Mount implements [auth.Provider]. Without a mailer there is nothing to sign in with.
func (p *Provider) Mount(kit auth.Kit) ([]auth.Route, error) {
	if p.kit != (auth.Kit{}) {
		return nil, errors.New("this value is part of another Auth already: make one for each")
	}
	if !kit.CanMail() {
		return nil, auth.ErrNoMailer
	}
	p.kit = kit
	return p.routes(), nil
}

// Mailings implements [auth.Mailer].
func (p *Provider) Mailings() []auth.Mailing {
	return []auth.Mailing{{Kind: mail.SignIn, Lifetime: lifetime, Path: "/magic-link/verify"}}
}

// Send mails a link and a code to an address. The flow it returns belongs to the browser
// that asked: only with it, in Client.Flows, can the mail be answered. returnTo is where
// the browser wants to go afterwards, a path of the site; anything else is dropped. Whether
// the address has an account is not told. Too many mails are an *auth.RetryError.
func (p *Provider) Send(ctx context.Context, email, returnTo string, c auth.Client) (flow string, err error) {
	return p.kit.BeginMail(ctx, c, auth.MailFlow{Kind: mail.SignIn, Email: email, ReturnTo: returnTo, SignUp: !p.cfg.IgnoreUnknown})
}

// Verify signs in by the link (m.Secret) or the code (m.Code) of a mail, in the flow that
// asked for it; m.Kind may be left out. The address is proven by that, and an account is
// made if it has none. A mail that was answered, is older than ten minutes, is of another
// flow or whose code was guessed at too often is auth.ErrInvalidToken; a second factor is
// an *auth.SecondFactorError.
func (p *Provider) Verify(ctx context.Context, m auth.Mailed, c auth.Client) (auth.Result, error) {
	if p.kit == (auth.Kit{}) {
		return auth.Result{}, auth.ErrNotMounted
	}
	m.Kind = mail.SignIn
	return p.kit.Finish(ctx, auth.Proof{
		Factors:     []sessions.Factor{{Kind: auth.FactorEmail, At: p.kit.Now()}},
		Mailed:      &m,
		Unguessable: m.Code == "", // codes are counted where they are compared
	}, c)
}
