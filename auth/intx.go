package auth

import (
	"context"
	stdsql "database/sql"

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
// isolation READ COMMITTED: what waits for a lock must then see what it waited for.
func (a *Auth) InTx(conn Conn) *Tx {
	drv := hostDriver{Driver: sql.NewDriver(a.client.Driver().Dialect(), sql.Conn{ExecQuerier: conn}), conn: conn}
	return &Tx{auth: a, client: ent.NewClient(ent.Driver(drv)), now: a.now(), hosts: true}
}

// hostDriver runs Ent on somebody else's transaction.
type hostDriver struct {
	*sql.Driver
	conn Conn
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
	return d.conn.ExecContext(ctx, query, args...)
}

// QueryContext lets the generated client run raw queries.
func (d hostDriver) QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error) {
	return d.conn.QueryContext(ctx, query, args...)
}

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
