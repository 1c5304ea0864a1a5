package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/clientip"
	"github.com/torii-go/torii/internal/gate"
	"github.com/torii-go/torii/internal/passhash"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/sessions"
)

// Auth owns the users of an application: who they are, how they prove it, and how long
// they stay signed in. It is safe for concurrent use; its configuration does not change
// after New. Many instances may share one database.
type Auth struct {
	client   *ent.Client
	cfg      Config
	log      *slog.Logger
	keys     *token.Keys
	hasher   *passhash.Hasher
	shows    bool       // the host has fields to show
	crowd    *gate.Gate // who hashes passwords, from their first query to their last
	sessions sessions.Manager
	cookies  sessions.Cookies
	ips      clientip.Resolver
	origins  origins
	limits   *limiter
	devices  devices
	steppers []StepUpper
	mailings map[mail.Kind]Mailing
	handler  http.Handler
	document []byte // openapi.json
	worker   worker
	findings findings
	closed   atomic.Bool
}

// New returns an Auth on a client from migrate.Open. It validates the whole
// configuration and reports every problem at once; it opens no connection and starts
// nothing.
func New(client *ent.Client, cfg Config) (*Auth, error) {
	development := isDevelopment(cfg.BaseURL)
	cfg = cfg.withDefaults()
	err := cfg.validate(development)
	if client == nil {
		err = errors.Join(err, errors.New("client is nil: give the one that migrate.Open returns"))
	}
	if client != nil && client == cfg.Sessions.Store {
		err = errors.Join(err, errors.New("Sessions.Store is the client itself: leave it out, or give one that migrate.Open returns with SessionsOnly"))
	}
	a := &Auth{client: client, cfg: cfg, log: cfg.Logger}
	if len(cfg.Secrets) == 0 && development {
		random := make([]byte, 32)
		rand.Read(random)
		cfg.Secrets = [][]byte{random}
		a.findings.add("random_secret", "Secrets is empty, so a random one is used: what it signed is void after a restart; set "+secretEnv)
	}
	if len(cfg.Secrets) > 0 {
		keys, kerr := token.NewKeys(cfg.Secrets)
		a.keys, err = keys, errors.Join(err, kerr)
	}
	hasher, herr := passhash.New(cfg.Hash.params())
	a.hasher, err = hasher, errors.Join(err, herr)
	if err != nil {
		return nil, fmt.Errorf("auth: configuration: %w", err)
	}
	if a.sessions, err = a.newSessions(); err != nil {
		return nil, fmt.Errorf("auth: configuration: %w", err)
	}
	a.cookies = sessions.NewCookies(cfg.Sessions, isPlainHTTP(cfg.BaseURL))
	a.ips = clientip.New(cfg.TrustedProxies)
	a.origins = newOrigins(cfg)
	a.crowd = newCrowd(hasher)
	if cfg.Host != nil {
		a.shows = slices.ContainsFunc(cfg.Host.Fields(), func(f HostField) bool { return f.Show })
	}
	a.limits = &limiter{client: client, keys: a.keys, now: a.now, mailsPerIP: cfg.Mail.PerIP}
	a.devices = devices{keys: a.keys}
	a.worker.init()
	if err := a.mount(); err != nil {
		return nil, err
	}
	a.findConfiguration(development)
	return a, nil
}

// mount gives every provider its Kit and builds the handler from all routes.
func (a *Auth) mount() error {
	routes := a.coreRoutes()
	a.mailings = map[mail.Kind]Mailing{}
	for _, m := range coreMailings {
		a.mailings[m.Kind] = m
	}
	for _, p := range a.cfg.Providers {
		more, err := p.Mount(Kit{a: a, provider: p.Name()})
		if err != nil {
			return fmt.Errorf("auth: provider %s: %w", p.Name(), err)
		}
		routes = append(routes, more...)
		if s, ok := p.(StepUpper); ok {
			a.steppers = append(a.steppers, s)
		}
		if m, ok := p.(Mailer); ok {
			for _, kind := range m.Mailings() {
				if _, there := a.mailings[kind.Kind]; there {
					return fmt.Errorf("auth: provider %s lists the mail %q, which is there already", p.Name(), kind.Kind)
				}
				a.mailings[kind.Kind] = kind
			}
		}
	}
	if err := a.checkMailings(); err != nil {
		return err
	}
	h, err := a.buildHandler(routes)
	a.handler = h
	return err
}

// Handler serves the HTTP contract below Config.Path. Mount it there without stripping
// the prefix: mux.Handle("/auth/", a.Handler()).
func (a *Auth) Handler() http.Handler { return a.handler }

// Start begins the clean-up of what has expired, in the background. The first request
// does it too; a program that serves none calls it itself.
func (a *Auth) Start() { a.worker.start(a) }

// Close stops the background work, waiting for it until ctx is done. It leaves the
// client open, and may be called again.
func (a *Auth) Close(ctx context.Context) error {
	a.closed.Store(true)
	return a.worker.stop(ctx)
}

// Hashes is how many password hashes were computed since New: the cost of sign-ins, for
// a host's metrics.
func (a *Auth) Hashes() uint64 { return a.hasher.Hashes() }

// now is the one clock: UTC in whole microseconds, as every database stores it.
func (a *Auth) now() time.Time { return a.cfg.Now().UTC().Truncate(time.Microsecond) }

// newCrowd lets in as many as keep the hasher busy while others of them wait for the
// database, and no more than leave it connections. Who is inside and waits for the hasher
// has a place in its queue, and all others wait outside: together as many as configured.
func newCrowd(h *passhash.Hasher) *gate.Gate {
	const perHash, most = 4, 12
	inside := min(perHash*h.Concurrency(), max(h.Concurrency(), most))
	inside = min(inside, h.Concurrency()+h.Queue())
	return gate.New(inside, h.Concurrency()+h.Queue()-inside)
}

func (h HashConfig) params() passhash.Config {
	c := passhash.Config{
		Params:         passhash.DefaultParams,
		InsecureParams: h.InsecureParams,
		Concurrency:    h.Concurrency,
		Queue:          h.Queue,
	}
	if h.MemoryKiB != 0 {
		c.Params.Memory = h.MemoryKiB
	}
	if h.Passes != 0 {
		c.Params.Time = h.Passes
	}
	return c
}
