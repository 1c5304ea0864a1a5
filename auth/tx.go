package auth

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
)

// Tx is an Auth inside one transaction: its own, as hooks see it, or a host's, from
// [Auth.InTx]. Its methods create and change; none of them verifies a secret, because
// a rollback would take the limiter's count with it. A Tx serves one goroutine and
// ends with its transaction.
type Tx struct {
	auth   *Auth
	client *ent.Client
	now    time.Time
	// who is named in the events.
	who Client
}

// Client is Torii's own Ent client in this transaction.
func (tx *Tx) Client() *ent.Client { return tx.client }

// Driver is the transaction as an Ent driver. A host that uses Ent builds its own
// client on it: ent.NewClient(ent.Driver(tx.Driver())).
func (tx *Tx) Driver() dialect.Driver { return tx.client.Driver() }

// Now is the one time of this transaction, UTC in whole microseconds.
func (tx *Tx) Now() time.Time { return tx.now }

// record writes an event and tells the hooks.
func (tx *Tx) record(ctx context.Context, e Event) error {
	e = e.by(tx.who)
	e.At = tx.now
	if err := e.write(ctx, tx.client); err != nil {
		return err
	}
	for _, hook := range tx.auth.cfg.Hooks {
		if err := hook(ctx, tx, e); err != nil {
			return fmt.Errorf("hook of %s: %w", e.Kind, err)
		}
	}
	return nil
}

// Lock reads a user so that nobody else changes it before this transaction ends; what
// changes a user's credentials or sessions takes it first. An unknown user is
// ErrNotFound.
func (tx *Tx) Lock(ctx context.Context, userID string) (*ent.User, error) {
	if !isID(userID) {
		return nil, ErrNotFound
	}
	q := tx.client.User.Query().Where(user.ID(userID))
	if tx.locks() {
		q = q.ForUpdate()
	}
	u, err := q.Only(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrNotFound
	}
	return u, err
}

// locks tells whether the database has row locks. SQLite needs none: its transactions
// here are immediate, one at a time.
func (tx *Tx) locks() bool { return tx.client.Driver().Dialect() != dialect.SQLite }

// Step runs f for a user so that an error undoes it and nothing else, and leaves the
// transaction usable. A refusal is recorded in the transaction, and lives and dies with
// it.
func (tx *Tx) Step(ctx context.Context, userID string, f func() error) error {
	err := tx.step(ctx, f)
	if err == nil || !isRefusal(err) {
		return err
	}
	e := Event{Kind: EventOperationRefused, At: tx.now, UserID: userID, Code: public(err).Code}.by(tx.who)
	if werr := e.write(ctx, tx.client); werr != nil {
		return fmt.Errorf("%v; recording it: %w", err, werr)
	}
	return err
}

// step runs f under a savepoint: PostgreSQL would refuse every later statement of the
// transaction otherwise.
func (tx *Tx) step(ctx context.Context, f func() error) error {
	name := savepoint()
	if err := tx.exec(ctx, "SAVEPOINT "+name); err != nil {
		return err
	}
	if err := f(); err != nil {
		if undo := tx.exec(ctx, "ROLLBACK TO SAVEPOINT "+name); undo != nil {
			// No refusal any more: what f did is still there, so the whole transaction goes.
			return fmt.Errorf("%v; undoing it: %w", err, undo)
		}
		return err
	}
	return tx.exec(ctx, "RELEASE SAVEPOINT "+name)
}

func (tx *Tx) exec(ctx context.Context, statement string) error {
	return tx.client.Driver().Exec(ctx, statement, []any{}, nil)
}

var savepoints atomic.Uint64

// savepoint is a name that nobody else in this process uses.
func savepoint() string { return fmt.Sprintf("torii_%d", savepoints.Add(1)) }

// errRaced is a transaction that lost a race whose winner it can see next time.
var errRaced = errors.New("auth: lost a race; to be run again")

// maxTries is how often a transaction is run before a deadlock reaches the caller.
const maxTries = 4

// atomically runs f in a transaction of its own. If the database asks for it
// (deadlock, serialization failure, busy), f runs again from the start. A refusal, an
// error that is an [Error], undoes what f did and commits failure in its place; any
// other error rolls everything back and writes failure by itself.
func (a *Auth) atomically(ctx context.Context, who Client, failure Event, f func(context.Context, *Tx) error) error {
	if a.closed.Load() {
		return ErrClosed
	}
	failure = failure.by(who)
	for try := 1; ; try++ {
		err := a.once(ctx, who, failure, f)
		if err == nil || !retryable(err) || try == maxTries {
			if err != nil && !isRefusal(err) && !errors.Is(err, ErrStaleProof) {
				failure.Code = public(err).Code
				a.writeFailure(ctx, failure)
			}
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try*5+rand.IntN(try*20)) * time.Millisecond): // #nosec G404 -- jitter, no secret
		}
	}
}

func (a *Auth) once(ctx context.Context, who Client, failure Event, f func(context.Context, *Tx) error) (err error) {
	etx, err := begin(ctx, a.client)
	if err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed { // an error, or a panic of a hook on its way up
			err = errors.Join(err, ignoreDone(etx.Rollback()))
		}
	}()
	tx := &Tx{auth: a, client: etx.Client(), now: a.now(), who: who}
	ferr := tx.step(ctx, func() error {
		if err := tx.stillSignedIn(ctx); err != nil {
			return err
		}
		return f(ctx, tx)
	})
	if ferr != nil {
		if !isRefusal(ferr) || retryable(ferr) {
			return ferr
		}
		if failure.Kind != "" {
			failure.At, failure.Code = tx.now, public(ferr).Code
			if err := failure.write(ctx, tx.client); err != nil {
				return err
			}
		}
	}
	if err := etx.Commit(); err != nil {
		return err
	}
	committed = true
	return ferr
}

// stillSignedIn refuses a call on behalf of a session that ended after the request was
// let in: signing out everywhere must not be undone by a request that was under way.
func (tx *Tx) stillSignedIn(ctx context.Context) error {
	s, ok := SessionFrom(ctx)
	if !ok {
		return nil
	}
	live, err := tx.auth.sessions.Live(ctx, tx.client, s)
	if err == nil && !live {
		return ErrUnauthenticated
	}
	return err
}

// begin starts a transaction that reads what others have committed while it waited for
// a lock, whatever the server's default is. MySQL's shows a picture of the past
// instead, and locks gaps that turn parallel inserts into deadlocks.
func begin(ctx context.Context, c *ent.Client) (*ent.Tx, error) {
	if c.Driver().Dialect() == dialect.SQLite {
		return c.Tx(ctx)
	}
	return c.BeginTx(ctx, &stdsql.TxOptions{Isolation: stdsql.LevelReadCommitted})
}

func ignoreDone(err error) error {
	if errors.Is(err, stdsql.ErrTxDone) {
		return nil
	}
	return err
}

// isRefusal tells what the client is told from what only the log is told.
func isRefusal(err error) bool {
	_, ok := errors.AsType[*Error](err)
	return ok
}

// retryable recognises what goes away by itself: a deadlock or lock wait timeout
// (MySQL 1213 and 1205), a serialization failure or deadlock (PostgreSQL 40001 and
// 40P01), a busy database (SQLite). By state and text, because no driver is imported.
func retryable(err error) bool {
	if errors.Is(err, errRaced) {
		return true
	}
	if state, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok {
		s := state.SQLState()
		return s == "40001" || s == "40P01"
	}
	text := err.Error()
	for _, mark := range [...]string{"Error 1213", "Error 1205", "database is locked", "database table is locked", "SQLITE_BUSY"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}
