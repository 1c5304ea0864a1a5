package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/migrate"
)

// dev is an empty database to replay files on.
type dev struct {
	driver, dsn string
	dialect     string
	temp        string // the folder of a SQLite file
	// The rest is of a server's database.
	keeper *ent.Client // never runs a host's SQL
	lock   dialect.Tx
	before []object
}

// openDev returns an empty database: a temporary file on SQLite, otherwise the one that
// dsn names, which it locks and refuses if it is not empty.
func openDev(ctx context.Context, dialectName, dsn string) (_ *dev, err error) {
	d := &dev{driver: dialectName, dsn: dsn, dialect: dialectName} // the drivers are called as Ent calls the dialects
	defer func() {
		if err != nil {
			err = errors.Join(err, d.release())
		}
	}()
	if dialectName == dialect.SQLite {
		if d.temp, err = os.MkdirTemp("", "torii-diff-"); err != nil {
			return nil, err
		}
		d.dsn = "file:" + (&url.URL{Path: filepath.ToSlash(filepath.Join(d.temp, "dev.db"))}).EscapedPath()
	} else if err := d.claim(ctx); err != nil {
		return nil, fmt.Errorf("-dev: %w", err)
	}
	return d, nil
}

// client opens the database as it is.
func (d *dev) client(ctx context.Context, opts ...migrate.Option) (*ent.Client, error) {
	return migrate.Open(ctx, d.driver, d.dsn, append(opts, migrate.SkipMigration(), migrate.SkipStatementCache())...)
}

// Runs of diff on one database wait for each other, up to a minute.
var lockDev = map[string][]string{
	dialect.Postgres: {"SET LOCAL lock_timeout = '60s'", "SELECT pg_advisory_xact_lock(hashtext('torii migrate diff'))"},
	dialect.MySQL: {"SET @torii = CONCAT('torii diff ', LEFT(SHA2(DATABASE(), 256), 32))",
		// A subquery with two rows is an error: what SQL has for "or fail".
		"SELECT IF(GET_LOCK(@torii, 60) = 1, 1, (SELECT 1 UNION SELECT 2))"},
}

// claim locks the database and sees that it is empty.
func (d *dev) claim(ctx context.Context) error {
	var err error
	if d.keeper, err = d.client(ctx, migrate.MaxConns(2)); err != nil {
		return err
	}
	if d.lock, err = d.keeper.Driver().Tx(ctx); err != nil {
		return err
	}
	for _, statement := range lockDev[d.dialect] {
		if err := d.lock.Exec(ctx, statement, []any{}, nil); err != nil {
			return fmt.Errorf("lock the database (does another diff use it?): %w", err)
		}
	}
	found, err := inventory(ctx, d.keeper.Driver())
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(found, func(o object) bool { return !o.furniture() }); i >= 0 {
		return fmt.Errorf("the database is not empty: it has the %s %s. Nothing was changed; name an empty one",
			strings.ToLower(found[i].kind), found[i].name)
	}
	d.before = found
	return nil
}

// replay runs files, each on a connection of its own: what one has set on it or left
// open does not reach the next, which may be deployed on another day.
func (d *dev) replay(ctx context.Context, files []file) error {
	for _, f := range files {
		if err := d.replayFile(ctx, f); err != nil {
			return fmt.Errorf("replay %s: %w", f.name, err)
		}
	}
	return nil
}

func (d *dev) replayFile(ctx context.Context, f file) (err error) {
	client, err := d.client(ctx, migrate.MaxConns(1))
	if err != nil {
		return err
	}
	defer closing(&err, client.Close)
	for i, s := range f.up {
		if err := client.Driver().Exec(ctx, s, []any{}, nil); err != nil {
			return fmt.Errorf("statement %d (%s): %w", i+1, beginning(s), err)
		}
	}
	return nil
}

func beginning(statement string) string {
	text := strings.Join(strings.Fields(statement), " ")
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return text
}

// plan returns the SQL that the database lacks, and verifies it if that is none.
func (d *dev) plan(ctx context.Context, s schema) (_ string, err error) {
	client, err := migrate.Open(ctx, d.driver, d.dsn, append(s.options(), migrate.MaxConns(2))...)
	if err != nil {
		return "", err
	}
	defer closing(&err, client.Close)
	todo, err := migrate.Plan(ctx, client)
	if err == nil && todo == "" {
		s.hosted = true // files do not tell who makes the users
		err = s.verify(ctx, client)
	}
	return todo, err
}

// close leaves the database as it was found.
func (d *dev) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	var errs []error
	if d.lock != nil {
		if err := d.clean(ctx); err != nil {
			errs = append(errs, fmt.Errorf("-dev: clean up: %w", err))
		}
	}
	return errors.Join(append(errs, d.release())...)
}

func (d *dev) clean(ctx context.Context) error {
	after, err := inventory(ctx, d.keeper.Driver())
	if err != nil {
		return err
	}
	if err := drop(ctx, d.keeper.Driver(), d.before, after); err != nil {
		return err
	}
	if after, err = inventory(ctx, d.keeper.Driver()); err != nil {
		return err
	}
	for _, o := range after {
		if !slices.Contains(d.before, o) {
			return fmt.Errorf("the %s %s is left", strings.ToLower(o.kind), o.name)
		}
	}
	return nil
}

// release gives up the lock and removes the temporary file.
func (d *dev) release() error {
	var errs []error
	if d.lock != nil {
		errs = append(errs, d.lock.Rollback())
	}
	if d.keeper != nil {
		errs = append(errs, d.keeper.Close()) // MySQL's lock dies with its connection
	}
	if d.temp != "" {
		errs = append(errs, os.RemoveAll(d.temp))
	}
	return errors.Join(errs...)
}
