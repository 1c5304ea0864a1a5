package migrate

import (
	"context"
	"errors"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/ent"
)

// Driver opens the database as [Open] does, with the same settings and options, and
// returns what Open would put its client on: for an application that has an Ent client
// of its own.
//
//	drv, err := migrate.Driver(ctx, "sqlite3", "file:app.db")
//	client := hostent.NewClient(hostent.Driver(drv))
//
// It migrates nothing, whatever the options say: see [Host], or [Lock] for the
// application's own tables and [Client] and [Up] for Torii's. Closing the driver, or a
// client on it, closes the pools. [Prefix] is refused: the names of the tables stand in
// the application's generated code.
func Driver(ctx context.Context, driver, dsn string, opts ...Option) (dialect.Driver, error) {
	o, err := collect(opts)
	if err != nil {
		return nil, err
	}
	if o.prefix != "" {
		return nil, errPrefix("Driver")
	}
	t, err := resolve(driver, dsn)
	if err != nil {
		return nil, err
	}
	d, err := t.open(ctx, o)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Client returns Torii's own client on an application's Ent driver, so that both use one
// pool: one of [Driver], as it is; one of Ent's (entsql.OpenDB, entsql.Open), also inside
// dialect.Debug, whose log then shows Torii's statements and transactions too; or any
// other. On those every time is sent in UTC, and on MySQL a transaction that does not say
// otherwise is READ COMMITTED if the driver has BeginTx. Closing the client closes a
// driver of Driver's and leaves every other open.
//
// It neither connects nor migrates: call [Up], or [Host] if the application's schema
// extends Torii's. What [OpenDB] says of the settings of a pool is true here too, and
// is not tested.
func Client(d dialect.Driver) (*ent.Client, error) {
	if _, _, err := poolOf(d); errors.Is(err, errNilDriver) {
		return nil, err
	}
	if _, ok := bare(d).(*pooled); ok {
		return ent.NewClient(ent.Driver(d)), nil
	}
	h, err := newHosted(d)
	if err != nil {
		return nil, err
	}
	return ent.NewClient(ent.Driver(h)), nil
}

// errPrefix is for what a host with generated code of its own calls.
func errPrefix(call string) error {
	return errors.New("migrate: " + call + ": Prefix does not fit an application with Ent code of its own: the names of the tables stand in its generated code; " +
		"leave it out, or use Open or OpenDB for a client of Torii's alone")
}
