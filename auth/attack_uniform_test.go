package auth_test

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
)

// Whoever asks about an address learns from no answer, and from no work that is done for
// it, whether it has an account.

type countedKey struct{}

// meter is a driver that counts the statements of requests, and not those of who sends
// the mails.
type meter struct {
	dialect.Driver
	n *atomic.Int64
}

func (d meter) count(ctx context.Context) {
	if ctx.Value(countedKey{}) != nil {
		d.n.Add(1)
	}
}

func (d meter) Query(ctx context.Context, query string, args, v any) error {
	d.count(ctx)
	return d.Driver.Query(ctx, query, args, v)
}

func (d meter) Exec(ctx context.Context, query string, args, v any) error {
	d.count(ctx)
	return d.Driver.Exec(ctx, query, args, v)
}

func (d meter) Tx(ctx context.Context) (dialect.Tx, error) {
	tx, err := d.Driver.Tx(ctx)
	return meterTx{tx, d}, err
}

// BeginTx is what the generated client looks for beside dialect.Driver.
func (d meter) BeginTx(ctx context.Context, opts *stdsql.TxOptions) (dialect.Tx, error) {
	tx, err := d.Driver.(interface {
		BeginTx(context.Context, *stdsql.TxOptions) (dialect.Tx, error)
	}).BeginTx(ctx, opts)
	return meterTx{tx, d}, err
}

type meterTx struct {
	dialect.Tx
	meter meter
}

func (x meterTx) Query(ctx context.Context, query string, args, v any) error {
	x.meter.count(ctx)
	return x.Tx.Query(ctx, query, args, v)
}

func (x meterTx) Exec(ctx context.Context, query string, args, v any) error {
	x.meter.count(ctx)
	return x.Tx.Exec(ctx, query, args, v)
}

// standings make an address of each kind that there is.
func standings(t *testing.T, s *authtest.Site, factor *authtest.SecondFactor) map[string]func() string {
	t.Helper()
	ctx := t.Context()
	account := func(proven bool, and func(id string) error) func() string {
		return func() string {
			u, err := s.Auth.CreateUser(ctx, auth.NewUser{Email: person(), EmailVerified: proven})
			if err == nil {
				err = and(u.ID)
			}
			if err != nil {
				t.Fatal(err)
			}
			return u.Email
		}
	}
	nothing := func(string) error { return nil }
	return map[string]func() string{
		"unknown":         person,
		"known":           account(true, nothing),
		"unproven":        account(false, nothing),
		"disabled":        account(true, func(id string) error { return s.Auth.DisableUser(ctx, id) }),
		"a second factor": account(true, func(id string) error { return factor.Enrol(ctx, id, testCode) }),
		"with a password": func() string { return member(t, s).email },
		"waiting": func() string {
			email := person()
			posts(t, elsewhere(s), "/auth/register", credentials(email, phrase), http.StatusAccepted)
			s.Mail(t, email)
			return email
		},
		"changed away": func() string { return askUndo(t, s, member(t, s)) },
	}
}

func TestNothingTellsWhetherAnAddressHasAnAccount(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		var n atomic.Int64
		s, factor := guarded(t, ent.NewClient(ent.Driver(meter{client.Driver(), &n})), authtest.ProveFirst())
		inner := s.Mux
		s.Mux = http.NewServeMux()
		s.Mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), countedKey{}, true)))
		})
		kinds, signedIn := standings(t, s, factor), member(t, s).b
		for _, path := range []string{"/auth/register", "/auth/login", "/auth/magic-link", "/auth/email/verify/request", "/auth/password/reset/request", "/auth/email/change"} {
			told := map[string][]string{}
			for what, address := range kinds {
				email, b := address(), elsewhere(s)
				if path == "/auth/email/change" {
					ip := b.IP
					b = signedIn.Clone()
					b.IP = ip
				}
				client.RateLimit.Delete().ExecX(t.Context())
				b.Clone().Post(path, credentials(person(), phrase)) // the counters of the client are there
				deliver(t, s)
				before := n.Load()
				r := b.Post(path, credentials(email, "not the pass phrase"))
				answer := fmt.Sprint(n.Load()-before, " statements: ", r.Status, r.Header, string(r.Body))
				if flow := named(r, flowCookie); flow != nil {
					answer = strings.ReplaceAll(answer, flow.Value, "FLOW")
				}
				told[answer] = append(told[answer], what)
				if r.Status >= 500 {
					t.Errorf("POST %s, %s: %v", path, what, r)
				}
			}
			if len(told) != 1 {
				t.Errorf("POST %s has %d answers: %v", path, len(told), told)
			}
		}
	})
}
