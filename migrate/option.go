package migrate

import (
	"errors"
	"fmt"
)

// Option changes how [Open], [OpenDB] and [Driver] work. The defaults suit a server.
type Option func(*options) error

type options struct {
	maxConns       int
	skipMigration  bool
	skipStatements bool
	sessionsOnly   bool
	prefix         string
}

// MaxConns bounds the connections of the pool that [Open] makes, and keeps that many
// open: a new connection costs more than a query. Default: 16 on PostgreSQL and MySQL;
// on SQLite 8 that read, beside the one that writes. The sum over all processes must
// stay below the server's own limit (PostgreSQL: 100 as it comes).
//
// [OpenDB] refuses it: the pool is yours.
func MaxConns(n int) Option {
	return func(o *options) error {
		if n < 1 {
			return fmt.Errorf("migrate: MaxConns(%d): at least 1", n)
		}
		o.maxConns = n
		return nil
	}
}

// SkipMigration leaves the database as it is: for processes that may not change it.
// Whoever may, calls [Up] or applies the SQL of [Plan]. [Verify] tells whether that
// has been done.
func SkipMigration() Option {
	return func(o *options) error {
		o.skipMigration = true
		return nil
	}
}

// SkipStatementCache has every query sent as text: for a proxy before MySQL or MariaDB
// that does not keep prepared statements apart. On PostgreSQL [Open] finds out by
// itself. [OpenDB] keeps none anyway.
func SkipStatementCache() Option {
	return func(o *options) error {
		o.skipStatements = true
		return nil
	}
}

func collect(opts []Option) (options, error) {
	var o options
	var errs []error
	for _, opt := range opts {
		errs = append(errs, opt(&o))
	}
	return o, errors.Join(errs...)
}
