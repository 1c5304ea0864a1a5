package auth

import (
	"context"
	stdsql "database/sql"
	"errors"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/torii-go/torii/ent"
)

// Conn is a transaction or connection of a host: *sql.Tx, *sql.Conn, or the Tx of an
// Ent client that was generated with the feature sql/execquery. A Tx that does not
// satisfy it lacks that feature.
type Conn interface {
	ExecContext(ctx context.Context, query string, args ...any) (stdsql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error)
}

// InTx returns an Auth in the host's transaction: what its methods write is there when
// the host commits, and gone when it rolls back, events included. Each method is a
// savepoint, so that a refusal leaves the transaction usable. Nothing is retried.
//
// conn must be in a transaction of the database that the Auth was made for, at the
// isolation READ COMMITTED: what waits for a lock must then see what it waited for. An
// error that is no refusal ends the transaction: after a deadlock MySQL and MariaDB have
// undone all of it, and whoever went on would write outside of any.
func (a *Auth) InTx(conn Conn) *Tx {
	drv := hostDriver{Driver: sql.NewDriver(a.client.Driver().Dialect(), sql.Conn{ExecQuerier: conn}), conn: conn}
	return a.inHost(drv)
}

// InDriver is InTx on the driver of a transaction that an Ent client of the host's has
// begun. The generated tx.Auth calls it, whatever features that client has.
func (a *Auth) InDriver(d dialect.Driver) *Tx {
	conn, _ := d.(Conn)
	return a.inHost(hostDriver{Driver: d, conn: conn})
}

func (a *Auth) inHost(d hostDriver) *Tx {
	d.rewrite = rewriteOf(a.client.Driver())
	return &Tx{auth: a, client: ent.NewClient(ent.Driver(d)), now: a.now(), hosts: true}
}

// hostDriver runs Ent on somebody else's transaction.
type hostDriver struct {
	dialect.Driver
	conn    Conn // nil if the host's client has no raw statements
	rewrite func(query string) string
}

// rewriteOf returns how the client's own driver writes a statement: with migrate.Prefix
// the tables have other names, in a host's transaction too.
func rewriteOf(d dialect.Driver) func(query string) string {
	for {
		switch inner := d.(type) {
		case interface{ Rewrite(query string) string }:
			return inner.Rewrite
		case *dialect.DebugDriver:
			d = inner.Driver
		default:
			return func(query string) string { return query }
		}
	}
}

// Exec implements dialect.ExecQuerier.
func (d hostDriver) Exec(ctx context.Context, query string, args, v any) error {
	return d.Driver.Exec(ctx, d.rewrite(query), args, v)
}

// Query implements dialect.ExecQuerier.
func (d hostDriver) Query(ctx context.Context, query string, args, v any) error {
	return d.Driver.Query(ctx, d.rewrite(query), args, v)
}

// Tx answers Ent's own small transactions inside the host's with a savepoint: Ent's
// no-op would let the host commit what Ent believes undone.
func (d hostDriver) Tx(ctx context.Context) (dialect.Tx, error) {
	name := savepoint()
	if err := d.Exec(ctx, "SAVEPOINT "+name, []any{}, nil); err != nil {
		return nil, err
	}
	return hostTx{Driver: d, ctx: ctx, name: name}, nil
}

// BeginTx is Tx: the host has chosen the isolation.
func (d hostDriver) BeginTx(ctx context.Context, _ *sql.TxOptions) (dialect.Tx, error) {
	return d.Tx(ctx)
}

// ExecContext lets the generated client run raw statements.
func (d hostDriver) ExecContext(ctx context.Context, query string, args ...any) (stdsql.Result, error) {
	if d.conn == nil {
		return nil, errNoRaw
	}
	return d.conn.ExecContext(ctx, d.rewrite(query), args...)
}

// QueryContext lets the generated client run raw queries.
func (d hostDriver) QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error) {
	if d.conn == nil {
		return nil, errNoRaw
	}
	return d.conn.QueryContext(ctx, d.rewrite(query), args...)
}

var errNoRaw = errors.New("auth: the host's Ent client was generated without the feature sql/execquery")

// Close does nothing: the transaction is the host's.
func (hostDriver) Close() error { return nil }

type hostTx struct {
	dialect.Driver
	ctx  context.Context // of the statement that began it; Ent's Commit takes none
	name string
}

func (t hostTx) Commit() error {
	return t.Exec(t.ctx, "RELEASE SAVEPOINT "+t.name, []any{}, nil)
}

func (t hostTx) Rollback() error {
	return t.Exec(t.ctx, "ROLLBACK TO SAVEPOINT "+t.name, []any{}, nil)
}
