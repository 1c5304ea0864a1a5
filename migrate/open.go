package migrate

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/ent"
)

// Open opens the database, brings Torii's tables up to date ([Up], then [Verify]) and
// returns the client, whose Close closes the pool. The program imports the driver:
//
//	driver      import                              DSN
//	"sqlite3"   github.com/mattn/go-sqlite3         file:app.db, app.db, :memory:
//	"sqlite"    modernc.org/sqlite                  the same
//	"postgres"  github.com/lib/pq                   a URL, or host=… dbname=…
//	"pgx"       github.com/jackc/pgx/v5/stdlib      the same
//	"mysql"     github.com/go-sql-driver/mysql      user:password@tcp(host:3306)/name, or a URL
//	""          any of these                        a URL: sqlite:app.db, postgres://…, mysql://…, mariadb://…
//
// What is not set in the DSN gets the safe value; what is set otherwise is refused,
// with the cure; everything else stays.
//
// SQLite: foreign keys, write-ahead log, synchronous=NORMAL (what was acknowledged
// survives the death of the process; a loss of power may take the last commits with
// it, unless the DSN says _synchronous=FULL), one connection that writes and several
// that read. A database in memory has ONE connection in all: a query beside an open
// transaction waits for it.
//
// PostgreSQL: UTC; with lib/pq binary_parameters=yes, without which a pooler such as
// PgBouncer can hand out the rows of other queries.
//
// MySQL and MariaDB: parseTime, UTC, utf8mb4, strict mode, placeholders filled in by
// the driver, and READ COMMITTED (fewer deadlocks than the server's default; a server
// with binlog_format=STATEMENT refuses it).
//
// The queries of the client outside of transactions are prepared once and kept, up to
// 256 of them, where the driver does not do that itself (pgx does); [SkipStatementCache]
// turns it off. On PostgreSQL that happens only while every connection is provably
// direct: behind a pooler statements would be mixed up.
func Open(ctx context.Context, driver, dsn string, opts ...Option) (*ent.Client, error) {
	o, err := collect(opts)
	if err != nil {
		return nil, err
	}
	t, err := resolve(driver, dsn)
	if err != nil {
		return nil, err
	}
	d, err := t.open(ctx, o)
	if err != nil {
		return nil, err
	}
	client := ent.NewClient(ent.Driver(d))
	if err := prepare(ctx, client, o); err != nil {
		return nil, errors.Join(t.explain(err), d.Close())
	}
	return client, nil
}

// OpenDB returns a client on a pool that the host has opened, and brings the tables up
// to date. dialectName is Ent's name ("sqlite3", "postgres", "mysql") or a driver's. The
// pool's settings are the host's, but those that Torii cannot do without are tested:
// foreign keys and the format of times on SQLite, parseTime and loc=UTC on MySQL.
// Transactions that the client begins are READ COMMITTED on MySQL unless they say
// otherwise. Closing the client leaves the pool open. No prepared statements are kept:
// what stands between the pool and the server is the host's affair.
//
// Danger: OpenDB cannot see whether a pool of lib/pq has binary_parameters=yes. Behind
// PgBouncer in transaction mode it must. On SQLite set _txlock=immediate and
// _busy_timeout too, or concurrent sign-ins fail with "database is locked".
func OpenDB(ctx context.Context, dialectName string, db *sql.DB, opts ...Option) (*ent.Client, error) {
	o, err := collect(opts)
	if err != nil {
		return nil, err
	}
	if o.maxConns > 0 {
		return nil, errors.New("migrate: MaxConns: the pool is yours; call its SetMaxOpenConns")
	}
	name, err := dialectOf(dialectName)
	if err != nil {
		return nil, err
	}
	if err := checkPool(ctx, name, db); err != nil {
		return nil, err
	}
	d := newPooled(name, db, nil)
	d.sessionsOnly, d.prefix = o.sessionsOnly, newPrefix(o.prefix, name)
	if name == dialect.MySQL {
		d.isolation = sql.LevelReadCommitted
	}
	client := ent.NewClient(ent.Driver(d))
	if err := prepare(ctx, client, o); err != nil {
		return nil, err
	}
	return client, nil
}

func prepare(ctx context.Context, client *ent.Client, o options) error {
	if o.skipMigration {
		return nil
	}
	if err := Up(ctx, client); err != nil {
		return err
	}
	return Verify(ctx, client)
}

// open makes the pools and sees that their settings have taken hold.
func (t target) open(ctx context.Context, o options) (*pooled, error) {
	if t.path != "" {
		if err := checkSQLiteFile(t.path); err != nil {
			return nil, err
		}
	}
	if o.skipStatements {
		t.direct = nil
	}
	d, err := t.pools(ctx, o)
	if err != nil {
		return nil, err
	}
	d.owned, d.sessionsOnly, d.prefix = true, o.sessionsOnly, newPrefix(o.prefix, t.dialect)
	return d, nil
}

func (t target) pools(ctx context.Context, o options) (*pooled, error) {
	write, proof, err := t.pool(t.dsn)
	if err != nil {
		return nil, err
	}
	d := newPooled(t.dialect, write, nil)
	d.owned = true
	conns := cmp.Or(o.maxConns, 16)
	if t.dialect == dialect.SQLite {
		conns = 1
	}
	limit(write, conns, t.dialect == dialect.SQLite)
	if err := t.check(ctx, write, false); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if t.readDSN == "" {
		d.keep(t, o, proof)
		return d, nil
	}
	read, _, err := t.pool(t.readDSN)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	limit(read, cmp.Or(o.maxConns, 8), true)
	d = newPooled(t.dialect, write, read)
	d.owned = true
	if err := t.check(ctx, read, true); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	d.keep(t, o, proof)
	return d, nil
}

// pool also returns the gate of connections that prove themselves.
func (t target) pool(dsn string) (*sql.DB, *gate, error) {
	c, err := newConnector(t.driver, dsn, t.setup...)
	if err != nil {
		return nil, nil, fmt.Errorf("migrate: %s DSN: %w", t.driver, err)
	}
	if t.direct == nil {
		return sql.OpenDB(c), nil, nil
	}
	g := &gate{}
	c.direct = &direct{gate: g, driver: t.driver, dsn: t.direct}
	return sql.OpenDB(c), g, nil
}

// keep has statements kept for the drivers that keep none themselves.
func (d *pooled) keep(t target, o options, g *gate) {
	switch {
	case o.skipStatements:
	case t.driver == "postgres" && g != nil, t.driver == "mysql", t.driver == "sqlite3":
		d.statements = newStatements(d.read.DB(), g)
	}
}

// limit keeps as many connections as it allows: the default of two that stay costs
// half of the throughput. A connection to a server is not kept for ever, so that
// instances follow a server that moves.
func limit(db *sql.DB, n int, forever bool) {
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	if !forever {
		db.SetConnMaxIdleTime(5 * time.Minute)
		db.SetConnMaxLifetime(time.Hour)
	}
}

// explain puts SQLite's own words beside what they mean.
func (t target) explain(err error) error {
	switch text := err.Error(); {
	case t.path == "":
		return err
	case strings.Contains(text, "readonly database"):
		return fmt.Errorf("migrate: %s or its directory may not be written by this user: %w", t.path, err)
	case strings.Contains(text, "unable to open database file"):
		return fmt.Errorf("migrate: %s cannot be opened; SQLite also needs to create files beside it: %w", t.path, err)
	case strings.Contains(text, "file is not a database"):
		return fmt.Errorf("migrate: %s is not a SQLite database (or is encrypted): %w", t.path, err)
	}
	return err
}

// dialectOf takes Ent's name of a dialect, or the name of a driver for it.
func dialectOf(name string) (string, error) {
	for _, d := range drivers {
		if d.name == name {
			return d.dialect, nil
		}
	}
	return "", fmt.Errorf("migrate: dialect %q is not known; say sqlite3, postgres or mysql", name)
}
