package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/lib/pq"
	"github.com/mattn/go-sqlite3"
)

// defaultDSN has what migrate.OpenDB asks of a pool of SQLite's, foreign keys, and what
// it cannot see but advises: transactions that lock when they begin, and patience with
// the one that writes.
const defaultDSN = "file:host-sql.db?_foreign_keys=on&_txlock=immediate&_busy_timeout=10000&_journal_mode=WAL"

// database is the application's: its pool, and how SQL differs.
type database struct {
	*sql.DB
	dialect string // which is the driver's name, for these three drivers
}

func openDatabase(driver, dsn string) (*database, error) {
	if driver != "sqlite3" && driver != "postgres" && driver != "mysql" {
		return nil, fmt.Errorf("driver %q is not known: say sqlite3, postgres or mysql", driver)
	}
	pool, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(16) // servers have a limit, and a pool has none by itself
	pool.SetMaxIdleConns(16)
	return &database{pool, driver}, nil
}

// tables are the application's. They refer to Torii's table of users, so that one is
// there first. What belongs to a user goes with the user, by the database's hand.
var tables = []string{
	`CREATE TABLE IF NOT EXISTS projects (
		id       varchar(64)  NOT NULL PRIMARY KEY,
		owner_id {user_id}    NOT NULL,
		name     {name}       NOT NULL UNIQUE,
		FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE CASCADE
	)`,
	`CREATE TABLE IF NOT EXISTS allowances (
		user_id  {user_id} NOT NULL PRIMARY KEY,
		projects int       NOT NULL,
		FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
	)`,
}

// createTables makes what is missing.
func (db *database) createTables(ctx context.Context) error {
	// A column that refers to another must be of its very type: on MySQL and MariaDB,
	// that includes the character set and collation of users.id.
	types := strings.NewReplacer("{user_id}", "varchar(64)", "{name}", "varchar(100)")
	statements := tables
	if db.dialect == "mysql" {
		types = strings.NewReplacer(
			"{user_id}", "varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
			"{name}", "varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
	} else {
		// MySQL makes this index by itself, for the foreign key.
		statements = append(statements[:2:2], "CREATE INDEX IF NOT EXISTS projects_owner_id ON projects (owner_id)")
	}
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, types.Replace(s)); err != nil {
			return err
		}
	}
	return nil
}

// bind writes the placeholders of a query as the database wants them.
func (db *database) bind(query string) string {
	if db.dialect != "postgres" {
		return query
	}
	var b strings.Builder
	for i, part := range strings.Split(query, "?") {
		if i > 0 {
			b.WriteString("$" + strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	return b.String()
}

// maxTries is how often a transaction is run before a deadlock reaches the caller.
const maxTries = 8

// transact runs f in a transaction, and again from the start when the database has sent
// it away to end a deadlock: inside of a host's transaction, Torii leaves that to the
// host. So f has no effects but through tx.
func (db *database) transact(ctx context.Context, f func(tx *sql.Tx) error) error {
	for try := 1; ; try++ {
		err := db.once(ctx, f)
		if err == nil || try == maxTries || !sentAway(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try*5+rand.IntN(try*20)) * time.Millisecond): // #nosec G404 -- jitter, no secret
		}
	}
}

// begin starts a transaction that Torii can be in: it wants READ COMMITTED, which is not
// MySQL's default. SQLite has no choice.
func (db *database) begin(ctx context.Context) (*sql.Tx, error) {
	var options sql.TxOptions
	if db.dialect != "sqlite3" {
		options.Isolation = sql.LevelReadCommitted
	}
	return db.BeginTx(ctx, &options)
}

func (db *database) once(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := db.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// sentAway recognises a transaction that may do better next time.
func sentAway(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return e.Code == "40P01" || e.Code == "40001" // deadlock, serialization failure
	}
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		// Deadlock, and "SAVEPOINT does not exist": so it ends when a deadlock has undone
		// the whole transaction under a savepoint of Torii's.
		return e.Number == 1213 || e.Number == 1305
	}
	e, ok := errors.AsType[sqlite3.Error](err)
	return ok && e.Code == sqlite3.ErrBusy
}

// duplicate recognises the refusal of a unique index.
func duplicate(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return e.Code == "23505"
	}
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return e.Number == 1062
	}
	e, ok := errors.AsType[sqlite3.Error](err)
	return ok && e.ExtendedCode == sqlite3.ErrConstraintUnique
}
