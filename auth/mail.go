package auth

import (
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
	// ResetURL is the host's page on which people ask for a new password ("/forgot"): a path
	// of the site. Notices link to it. Empty, the default: they do not speak of it.
	ResetURL string
	// PerIP is how many mails one IPv4 address, or one /64 of IPv6, may ask for in 15
	// minutes, sign-ups that wait for their proof among them. Defaults to 20; an application
	// whose people share an address, an office or a school, needs more.
	PerIP int

	terminal bool // the Sender is development's own
}

// withDefaults completes the configuration; mails of development without a Sender are
// for the terminal.
func (m MailConfig) withDefaults(development bool, appName string) MailConfig {
	if m.Sender == nil && development {
		m.Sender, m.terminal = mail.Log(os.Stderr), true
		if m.From == (mail.Address{}) {
			m.From = mail.Address{Name: appName, Address: "torii@localhost.localdomain"}
		}
	}
	if m.PerIP == 0 {
		m.PerIP = defaultMailsPerIP
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
		if !isPagePath(page) {
			add("Mail.Pages[%q]: %q must be a path of this site, without a query", kind, page)
		}
	}
	if m.PerIP < 0 {
		add("Mail.PerIP is negative; leave it zero for %d", defaultMailsPerIP)
	}
	if m.ResetURL != "" && !isPagePath(m.ResetURL) {
		add("Mail.ResetURL %q must be a path of this site, without a query", m.ResetURL)
	}
}

// isPagePath tells whether s is a path of this site and nothing else.
func isPagePath(s string) bool {
	return strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.ContainsAny(s, "?#\\")
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

// coreMailings are the mails that do not depend on how people sign in.
var coreMailings = []Mailing{
	{Kind: mail.Verify, Lifetime: verifyLifetime, Path: "/email/verify"},
	{Kind: mail.ChangeEmail, Lifetime: changeEmailLifetime, Path: "/email/change/confirm"},
	{Kind: mail.EmailChanged, Lifetime: undoLifetime, Path: "/email/change/undo"},
	{Kind: mail.EmailReplaced},
	{Kind: mail.AddressTaken},
	{Kind: mail.AccountReclaimed},
	{Kind: mail.IdentityLinked},
	{Kind: mail.IdentityUnlinked},
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
