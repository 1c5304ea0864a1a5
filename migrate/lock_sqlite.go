package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"
)

// lockSQLite holds the file's write lock for one transaction.
func lockSQLite(ctx context.Context, conn *sql.Conn, rebuilds bool, f func(*single) error) error {
	var before int
	if err := conn.QueryRowContext(ctx, "PRAGMA foreign_keys").Scan(&before); err != nil {
		return fmt.Errorf("migrate: lock: %w", err)
	}
	keys := 1
	if rebuilds {
		keys = 0
	}
	// It has no effect inside a transaction, so it stands before BEGIN.
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA foreign_keys = %d", keys)); err != nil {
		return fmt.Errorf("migrate: lock: %w", err)
	}
	end := context.WithoutCancel(ctx)
	defer func() {
		if _, e := conn.ExecContext(end, fmt.Sprintf("PRAGMA foreign_keys = %d", before)); e != nil {
			discard(conn)
		}
	}()
	if err := beginImmediate(ctx, conn); err != nil {
		return err
	}
	committed := false
	defer func() { // also when f panics
		if !committed {
			if _, e := conn.ExecContext(end, "ROLLBACK"); e != nil {
				discard(conn)
			}
		}
	}()
	d := newSingle(dialect.SQLite, conn, conn)
	if rebuilds {
		d.rebuilds = true
		d.enforced = sql.NullBool{Bool: before == 1, Valid: true}
	}
	if err := f(d); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("migrate: commit: %w", err)
	}
	committed = true
	return nil
}

// beginImmediate waits in short steps, between which the end of ctx is seen: SQLite's
// own waiting cannot be interrupted.
func beginImmediate(ctx context.Context, conn *sql.Conn) error {
	var timeout int
	if err := conn.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&timeout); err != nil {
		return fmt.Errorf("migrate: lock: %w", err)
	}
	set := func(ms int) error {
		_, err := conn.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf("PRAGMA busy_timeout = %d", ms))
		return err
	}
	if err := set(50); err != nil {
		return fmt.Errorf("migrate: lock: %w", err)
	}
	err := retry(ctx, isBusy, func() error {
		_, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE")
		return err
	})
	if e := set(timeout); e != nil {
		discard(conn) // with its transaction
		err = errors.Join(err, e)
	}
	if isBusy(err) && ctx.Err() == nil {
		err = errors.Join(ErrLocked, err)
	}
	if err != nil {
		return fmt.Errorf("migrate: lock: %w", err)
	}
	return nil
}
