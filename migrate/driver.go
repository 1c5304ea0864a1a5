package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

// pooled is the driver of the clients that this package opens: Ent's own driver over
// one pool, or over a pool that writes and one that reads, with every time in UTC. It
// has the methods that Ent's generated code looks for beside dialect.Driver:
// ExecContext, QueryContext and BeginTx.
type pooled struct {
	dialect     string
	write, read *entsql.Driver // the same but for a SQLite file
	statements  *statements    // of read; nil: every query is sent as text
	isolation   sql.IsolationLevel
	owned       bool // Close closes the pools
	// sessionsOnly and prefix are what Up, Plan, Verify and Adopt go by.
	sessionsOnly bool
	prefix       *prefix // nil: none
}

func newPooled(name string, write, read *sql.DB) *pooled {
	d := &pooled{dialect: name, write: entsql.OpenDB(name, write)}
	d.read = d.write
	if read != nil {
		d.read = entsql.OpenDB(name, read)
	}
	return d
}

// Dialect returns Ent's name of the database.
func (d *pooled) Dialect() string { return d.dialect }

// Rewrite returns a statement as it goes to the database, with the [Prefix] before the
// names of Torii's tables: for a driver on a transaction of somebody else's.
func (d *pooled) Rewrite(query string) string { return d.prefix.rewrite(query) }

// pool returns the pool that may write, for the migration.
func (d *pooled) pool() *sql.DB { return d.write.DB() }

// route sends SELECT to the readers and everything else, RETURNING and WITH included,
// to the writer: a reader refuses to write, a writer reads well enough.
func (d *pooled) route(query string) *entsql.Driver {
	if d.read == d.write {
		return d.write
	}
	if isSelect(query) {
		return d.read
	}
	return d.write
}

func isSelect(query string) bool {
	q := strings.TrimLeft(query, " \t\r\n(")
	return len(q) > 6 && strings.EqualFold(q[:6], "SELECT")
}

// Exec implements dialect.ExecQuerier.
func (d *pooled) Exec(ctx context.Context, query string, args, v any) error {
	list, err := argList(args)
	if err != nil {
		return err
	}
	return d.write.Exec(ctx, d.Rewrite(query), list, v)
}

// Query implements dialect.ExecQuerier.
func (d *pooled) Query(ctx context.Context, query string, args, v any) error {
	list, err := argList(args)
	if err != nil {
		return err
	}
	query = d.Rewrite(query)
	if out, ok := v.(*entsql.Rows); ok && d.statements != nil {
		rows, err := d.statements.query(ctx, query, list)
		if err != nil {
			return err
		}
		if rows != nil {
			out.ColumnScanner = rows
			return nil
		}
	}
	return d.route(query).Query(ctx, query, list, v)
}

// ExecContext runs a statement of the caller's own.
func (d *pooled) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return d.write.ExecContext(ctx, d.Rewrite(query), utcArgs(args)...)
}

// QueryContext runs a query of the caller's own. On a SQLite file a statement that
// does not begin with SELECT occupies the one writer until its rows are closed.
func (d *pooled) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return d.route(query).QueryContext(ctx, d.Rewrite(query), utcArgs(args)...)
}

// Tx begins a transaction.
func (d *pooled) Tx(ctx context.Context) (dialect.Tx, error) { return d.BeginTx(ctx, nil) }

// BeginTx begins a transaction. On a SQLite file one that is ReadOnly runs beside the
// writer.
func (d *pooled) BeginTx(ctx context.Context, opts *sql.TxOptions) (dialect.Tx, error) {
	var o sql.TxOptions
	if opts != nil {
		o = *opts
	}
	if o.Isolation == sql.LevelDefault {
		o.Isolation = d.isolation
	}
	drv := d.write
	if o.ReadOnly {
		drv = d.read
	}
	tx, err := drv.DB().BeginTx(ctx, &o)
	if err != nil {
		return nil, err
	}
	return &pooledTx{Tx: tx, conn: entsql.NewDriver(d.dialect, entsql.Conn{ExecQuerier: tx}), prefix: d.prefix}, nil
}

// Close closes the pools that Open made, and leaves a host's pool open.
func (d *pooled) Close() error {
	if !d.owned {
		return nil
	}
	var readErr error
	if d.read != d.write {
		readErr = d.read.Close()
	}
	return errors.Join(readErr, d.write.Close())
}

// pooledTx is a transaction with every time in UTC.
type pooledTx struct {
	*sql.Tx
	conn   *entsql.Driver
	prefix *prefix
}

// Exec implements dialect.ExecQuerier. (The methods of sql.Tx of that name take no
// context and are hidden by it.)
func (t *pooledTx) Exec(ctx context.Context, query string, args, v any) error {
	list, err := argList(args)
	if err != nil {
		return err
	}
	return t.conn.Exec(ctx, t.prefix.rewrite(query), list, v)
}

// Query implements dialect.ExecQuerier.
func (t *pooledTx) Query(ctx context.Context, query string, args, v any) error {
	list, err := argList(args)
	if err != nil {
		return err
	}
	return t.conn.Query(ctx, t.prefix.rewrite(query), list, v)
}

// ExecContext runs a statement of the caller's own.
func (t *pooledTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.Tx.ExecContext(ctx, t.prefix.rewrite(query), utcArgs(args)...)
}

// QueryContext runs a query of the caller's own.
func (t *pooledTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.Tx.QueryContext(ctx, t.prefix.rewrite(query), utcArgs(args)...)
}

func argList(args any) ([]any, error) {
	list, ok := args.([]any)
	if !ok {
		return nil, fmt.Errorf("migrate: arguments are a %T, want []any", args)
	}
	return utcArgs(list), nil
}
