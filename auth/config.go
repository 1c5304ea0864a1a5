package auth

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/torii-go/torii/sessions"
)

// Config configures an [Auth]. Only BaseURL and, outside development mode, Secrets (or
// the environment variable TORII_SECRET) are needed; every other zero is the safe
// choice. A name that begins with Insecure or Skip makes something less so.
//
// Development mode is BaseURL with the scheme http and a loopback host (localhost,
// 127.0.0.0/8, ::1). Cookies lose "Secure" and their "__Host-" prefix there, and a
// missing secret is replaced by a random one that lives as long as the process.
type Config struct {
	// AppName is what people call the application. It is refused as a password.
	// Defaults to BaseURL's host.
	AppName string

	// BaseURL is the origin that browsers see: scheme, host and port, no path
	// ("https://app.example"). Required. Links, origin checks and cookies rest on it,
	// never on a request's Host header.
	BaseURL string

	// Hash sets what hashing a password costs and how many run at once.
	Hash HashConfig

	// Host is set by the client.Auth that entauth generates into a host's ent package, for
	// a User with more fields than Torii's.
	Host Host

	// Hooks run inside the transaction of every change and may refuse it. They run in
	// order, and again if the database asks for the transaction to be repeated.
	Hooks []Hook

	// InsecureHTTP allows a BaseURL with http on a host that is not loopback. Whoever
	// can read the network then has every session. Cookies are as in development mode,
	// since browsers store no others over http.
	InsecureHTTP bool

	// Logger takes refusals at Info and internal errors at Error. Defaults to
	// slog.Default().
	Logger *slog.Logger

	// LoginURL is where RequireUser sends a browser that asks for a page without being
	// signed in: a path of BaseURL, to which "?return_to=…" is added. Empty, the
	// default: the answer is 401.
	LoginURL string

	// Mail sends what Torii mails: links and codes to sign in, to prove and change an
	// address, to reset a password; notices of changes.
	Mail MailConfig

	// Now is the clock. Defaults to time.Now.
	Now func() time.Time

	// PasswordURL is the page on which people change their password, which WellKnown sends
	// password managers to. Without it they are told that there is none.
	PasswordURL string

	// Path is where Handler is mounted. Defaults to "/auth".
	Path string

	// Providers are the ways to sign in. Each value belongs to one Auth.
	Providers []Provider

	// Secrets are at least 32 random bytes each: the first signs, all verify, so that a
	// new one is put in front of the old. Defaults to the bytes of the environment
	// variable TORII_SECRET. Required outside development mode.
	Secrets [][]byte

	// Sessions says how long people stay signed in.
	Sessions sessions.Config

	// SkipEmailVerification lets a new account in before its address is proven, and
	// sends no mail at sign-up. Anybody can then hold an account with somebody else's
	// address, so an application must not trust a user's address but by
	// User.EmailVerifiedAt. By default, with Mail.Sender set, an account is made when a mail
	// to its address has been answered, and one that is there and unproven signs in by
	// nothing else. Required outside development mode if there is no mailer; in
	// development mode without one it is the default.
	SkipEmailVerification bool

	// StepUpWithin is how long a proof counts as recent for what needs one. Defaults to
	// 10 minutes.
	StepUpWithin time.Duration

	// TrustedOrigins are other origins whose pages may act for a signed-in user
	// ("https://admin.app.example"). Exact: scheme, host and port.
	TrustedOrigins []string

	// TrustedProxies are the networks of reverse proxies whose X-Forwarded-For is
	// believed. Empty, the default: the client's address is the socket's. A unix socket has
	// none; what connects to one is believed like a proxy if any is declared here, and
	// without is not limited by address.
	TrustedProxies []netip.Prefix
}

// HashConfig sets the cost of Argon2id (RFC 9106). The zero value is OWASP's minimum,
// 19 MiB in two passes, about 20 ms on a server core, as many at once as there are
// cores.
type HashConfig struct {
	// MemoryKiB is the memory of one hash. Defaults to 19456.
	MemoryKiB uint32
	// Passes over the memory. Defaults to 2.
	Passes uint32
	// Concurrency is how many hashes run at once. Defaults to GOMAXPROCS, fewer if they
	// would need more than 256 MiB.
	Concurrency int
	// Queue is how many wait for their turn; more are refused with ErrOverloaded, and
	// told when to come back. Defaults to 128 for each that runs; negative means none.
	Queue int
	// InsecureParams allows less than OWASP's minimum: for test suites.
	InsecureParams bool
}

const (
	defaultPath         = "/auth"
	defaultStepUpWithin = 10 * time.Minute
	secretEnv           = "TORII_SECRET"
)

// withDefaults returns the configuration with every zero replaced.
func (c Config) withDefaults() Config {
	if c.Path == "" {
		c.Path = defaultPath
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.StepUpWithin == 0 {
		c.StepUpWithin = defaultStepUpWithin
	}
	if len(c.Secrets) == 0 {
		if s := os.Getenv(secretEnv); s != "" {
			c.Secrets = [][]byte{[]byte(s)}
		}
	}
	if u, err := url.Parse(c.BaseURL); err == nil && c.AppName == "" {
		c.AppName = u.Hostname()
	}
	c.Mail = c.Mail.withDefaults(isDevelopment(c.BaseURL), c.AppName)
	c.Sessions = c.Sessions.WithDefaults(isPlainHTTP(c.BaseURL))
	return c
}

// validate reports every problem at once, each with the field and the cure.
func (c Config) validate(development bool) error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	if err := checkOrigin(c.BaseURL); err != nil {
		add("BaseURL: %w", err)
	} else if isPlainHTTP(c.BaseURL) && !development && !c.InsecureHTTP {
		add("BaseURL %q is plain http on a host that is not loopback; serve it over https, or set InsecureHTTP", c.BaseURL)
	}
	if c.Path == "/" || !strings.HasPrefix(c.Path, "/") || path.Clean(c.Path) != c.Path || strings.ContainsAny(c.Path, "{}?#% ") {
		add("Path %q must be an absolute, clean path such as /auth", c.Path)
	}
	if c.PasswordURL != "" && !isPagePath(c.PasswordURL) {
		add("PasswordURL %q must be a path of this site, without a query", c.PasswordURL)
	}
	if c.LoginURL != "" && !isPagePath(c.LoginURL) {
		add("LoginURL %q must be a path of this site, without a query", c.LoginURL)
	}
	for _, o := range c.TrustedOrigins {
		if err := checkOrigin(o); err != nil {
			add("TrustedOrigins: %w", err)
		}
	}
	if len(c.Secrets) == 0 && !development {
		add("Secrets is empty: give at least 32 random bytes, or set %s (for example the output of: openssl rand -base64 48)", secretEnv)
	}
	c.Mail.validate(add)
	if c.Mail.Sender == nil && !development && !c.SkipEmailVerification {
		add("no mailer is configured, so no address can be proven: set SkipEmailVerification to let new accounts in unproven")
	}
	if c.StepUpWithin < 0 {
		add("StepUpWithin is negative; leave it zero for 10 minutes")
	}
	names := map[string]bool{}
	for i, p := range c.Providers {
		switch {
		case p == nil:
			add("Providers[%d] is nil", i)
		case names[p.Name()]:
			add("Providers: %q is listed twice", p.Name())
		default:
			names[p.Name()] = true
		}
	}
	for i, h := range c.Hooks {
		if h == nil {
			add("Hooks[%d] is nil", i)
		}
	}
	if err := checkHost(c.Host); err != nil {
		errs = append(errs, err)
	}
	if err := c.Sessions.Validate(isPlainHTTP(c.BaseURL)); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// checkOrigin accepts scheme://host[:port] exactly as a browser writes it in Origin.
func checkOrigin(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.ContainsFunc(u.Host, func(r rune) bool { return r == '*' || r > '~' }):
		return fmt.Errorf("%q is no origin: write scheme://host[:port], such as https://app.example", s)
	case u.Scheme+"://"+strings.ToLower(u.Host) != s:
		return fmt.Errorf("%q must be an origin alone, in lower case, without path, query, user or trailing slash", s)
	case u.Port() == "80" && u.Scheme == "http", u.Port() == "443" && u.Scheme == "https", strings.HasSuffix(u.Host, ":"):
		return fmt.Errorf("%q names the scheme's own port, which browsers leave out; leave it out too", s)
	}
	return nil
}

// isPlainHTTP: browsers then refuse cookies that are Secure or "__Host-".
func isPlainHTTP(baseURL string) bool { return strings.HasPrefix(baseURL, "http://") }

// isDevelopment: plain http on this very machine.
func isDevelopment(baseURL string) bool {
	u, err := url.Parse(baseURL)
	if err != nil || !isPlainHTTP(baseURL) {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback()
}
