package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"entgo.io/ent/dialect"
)

// Host migrates for an application whose own Ent schema extends Torii's tables, with
// Torii's types as mixins. create is the application's own migration, on a client that
// it makes on the driver it is given:
//
//	err := migrate.Host(ctx, drv, func(ctx context.Context, d dialect.Driver) error {
//		return hostent.NewClient(hostent.Driver(d)).Schema.Create(ctx)
//	})
//
// Under the lock of [Up], and on one connection, Host calls create, declares the tables
// that it has made to be Torii's ([Adopt]), adds what Torii needs beside them (Up), and
// looks whether it all fits ([Verify]). Required columns of users are not held against
// the application, which creates the users itself. With a nil create the application has
// migrated already, with files for example.
//
// It is safe to call from many processes at once, and changes nothing when there is
// nothing to do. On PostgreSQL and SQLite it is one transaction: if anything fails,
// nothing has been done. On MySQL and MariaDB nothing of Torii's is made if create
// fails. On SQLite Ent may rebuild a table in create; its triggers are made again.
//
// d stands on a pool: one of [Driver], or Ent's own on a *sql.DB, also inside
// dialect.Debug. create must use the driver it is given alone, change nothing if it has
// run already, and may be called again when another process came first (MySQL).
//
// The error wraps that of create; it wraps [ErrForeignTable] if a table with the name of
// one of Torii's lacks columns, [ErrLocked] as that of Up, and is a [*VerifyError] if
// something does not fit.
func Host(ctx context.Context, d dialect.Driver, create func(context.Context, dialect.Driver) error) error {
	name, db, m, err := hostMigration(d)
	if err != nil {
		return err
	}
	if _, ours := bare(d).(*pooled); !ours {
		if err := checkPool(ctx, name, db); err != nil {
			return err
		}
	}
	m.hostFills = true
	if create == nil {
		return m.host(ctx, name, db, nil)
	}
	return m.host(ctx, name, db, func(ctx context.Context, one *single) error { return create(ctx, logged(d, one)) })
}

// hostMigration returns what Host is to reach on the pool behind a driver.
func hostMigration(d dialect.Driver) (string, *sql.DB, migration, error) {
	m := migration{want: desired, version: Version, adopt: true}
	if p, ok := bare(d).(*pooled); ok {
		if p.prefix != nil {
			return "", nil, m, errPrefix("Host")
		}
		if p.sessionsOnly {
			return "", nil, m, fmt.Errorf("%w: Host is for the database that holds the users; "+
				"give it a driver that is opened without migrate.SessionsOnly()", ErrSessionsOnly)
		}
	}
	name, db, err := poolOf(d)
	return name, db, m, err
}

func (m migration) host(ctx context.Context, name string, db *sql.DB, create func(context.Context, *single) error) error {
	tries := 0
	again := func(err error) bool {
		// An error of create's own may look the same, and last.
		var own *createError
		tries++
		return name == dialect.MySQL && isOvertaken(err) && (tries < 4 || !errors.As(err, &own))
	}
	return retry(ctx, again, func() error {
		return locked(ctx, name, db, true, func(d *single) error {
			if create != nil {
				if err := alone(func() error { return create(ctx, d) }); err != nil {
					return &createError{err}
				}
			}
			if err := m.run(ctx, d, execute); err != nil {
				return err
			}
			d.dry = true // from here on it only looks
			findings, err := verify(ctx, d, m)
			if err == nil && len(findings) > 0 {
				err = &VerifyError{findings}
			}
			return err
		})
	})
}

// creating is held by who runs create: Ent's generated Schema.Create writes into tables
// that the whole process shares, whatever the database.
var creating sync.Mutex

func alone(f func() error) error {
	creating.Lock()
	defer creating.Unlock() // also when f panics
	return f()
}

// createError is what the application's own migration failed with.
type createError struct{ err error }

func (e *createError) Error() string {
	return "migrate: the application's own migration: " + e.err.Error()
}
func (e *createError) Unwrap() error { return e.err }

// logged puts around inner the logs that an application has put around its driver.
func logged(d, inner dialect.Driver) dialect.Driver {
	if debug, ok := d.(*dialect.DebugDriver); ok {
		around := *debug
		around.Driver = logged(debug.Driver, inner)
		return &around
	}
	return inner
}
