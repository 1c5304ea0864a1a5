package auth

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/torii-go/torii/mail"
)

// MailConfig says how mails are sent and what they look like.
type MailConfig struct {
	// Sender delivers: mail.SMTP, mail.Dir, or one of the host's own. Without one nothing
	// is mailed, but in development mode, where mails go to the terminal.
	Sender mail.Sender
	// From is the address of the mails. Required with a Sender.
	From mail.Address
	// Catalogue has the words. Defaults to mail.DefaultCatalogue: English and German,
	// chosen by the browser's Accept-Language.
	Catalogue *mail.Catalogue
	// Pages are the host's own pages behind mailed links, by the kind of mail:
	// {mail.Reset: "/new-password"}. The link leads there with the secret in the fragment
	// ("#token=…"), which no server sees. Kinds without one have a page of Torii's.
	Pages map[mail.Kind]string
}

// withDefaults completes the configuration; mails of development without a Sender are
// for the terminal.
func (m MailConfig) withDefaults(development bool, appName string) MailConfig {
	if m.Sender == nil && development {
		m.Sender = mail.Log(os.Stderr)
		if m.From == (mail.Address{}) {
			m.From = mail.Address{Name: appName, Address: "torii@localhost.localdomain"}
		}
	}
	if m.Catalogue == nil && m.Sender != nil {
		m.Catalogue = mail.DefaultCatalogue()
	}
	return m
}

func (m MailConfig) validate(add func(format string, args ...any)) {
	if m.Sender != nil {
		if _, err := mail.ParseAddress(m.From.String()); err != nil {
			add("Mail.From: %w", err)
		}
	}
	for kind, page := range m.Pages {
		if !strings.HasPrefix(page, "/") || strings.HasPrefix(page, "//") || strings.ContainsAny(page, "?#\\") {
			add("Mail.Pages[%q]: %q must be a path of this site, without a query", kind, page)
		}
	}
}

// Mailing is a kind of mail that Torii sends: a secret in a link, or a notice.
type Mailing struct {
	// Kind is what the mail says, and what its secret is for: one made for one kind opens
	// no other.
	Kind mail.Kind
	// Lifetime of the secret; zero is a notice, which has none.
	Lifetime time.Duration
	// Path of the page behind the link, below Config.Path.
	Path string
}

// Mailer is a [Provider] that has mails sent. What it lists may be given to Kit.Mail and
// Kit.Notify.
type Mailer interface {
	Provider
	Mailings() []Mailing
}

// link is the address of the page behind a mailed secret. Only BaseURL is in it, never a
// request's Host.
func (a *Auth) link(m Mailing, secret string) string {
	return a.cfg.BaseURL + a.cfg.Path + m.Path + "?token=" + url.QueryEscape(secret)
}

// noticeLifetime is how long a notice is worth sending.
const noticeLifetime = 24 * time.Hour

// lifetime is how long a mail of the kind is worth sending.
func (m Mailing) lifetime() time.Duration {
	if m.Lifetime == 0 {
		return noticeLifetime
	}
	return m.Lifetime
}

// mailing returns what was listed under a kind.
func (a *Auth) mailing(kind mail.Kind) (Mailing, error) {
	m, ok := a.mailings[kind]
	if !ok {
		return m, fmt.Errorf("auth: no provider lists the mail %q", kind)
	}
	return m, nil
}

// CanMail tells whether there is a mailer.
func (k Kit) CanMail() bool { return k.a.cfg.Mail.Sender != nil }

// Mail sends a secret to an address, if it has an account that may be used. Whether it
// has one is told by nothing: neither by the answer nor by its time. Too many for an
// address or from one are a [RetryError].
func (k Kit) Mail(ctx context.Context, c Client, kind mail.Kind, email string) error {
	if k.a == nil {
		return ErrNotMounted
	}
	if !k.CanMail() {
		return ErrNoMailer
	}
	return k.a.mailSecret(ctx, c, kind, email)
}
