package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/migrate"
)

// databaseURL is the environment variable that stands in for -dsn.
const databaseURL = "DATABASE_URL"

// database is one that the command line names.
type database struct {
	dsn, driver string
	schema      schema
}

// schema is which of Torii's schemas is wanted.
type schema struct {
	prefix       string
	sessionsOnly bool
	hosted       bool // users are made by the application's own Ent client
}

func (d *database) register(fs *flag.FlagSet) {
	fs.StringVar(&d.dsn, "dsn", "", "the database as `URL`: sqlite:app.db, postgres://… or mysql://…\n(default: the environment variable "+databaseURL+")")
	fs.StringVar(&d.driver, "driver", "", "the driver's `name`, for a DSN that is not a URL: sqlite3, postgres or mysql")
	d.schema.register(fs)
}

func (s *schema) register(fs *flag.FlagSet) {
	fs.StringVar(&s.prefix, "prefix", "", "what the names of Torii's tables begin with, as in `torii_` (migrate.Prefix)")
	fs.BoolVar(&s.sessionsOnly, "sessions-only", false, "a database that holds sessions alone (migrate.SessionsOnly)")
	fs.BoolVar(&s.hosted, "host", false, "the application makes users by its own Ent client (entauth), and so fills\nthe required columns that it has added to users")
}

func (s schema) options() []migrate.Option {
	opts := []migrate.Option{migrate.SkipMigration(), migrate.SkipStatementCache()}
	if s.prefix != "" {
		opts = append(opts, migrate.Prefix(s.prefix))
	}
	if s.sessionsOnly {
		opts = append(opts, migrate.SessionsOnly())
	}
	return opts
}

// verify is migrate.Verify without what the application takes care of.
func (s schema) verify(ctx context.Context, client *ent.Client) error {
	err := migrate.Verify(ctx, client)
	var found *migrate.VerifyError
	if !s.hosted || !errors.As(err, &found) {
		return err
	}
	rest := slices.DeleteFunc(slices.Clone(found.Findings), func(f migrate.Finding) bool {
		return f.Kind == migrate.RequiredColumn && f.Table == user.Table
	})
	if len(rest) == 0 {
		return nil
	}
	return &migrate.VerifyError{Findings: rest}
}

// open returns a client and changes nothing, but that a SQLite file is made where none
// is, unless it must exist.
func (d database) open(ctx context.Context, c *console, mustExist bool) (*ent.Client, error) {
	if d.dsn == "" {
		d.dsn = c.getenv(databaseURL)
	}
	if d.dsn == "" {
		return nil, mistake("name the database: -dsn URL, or the environment variable " + databaseURL)
	}
	if name := sqliteFile(d.driver, d.dsn); mustExist && name != "" {
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no database %s; torii migrate up makes it", name)
		}
	}
	return migrate.Open(ctx, d.driver, d.dsn, append(d.schema.options(), migrate.MaxConns(2))...)
}

// sqliteFile returns the file that a DSN names, "" if it names none.
func sqliteFile(driver, dsn string) string {
	name, query, _ := strings.Cut(dsn, "?")
	scheme, rest, isURL := strings.Cut(name, ":")
	switch {
	case isURL && (scheme == "sqlite" || scheme == "sqlite3" || scheme == "file"):
		name = strings.TrimPrefix(rest, "//")
		if plain, err := url.PathUnescape(name); err == nil {
			name = plain
		}
	case driver != "sqlite3":
		return ""
	}
	if strings.Contains(name, ":memory:") || strings.Contains(query, "mode=memory") {
		return ""
	}
	return name
}
