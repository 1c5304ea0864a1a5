package migrate

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect"
)

// Lock runs f under the lock that [Up] takes, with a driver on ONE connection of db.
// It is the safe way to a host's own migration:
//
//	err := migrate.Lock(ctx, dialect.SQLite, db, func(d dialect.Driver) error {
//		return ent.NewClient(ent.Driver(d)).Schema.Create(ctx)
//	})
//
// On PostgreSQL and SQLite everything that f does is one transaction, rolled back when
// f fails; transactions that f begins are savepoints in it. On SQLite foreign keys are
// not enforced meanwhile, as a rebuild of a table needs it (Ent checks them itself
// before it commits), and the triggers of a table that Ent rebuilds are made again. On
// MySQL and MariaDB f runs under GET_LOCK.
//
// Danger: f must use d alone. Anything else that it does on db may wait for the lock.
// The error wraps [ErrLocked] when the lock was not to be had within a minute.
func Lock(ctx context.Context, dialectName string, db *sql.DB, f func(dialect.Driver) error) error {
	name, err := dialectOf(dialectName)
	if err != nil {
		return err
	}
	return locked(ctx, name, db, true, func(d *single) error { return f(d) })
}

func locked(ctx context.Context, name string, db *sql.DB, rebuilds bool, f func(*single) error) error {
	conn, err := connect(ctx, db)
	if err != nil {
		return err
	}
	defer conn.Close()
	switch name {
	case dialect.Postgres:
		err = lockPostgres(ctx, conn, f)
	case dialect.MySQL:
		err = lockMySQL(ctx, conn, f)
	default:
		err = lockSQLite(ctx, conn, rebuilds, f)
	}
	if err != nil && ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = errors.Join(ctx.Err(), err) // drivers have words of their own for it
	}
	return err
}

// connect takes a connection of a pool. A host's pool on a new SQLite file fails while
// another process switches it to the write-ahead log.
func connect(ctx context.Context, db *sql.DB) (*sql.Conn, error) {
	var conn *sql.Conn
	err := retry(ctx, isBusy, func() (err error) {
		conn, err = db.Conn(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("migrate: connect: %w", err)
	}
	return conn, nil
}

// The advisory lock of PostgreSQL is a number; this one spells "torii\0\0\1".
const advisoryKey = 0x746f726969000001

// lockPostgres holds the lock for one transaction, so that it works behind a pooler
// that hands out connections by transaction.
func lockPostgres(ctx context.Context, conn *sql.Conn, f func(*single) error) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("migrate: begin: %w", err)
	}
	defer tx.Rollback() // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = '60s'"); err != nil {
		return fmt.Errorf("migrate: lock: %w", err)
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", advisoryKey)); err != nil {
		if strings.Contains(err.Error(), "lock timeout") {
			err = errors.Join(ErrLocked, err)
		}
		return fmt.Errorf("migrate: lock: %w", err)
	}
	if err := f(newSingle(dialect.Postgres, conn, tx)); err != nil {
		return err
	}
	return tx.Commit()
}

// lockMySQL holds a lock of the server, named after the database: names are shared by
// all databases of a server and end at 64 characters.
func lockMySQL(ctx context.Context, conn *sql.Conn, f func(*single) error) error {
	var database sql.NullString
	if err := conn.QueryRowContext(ctx, "SELECT DATABASE()").Scan(&database); err != nil {
		return fmt.Errorf("migrate: lock: %w", err)
	}
	if !database.Valid {
		return errors.New("migrate: the connection has no database; name one in the DSN")
	}
	sum := sha256.Sum256([]byte(database.String))
	lock := "torii:" + hex.EncodeToString(sum[:16])
	// Short waits, so that a read timeout of the DSN does not break the connection.
	var got sql.NullInt64
	for end := time.Now().Add(patience); got.Int64 != 1; {
		if time.Now().After(end) {
			return fmt.Errorf("migrate: lock: %w", ErrLocked)
		}
		if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(?, 1)", lock).Scan(&got); err != nil {
			return fmt.Errorf("migrate: lock: %w", err)
		}
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if e := conn.QueryRowContext(end, "SELECT RELEASE_LOCK(?)", lock).Scan(&got); e != nil {
			discard(conn) // the lock dies with its connection
		}
	}()
	return f(newSingle(dialect.MySQL, conn, conn))
}

// discard keeps a connection in an unknown state from going back to its pool.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}
