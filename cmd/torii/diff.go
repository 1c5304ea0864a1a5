package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"entgo.io/ent/dialect"
)

const aboutDiff = `
Writes the next versioned SQL file of a folder: what the files that are there, run on an
empty database, lack of this release's schema. It writes nothing if they lack nothing.

PostgreSQL and MySQL need -dev: an EMPTY database to run the files on. One that holds
anything is refused. What the run has made in it is dropped again.`

// The dialects as -dialect names them.
var dialects = map[string]string{
	"sqlite": dialect.SQLite, "sqlite3": dialect.SQLite,
	"postgres": dialect.Postgres, "postgresql": dialect.Postgres,
	"mysql": dialect.MySQL, "mariadb": dialect.MySQL,
}

// Names of files, for every tool and file system.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// difference is what the command line of diff asks for.
type difference struct {
	dir, format, dialect, dev, name string
	check                           bool
	schema                          schema
}

func diff(ctx context.Context, c *console, args []string) error {
	var q difference
	fs := c.flags(aboutDiff)
	fs.StringVar(&q.dir, "dir", "", "the `folder` of the files")
	fs.StringVar(&q.format, "format", "", "the `tool` that runs them: "+strings.Join(formats, ", "))
	fs.StringVar(&q.dialect, "dialect", "", "the `database` they are for: sqlite, postgres or mysql")
	fs.StringVar(&q.dev, "dev", "", "an EMPTY database as `URL`, for postgres and mysql")
	fs.StringVar(&q.name, "name", "torii", "the `name` of the new file, behind its version")
	fs.BoolVar(&q.check, "check", false, "write nothing, and end with 2 if there is something to write")
	q.schema.register(fs)
	if err := c.parse(fs, args); err != nil {
		return err
	}
	if err := q.validate(); err != nil {
		return err
	}
	f, err := openFolder(q.dir, q.format, q.dialect)
	if err != nil {
		return err
	}
	return q.run(ctx, c, f)
}

func (q *difference) validate() error {
	name := q.dialect
	q.dialect = dialects[name]
	switch {
	case q.dir == "":
		return mistake("name the folder of the files: -dir")
	case q.format == "":
		return mistake("say which tool runs them: -format " + strings.Join(formats, ", -format "))
	case name == "":
		return mistake("say which database they are for: -dialect sqlite, postgres or mysql")
	case q.dialect == "":
		return mistake(fmt.Sprintf("-dialect: %q is none of sqlite, postgres, mysql", name))
	case q.dialect == dialect.SQLite && q.dev != "":
		return mistake("-dev: SQLite needs none, the files are run on a temporary one")
	case q.dialect != dialect.SQLite && q.dev == "":
		return mistake("name an EMPTY database to run the files on: -dev URL")
	case !plainName.MatchString(q.name):
		return mistake("-name: at most 100 letters, digits, _ and -")
	}
	return nil
}

// run finds what the folder lacks, tries it, and writes it.
func (q *difference) run(ctx context.Context, c *console, f *folder) (err error) {
	files, err := f.read()
	if err != nil {
		return err
	}
	d, err := openDev(ctx, q.dialect, q.dev)
	if err != nil {
		return err
	}
	defer closing(&err, func() error { return d.close(ctx) })
	if err := d.replay(ctx, files); err != nil {
		return err
	}
	todo, err := d.plan(ctx, q.schema)
	if err != nil {
		return err
	}
	switch {
	case todo == "":
		c.say("Nothing to write: the files in %s make this release's schema.", q.dir)
		return nil
	case q.check:
		c.say("The files in %s lack something of this release's schema: torii migrate diff without -check writes it.", q.dir)
		return told(exitPending)
	}
	statements, err := split(q.dialect, todo)
	if err != nil {
		return fmt.Errorf("read the plan: %w", err)
	}
	next, err := f.next(q.name, statements, time.Now())
	if err != nil {
		return err
	}
	if err := d.try(ctx, q.schema, next); err != nil {
		return err
	}
	if err := f.write(next); err != nil {
		return err
	}
	for _, x := range next {
		c.say("Wrote %s.", filepath.Join(q.dir, x.name))
	}
	return nil
}

// try runs files that are to be written, and sees that they are all that was missing.
func (d *dev) try(ctx context.Context, s schema, files []file) error {
	if err := d.replay(ctx, files); err != nil {
		return err
	}
	rest, err := d.plan(ctx, s)
	if err == nil && rest != "" {
		err = fmt.Errorf("after the new file this would still be to do (a bug in Torii):\n%s", rest)
	}
	return err
}
