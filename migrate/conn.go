package migrate

import (
	"context"
	"database/sql"
	"fmt"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

// single is the driver of a migration: ONE connection, mostly inside a transaction.
// Ent's own driver takes a connection of the pool for each statement; on SQLite its
// "PRAGMA foreign_keys = off" then reaches another one than the rebuild of a table,
// whose DROP TABLE deletes every session and credential by cascade.
type single struct {
	dialect string
	conn    *sql.Conn
	*entsql.Driver
	savepoints int
	dry        bool // execute nothing (Plan, Verify)
	// rebuilds says that the caller may rebuild tables on SQLite: foreign keys are off,
	// as they must be, and Ent's question for them is answered with yes.
	rebuilds bool
	enforced sql.NullBool        // foreign keys, before they were turned off for it
	triggers map[string][]string // of tables that are being rebuilt
}

func newSingle(name string, conn *sql.Conn, q entsql.ExecQuerier) *single {
	return &single{dialect: name, conn: conn, Driver: entsql.NewDriver(name, entsql.Conn{ExecQuerier: q})}
}

// Dialect returns Ent's name of the database.
func (d *single) Dialect() string { return d.dialect }

// Close does nothing: the connection goes back to its pool when the lock is released.
func (d *single) Close() error { return nil }

// Exec implements dialect.ExecQuerier.
func (d *single) Exec(ctx context.Context, query string, args, v any) error {
	if d.dry {
		return nil
	}
	list, err := argList(args)
	if err != nil {
		return err
	}
	if d.rebuilds && d.dialect == dialect.SQLite {
		if table, ok := rebuilt(query); ok {
			return d.rename(ctx, query, table)
		}
		if err := d.beforeDrop(ctx, query); err != nil {
			return err
		}
	}
	return d.Driver.Exec(ctx, query, list, v)
}

// Query implements dialect.ExecQuerier.
func (d *single) Query(ctx context.Context, query string, args, v any) error {
	list, err := argList(args)
	if err != nil {
		return err
	}
	if d.rebuilds && query == "PRAGMA foreign_keys" {
		query = "SELECT 1"
	}
	return d.Driver.Query(ctx, query, list, v)
}

// ExecContext runs a statement of the caller's own.
func (d *single) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return d.Driver.ExecContext(ctx, query, utcArgs(args)...)
}

// QueryContext runs a query of the caller's own.
func (d *single) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return d.Driver.QueryContext(ctx, query, utcArgs(args)...)
}

// Tx begins a transaction within the lock.
func (d *single) Tx(ctx context.Context) (dialect.Tx, error) { return d.BeginTx(ctx, nil) }

// BeginTx begins a transaction on MySQL, and on PostgreSQL and SQLite, where the lock
// is a transaction already, a savepoint in it; the options do not apply there.
func (d *single) BeginTx(ctx context.Context, opts *sql.TxOptions) (dialect.Tx, error) {
	if d.dry {
		return dialect.NopTx(d), nil
	}
	if d.dialect == dialect.MySQL {
		tx, err := d.conn.BeginTx(ctx, opts)
		if err != nil {
			return nil, err
		}
		return &pooledTx{Tx: tx, conn: entsql.NewDriver(d.dialect, entsql.Conn{ExecQuerier: tx})}, nil
	}
	d.savepoints++
	sp := &savepoint{single: d, ctx: ctx, name: fmt.Sprintf("torii_migrate_%d", d.savepoints)}
	return sp, d.Exec(ctx, "SAVEPOINT "+sp.name, []any{}, nil)
}

// savepoint is a transaction within the transaction.
type savepoint struct {
	*single
	ctx  context.Context // for Commit and Rollback, which take none
	name string
}

// Commit keeps what was done since the savepoint.
func (s *savepoint) Commit() error {
	return s.Exec(s.ctx, "RELEASE SAVEPOINT "+s.name, []any{}, nil)
}

// Rollback undoes what was done since the savepoint.
func (s *savepoint) Rollback() error {
	ctx := context.WithoutCancel(s.ctx)
	if err := s.Exec(ctx, "ROLLBACK TO SAVEPOINT "+s.name, []any{}, nil); err != nil {
		return err
	}
	return s.Exec(ctx, "RELEASE SAVEPOINT "+s.name, []any{}, nil)
}
