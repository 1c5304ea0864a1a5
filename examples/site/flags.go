package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/providers/oauth"
	"github.com/torii-go/torii/sessions"
)

// options is the command line, understood.
type options struct {
	addr, driver, dsn, baseURL string
	file                       string // of SQLite, if dsn was not given
	mailDir                    string // "" for the terminal, in development
	verify                     bool   // addresses are proven first
	sessions                   sessions.Kind
	lifetime, idle             time.Duration
	proxies                    []netip.Prefix
	demoIDP, demoAsked         bool // the built-in provider; -demo-idp was said
	oidc                       []oauth.IDP
}

// usageError is a command line that this program cannot follow.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// parseFlags reads the command line. Help goes to stdout and is flag.ErrHelp;
// everything that is wrong is a *usageError.
func parseFlags(args []string, stdout io.Writer) (options, error) {
	var o options
	var sessionKind, proxies string
	var oidc list

	fs := flag.NewFlagSet("site", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are returned, and told once
	fs.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`HOST:PORT` to listen on; port 0 takes a free one")
	fs.StringVar(&o.driver, "driver", "sqlite3", "database: sqlite3, postgres or mysql")
	fs.StringVar(&o.dsn, "dsn", "", "data source `NAME`, as in file:app.db; for sqlite3 by default a file\nin your cache directory (told at start)")
	fs.StringVar(&o.baseURL, "base-url", "", "the `ORIGIN` that browsers see (default http://localhost:PORT of -addr)")
	fs.DurationVar(&o.lifetime, "session-lifetime", 0, "how long a session lasts at most (default 720h, of a JWT 1h)")
	fs.DurationVar(&o.idle, "session-idle", 0, "how long an opaque session lasts unused (default: no limit)")
	fs.StringVar(&proxies, "trusted-proxies", "", "networks of reverse proxies, as in `10.0.0.0/8,fd00::/8`")
	fs.StringVar(&o.mailDir, "mail", "", "`DIR` for mails, one .eml file each; on this machine also to be read at /dev/mail\n(default: in development the terminal, otherwise no mails)")
	fs.BoolVar(&o.demoIDP, "demo-idp", true, "a built-in OpenID provider, Demo, that believes everything; for development on a\nloopback address only, elsewhere off")
	fs.BoolVar(&o.verify, "verify", false, "make an account only when its address is proven by mail (needs -mail, but in\ndevelopment)")
	fs.StringVar(&sessionKind, "sessions", "opaque", "`KIND` of sessions: opaque or jwt (jwt-revocable is not available yet)")
	fs.Var(&oidc, "oidc", "`NAME=ISSUER,CLIENT_ID,CLIENT_SECRET` of an OpenID provider, repeatable.\nNAME is its id here: register ORIGIN/auth/oauth/NAME/callback there")
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stdout, "Usage: site [flags]\n\nThe demonstration site of Torii. Environment: TORII_SECRET, 32 random bytes or more.")
		fmt.Fprintln(stdout)
		fs.SetOutput(stdout)
		fs.PrintDefaults()
		return o, err
	case err != nil:
		return o, usagef("%v", err)
	case fs.NArg() > 0:
		return o, usagef("unexpected argument %q: everything is said with flags", fs.Arg(0))
	}

	// A promise that cannot be kept yet is refused: a site that silently runs without
	// would be taken for one that has it.
	switch {
	case sessionKind == "jwt-revocable":
		return o, usagef("-sessions %s is not available yet: opaque and jwt have landed", sessionKind)
	case sessionKind != "opaque" && sessionKind != "jwt":
		return o, usagef("-sessions %q is not known: say opaque or jwt", sessionKind)
	}
	o.sessions = sessions.Kind(sessionKind)
	if o.lifetime < 0 || o.idle < 0 {
		return o, usagef("-session-lifetime and -session-idle cannot be negative")
	}
	fs.Visit(func(f *flag.Flag) { o.demoAsked = o.demoAsked || f.Name == "demo-idp" && o.demoIDP })
	var err error
	if o.oidc, err = parseOIDC(oidc); err != nil {
		return o, err
	}
	if o.proxies, err = parsePrefixes(proxies); err != nil {
		return o, err
	}
	if o.verify && o.mailDir == "" && o.baseURL != "" && !isDevelopment(o.baseURL) {
		return o, usagef("-verify needs -mail: without a mail nobody can prove an address")
	}
	if o.mailDir != "" {
		if err := os.MkdirAll(o.mailDir, 0o700); err != nil {
			return o, fmt.Errorf("-mail: %w", err)
		}
	}
	return o, o.chooseDatabase()
}

// chooseDatabase checks the driver, and finds a place for a SQLite file that litters
// no repository.
func (o *options) chooseDatabase() error {
	switch o.driver {
	case "sqlite3":
	case "postgres", "mysql":
		if o.dsn == "" {
			return usagef("-driver %s needs -dsn: only sqlite3 has a default", o.driver)
		}
		return nil
	default:
		return usagef("-driver %q is not known: say sqlite3, postgres or mysql", o.driver)
	}
	if o.dsn != "" {
		return nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir() // no home, as in some containers
	}
	dir = filepath.Join(dir, "torii-demo")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	o.file = filepath.Join(dir, "demo.db")
	o.dsn = (&url.URL{Scheme: "file", Path: filepath.ToSlash(o.file)}).String()
	return nil
}

// config is what the flags mean to Torii.
func (o options) config(baseURL string, providers ...auth.Provider) auth.Config {
	c := auth.Config{
		AppName:     "Torii demo",
		BaseURL:     baseURL,
		LoginURL:    "/login",
		PasswordURL: "/account/password",
		Providers:   providers,
		Sessions: sessions.Config{
			Kind: o.sessions, Lifetime: o.lifetime, IdleTimeout: o.idle,
			JWT: sessions.JWTConfig{Lifetime: o.lifetime},
		},
		SkipEmailVerification: !o.verify,
		TrustedProxies:        o.proxies,
		Mail:                  auth.MailConfig{From: mail.Address{Name: "Torii demonstration", Address: "demo@localhost.localdomain"}, ResetURL: "/forgot"},
	}
	switch {
	case o.mailDir != "":
		c.Mail.Sender = mail.Dir(o.mailDir)
	case o.verify: // development's own sender does not count as one that proves addresses
		c.Mail.Sender = mail.Log(os.Stderr)
	}
	return c
}

// origin is -base-url, or localhost with the port that is listened on.
func (o options) origin(addr net.Addr) string {
	if o.baseURL != "" {
		return o.baseURL
	}
	_, port, err := net.SplitHostPort(addr.String())
	if err != nil || port == "80" { // which browsers leave out
		return "http://localhost"
	}
	return "http://localhost:" + port
}

// database says where accounts are kept, without what a DSN may hold in secrets.
func (o options) database() string {
	if o.file != "" {
		return "accounts in " + o.file
	}
	return "accounts in " + o.driver
}

// mails says where they go.
func (o options) mails(baseURL string) string {
	switch {
	case o.mailDir != "" && isDevelopment(baseURL):
		return "mails in " + o.mailDir + ", to be read at /dev/mail"
	case o.mailDir != "":
		return "mails in " + o.mailDir
	case isDevelopment(baseURL):
		return "mails in this terminal"
	}
	return "no mails"
}

// passkeys says whether people can have any.
func passkeys(baseURL string) string {
	if hasName(baseURL) {
		return "passkeys"
	}
	return "no passkeys, which need a name for a host, such as localhost"
}

// elsewhere says whose accounts people can sign in with.
func (o options) elsewhere() string {
	var names []string
	if o.demoIDP {
		names = append(names, "demo")
	}
	for _, idp := range o.oidc {
		names = append(names, idp.ID)
	}
	if len(names) == 0 {
		return "no identity providers"
	}
	return "identity providers: " + strings.Join(names, ", ")
}

func parsePrefixes(s string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, usagef("-trusted-proxies: %q is no network: write one as 10.0.0.0/8", part)
		}
		prefixes = append(prefixes, p)
	}
	return prefixes, nil
}
