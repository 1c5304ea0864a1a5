package migrate

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"time"
)

// patience is how long anybody waits for another process: for the migration lock, and
// for a SQLite file that is just being made.
const patience = time.Minute

// connector opens connections and prepares each. It returns the driver's own
// connection, so that none of its optional interfaces is hidden.
type connector struct {
	driver.Connector
	setup  []string
	direct *direct // nil: nothing to prove
}

func newConnector(name, dsn string, setup ...string) (*connector, error) {
	base, err := baseConnector(name, dsn)
	if err != nil {
		return nil, err
	}
	return &connector{Connector: base, setup: setup}, nil
}

func baseConnector(name, dsn string) (driver.Connector, error) {
	probe, err := sql.Open(name, dsn) // connects to nothing; the one way to a driver by its name
	if err != nil {
		return nil, err
	}
	d := probe.Driver()
	if err := probe.Close(); err != nil {
		return nil, err
	}
	if d, ok := d.(driver.DriverContext); ok {
		return d.OpenConnector(dsn)
	}
	return dsnConnector{dsn, d}, nil
}

// Connect tries again while a SQLite file is busy: switching a new file to the
// write-ahead log fails at once, whatever the busy timeout says.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	var conn driver.Conn
	err := retry(ctx, isBusy, func() (err error) {
		if c.direct != nil {
			conn, err = c.direct.connect(ctx, c.Connector)
		} else {
			conn, err = c.Connector.Connect(ctx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, query := range c.setup {
		ex, ok := conn.(driver.ExecerContext)
		if !ok {
			return nil, errors.Join(errors.New("migrate: the driver's connections have no ExecContext"), conn.Close())
		}
		if _, err := ex.ExecContext(ctx, query, nil); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

// Close closes a connector that wants it; sql.DB.Close asks.
func (c *connector) Close() error {
	if c, ok := c.Connector.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

type dsnConnector struct {
	dsn    string
	driver driver.Driver
}

func (c dsnConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c dsnConnector) Driver() driver.Driver                        { return c.driver }

// retry calls f until it succeeds, fails with an error that again refuses, ctx ends,
// or patience does.
func retry(ctx context.Context, again func(error) bool, f func() error) error {
	end := time.Now().Add(patience)
	for wait := 2 * time.Millisecond; ; wait = min(2*wait, 100*time.Millisecond) {
		err := f()
		if err == nil || !again(err) || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(wait):
		}
	}
}
