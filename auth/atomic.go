package auth

import (
	"cmp"
	"context"
	stdsql "database/sql"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/ent"
)

// errRaced is a transaction that lost a race whose winner it can see next time.
var errRaced = errors.New("auth: lost a race; to be run again")

// maxTries is how often a transaction is run before a deadlock reaches the caller.
const maxTries = 4

// atomically runs f in a transaction of its own. If the database asks for it
// (deadlock, serialization failure, busy), f runs again from the start. A refusal, an
// error that is an [Error], undoes what f did and commits failure in its place; any
// other error rolls everything back and writes failure by itself.
func (a *Auth) atomically(ctx context.Context, who Client, failure Event, f func(context.Context, *Tx) error) error {
	return a.afterUsing(ctx, who, failure, nil, f)
}

// afterUsing is atomically with a first part that a refusal of f does not undo: a secret
// that was used is used.
func (a *Auth) afterUsing(ctx context.Context, who Client, failure Event, use, f func(context.Context, *Tx) error) error {
	if a.closed.Load() {
		return ErrClosed
	}
	failure = failure.by(who)
	for try := 1; ; try++ {
		after, err := a.once(ctx, who, failure, use, f)
		if err == nil {
			return committed(ctx, after)
		}
		if !retryable(err) || try == maxTries {
			if !isRefusal(err) && !errors.Is(err, ErrStaleProof) {
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

// once also returns what is to be done after the commit.
func (a *Auth) once(ctx context.Context, who Client, failure Event, use, f func(context.Context, *Tx) error) (after []func(context.Context) error, err error) {
	etx, err := begin(ctx, a.client)
	if err != nil {
		return nil, err
	}
	done := false
	defer func() {
		if !done { // an error, or a panic of a hook on its way up
			err = errors.Join(err, ignoreDone(etx.Rollback()))
		}
	}()
	tx := &Tx{auth: a, client: etx.Client(), now: a.now(), who: who}
	// Somebody who has signed out meanwhile uses nothing up.
	ferr := tx.step(ctx, func() error {
		err := tx.stillSignedIn(ctx)
		if use == nil && err == nil {
			return f(ctx, tx)
		}
		if err == nil {
			err = use(ctx, tx)
		}
		return err
	})
	if ferr == nil && use != nil {
		ferr = tx.step(ctx, func() error { return f(ctx, tx) })
	}
	if ferr != nil {
		if !isRefusal(ferr) || retryable(ferr) {
			return nil, ferr
		}
		if failure.Kind != "" {
			failure.At, failure.Code, failure.UserID = tx.now, public(ferr).Code, cmp.Or(failure.UserID, tx.subject)
			if err := failure.write(ctx, tx.client); err != nil {
				return nil, err
			}
		}
	}
	if err := etx.Commit(); err != nil {
		return nil, err
	}
	done = true
	return tx.after, ferr
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
