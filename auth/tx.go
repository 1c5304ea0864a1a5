package auth

import (
	"context"
	"fmt"
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
	// subject is whose mailed secret was used: the one whom a refusal is about.
	subject string
	// hosts is true in a host's transaction.
	hosts bool
	// after is what waits for the commit, as long as nothing undoes the step it is of.
	after []func(context.Context) error
}

// Client is Torii's own Ent client in this transaction.
func (tx *Tx) Client() *ent.Client { return tx.client }

// Driver is the transaction as an Ent driver. A host that uses Ent builds its own
// client on it: ent.NewClient(ent.Driver(tx.Driver())), or client.InAuth(tx) where entauth
// has generated it. With migrate.Prefix it calls Torii's tables by their longer names.
func (tx *Tx) Driver() dialect.Driver { return tx.client.Driver() }

// Now is the time of this transaction, UTC in whole microseconds: that of its beginning,
// or of the last Lock.
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
	// Who waited for a lock does not date what it does before what it waited for.
	tx.now = tx.auth.now()
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
	waiting := len(tx.after)
	if err := f(); err != nil {
		tx.after = tx.after[:waiting]
		if undo := tx.exec(ctx, "ROLLBACK TO SAVEPOINT "+name); undo != nil {
			if isRefusal(err) {
				// None any more: what f did is still there, so the whole transaction goes.
				return fmt.Errorf("%v; undoing it: %w", err, undo)
			}
			return fmt.Errorf("%w; undoing it: %w", err, undo)
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
