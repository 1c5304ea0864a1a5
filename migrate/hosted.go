package migrate

import (
	"context"
	"database/sql"
	"errors"

	"entgo.io/ent/dialect"
)

// What Ent's own driver has beside dialect.Driver, and others need not have.
type (
	execer interface {
		ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	}
	queryer interface {
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	}
	beginner interface {
		BeginTx(ctx context.Context, opts *sql.TxOptions) (dialect.Tx, error)
	}
)

var (
	errNoExec  = errors.New("migrate: the driver has no ExecContext")
	errNoQuery = errors.New("migrate: the driver has no QueryContext")
	errNoBegin = errors.New("migrate: the driver has no BeginTx")
)

// hosted is a host's driver with every time in UTC. What the host has put around its
// driver, such as a log, stays between.
type hosted struct {
	dialect.Driver
	name      string
	isolation sql.IsolationLevel
}

func newHosted(d dialect.Driver) (*hosted, error) {
	name, err := dialectOf(d.Dialect())
	if err != nil {
		return nil, err
	}
	h := &hosted{Driver: d, name: name}
	// A DebugDriver always has the method, and fails if what it stands on has not.
	if _, ok := bare(d).(beginner); ok && name == dialect.MySQL {
		h.isolation = sql.LevelReadCommitted
	}
	return h, nil
}

// Dialect returns Ent's name of the database.
func (h *hosted) Dialect() string { return h.name }

// Close does nothing: the driver is the host's.
func (h *hosted) Close() error { return nil }

// Exec implements dialect.ExecQuerier.
func (h *hosted) Exec(ctx context.Context, query string, args, v any) error {
	return execUTC(ctx, h.Driver, query, args, v)
}

// Query implements dialect.ExecQuerier.
func (h *hosted) Query(ctx context.Context, query string, args, v any) error {
	return queryUTC(ctx, h.Driver, query, args, v)
}

// ExecContext runs a statement of the caller's own.
func (h *hosted) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if d, ok := h.Driver.(execer); ok {
		return d.ExecContext(ctx, query, utcArgs(args)...)
	}
	return nil, errNoExec
}

// QueryContext runs a query of the caller's own.
func (h *hosted) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if d, ok := h.Driver.(queryer); ok {
		return d.QueryContext(ctx, query, utcArgs(args)...)
	}
	return nil, errNoQuery
}

// Tx begins a transaction.
func (h *hosted) Tx(ctx context.Context) (dialect.Tx, error) {
	if h.isolation != sql.LevelDefault {
		return h.BeginTx(ctx, nil)
	}
	tx, err := h.Driver.Tx(ctx)
	if err != nil {
		return nil, err
	}
	return &hostedTx{tx}, nil
}

// BeginTx begins a transaction with options.
func (h *hosted) BeginTx(ctx context.Context, opts *sql.TxOptions) (dialect.Tx, error) {
	d, ok := h.Driver.(beginner)
	if !ok {
		return nil, errNoBegin
	}
	var o sql.TxOptions
	if opts != nil {
		o = *opts
	}
	if o.Isolation == sql.LevelDefault {
		o.Isolation = h.isolation
	}
	tx, err := d.BeginTx(ctx, &o)
	if err != nil {
		return nil, err
	}
	return &hostedTx{tx}, nil
}

// hostedTx is a transaction of a host's driver with every time in UTC.
type hostedTx struct{ dialect.Tx }

// Exec implements dialect.ExecQuerier.
func (t *hostedTx) Exec(ctx context.Context, query string, args, v any) error {
	return execUTC(ctx, t.Tx, query, args, v)
}

// Query implements dialect.ExecQuerier.
func (t *hostedTx) Query(ctx context.Context, query string, args, v any) error {
	return queryUTC(ctx, t.Tx, query, args, v)
}

// ExecContext runs a statement of the caller's own.
func (t *hostedTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if tx, ok := t.Tx.(execer); ok {
		return tx.ExecContext(ctx, query, utcArgs(args)...)
	}
	return nil, errNoExec
}

// QueryContext runs a query of the caller's own.
func (t *hostedTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if tx, ok := t.Tx.(queryer); ok {
		return tx.QueryContext(ctx, query, utcArgs(args)...)
	}
	return nil, errNoQuery
}

func execUTC(ctx context.Context, on dialect.ExecQuerier, query string, args, v any) error {
	list, err := argList(args)
	if err != nil {
		return err
	}
	return on.Exec(ctx, query, list, v)
}

func queryUTC(ctx context.Context, on dialect.ExecQuerier, query string, args, v any) error {
	list, err := argList(args)
	if err != nil {
		return err
	}
	return on.Query(ctx, query, list, v)
}
