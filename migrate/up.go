package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"

	"github.com/torii-go/torii/ent"
)

// Version is the version of the schema that this release knows. auth_meta records the
// highest that a database has seen. A release runs on a database of a later one: what
// is added later is optional or has a default.
const Version = 1

// Up creates Torii's tables, or adds to them what they lack. It is safe to call from
// many processes at once, and changes nothing when there is nothing to do. Client must
// be the client itself, not that of a transaction; nothing may hold the only
// connection of its pool meanwhile.
//
// On a database of a later release Up changes nothing, and succeeds if all that this
// release needs is there. The error wraps [ErrForeignTable] if a table is not Torii's,
// [ErrLocked] if the lock was not to be had within a minute, [ErrSessionsOnly] if the
// database is not of the kind that the client was opened for.
func Up(ctx context.Context, client *ent.Client) error {
	name, db, m, err := migrationOf(client)
	if err != nil {
		return err
	}
	return up(ctx, name, db, m)
}

// Plan returns the SQL that [Up] would run, "" if none. Run by somebody who may change
// the schema, it leaves nothing for Up to do.
func Plan(ctx context.Context, client *ent.Client) (string, error) {
	name, db, m, err := migrationOf(client)
	if err != nil {
		return "", err
	}
	return plan(ctx, name, db, m)
}

// Adopt declares that the tables which bear the names of Torii's are Torii's, and then
// does what [Up] does. It is for tables that were made from Torii's own schema by
// somebody else: the host's Ent client, or a restored dump without auth_meta. A table
// that lacks one of Torii's columns is not adopted: the error wraps [ErrForeignTable]
// and nothing has been changed. On a client with [SessionsOnly] neither is an
// auth_sessions that was made beside users, and on one without it one that was not: the
// error wraps [ErrSessionsOnly].
func Adopt(ctx context.Context, client *ent.Client) error {
	name, db, m, err := migrationOf(client)
	if err != nil {
		return err
	}
	m.adopt = true
	return up(ctx, name, db, m)
}

// migration is what is to be reached.
type migration struct {
	want         []*schema.Table
	version      int
	adopt        bool
	sessionsOnly bool
	prefix       *prefix // that want has already
	// hostFills says that the host creates the users, and so knows the columns that it
	// has added.
	hostFills bool
}

func up(ctx context.Context, name string, db *sql.DB, m migration) error {
	again := func(err error) bool { return name == dialect.MySQL && isOvertaken(err) }
	return retry(ctx, again, func() error {
		return locked(ctx, name, db, false, func(d *single) error {
			return m.run(ctx, d, execute)
		})
	})
}

// execute is the emitter of whatever is to change the database.
func execute(ctx context.Context, q dialect.ExecQuerier, statement string) error {
	if err := onlyAdds(statement); err != nil {
		return err
	}
	return q.Exec(ctx, statement, []any{}, nil)
}

func plan(ctx context.Context, name string, db *sql.DB, m migration) (string, error) {
	var b strings.Builder
	err := looking(ctx, name, db, func(d *single) error {
		return m.run(ctx, d, func(_ context.Context, _ dialect.ExecQuerier, statement string) error {
			b.WriteString(statement + ";\n")
			return nil
		})
	})
	return b.String(), err
}

// looking calls f with a driver on one connection that executes nothing.
func looking(ctx context.Context, name string, db *sql.DB, f func(*single) error) error {
	conn, err := connect(ctx, db)
	if err != nil {
		return err
	}
	defer conn.Close()
	d := newSingle(name, conn, conn)
	// Ent asks for foreign keys before it plans for SQLite; a plan needs none.
	d.dry, d.rebuilds = true, true
	return f(d)
}

// run gives every statement to emit. Tables are claimed before they are created: on
// MySQL, where a CREATE TABLE commits, one that was cut off is then finished by the
// next and not mistaken for a stranger's.
func (m migration) run(ctx context.Context, d *single, emit emitter) error {
	names := tableNames(m.want)
	have, err := readCatalog(ctx, d, names)
	if err != nil {
		return err
	}
	known, err := m.readMeta(ctx, d, have)
	if err != nil {
		return err
	}
	if err := m.fits(d.dialect, known); err != nil {
		return err
	}
	foreign := known.unclaimed(have)
	if len(foreign) > 0 && !m.adopt {
		return foreignTables(d.dialect, known.table, foreign...)
	}
	if m.adopt {
		if lacks := m.lacks(have, foreign); len(lacks) > 0 {
			return incompleteTables(d.dialect, known.table, lacks)
		}
		if err := m.adoptable(ctx, d, have, known); err != nil {
			return err
		}
	}
	if known.version > m.version {
		return m.newer(ctx, d, known.version)
	}
	rest := m.want
	if have[known.table] == nil {
		isMeta := func(t *schema.Table) bool { return t.Name == known.table }
		if _, err := create(ctx, d, filter(m.want, isMeta), emit); err != nil {
			return err
		}
		rest = filter(m.want, func(t *schema.Table) bool { return !isMeta(t) })
	}
	unlisted := slices.DeleteFunc(names, func(table string) bool { return known.tables[table] })
	if len(unlisted) > 0 {
		if err := emit(ctx, d, known.claim(d.dialect, unlisted, m.version, m.sessionsOnly && !known.sessionsOnly)); err != nil {
			return fmt.Errorf("migrate: claim the tables: %w", err)
		}
	}
	if _, err := create(ctx, d, rest, emit); err != nil {
		return err
	}
	if known.version == m.version {
		return nil
	}
	if err := emit(ctx, d, known.setVersion(d.dialect, m.version)); err != nil {
		return fmt.Errorf("migrate: record the version: %w", err)
	}
	return nil
}

// newer judges a database of a later release: everything of ours must be there.
func (m migration) newer(ctx context.Context, d *single, version int) error {
	d.dry = true
	lacking, err := create(ctx, d, m.want, nil)
	if err != nil {
		return err
	}
	if findings := missing(d.dialect, lacking); len(findings) > 0 {
		return fmt.Errorf("migrate: the database is of version %d, this program of %d: %w", version, m.version, &VerifyError{findings})
	}
	return nil
}

// onlyAdds is the last guard: whatever planned it, a migration does not drop.
func onlyAdds(statement string) error {
	s := strings.ToUpper(statement)
	if strings.HasPrefix(s, "DROP") || strings.Contains(s, " DROP ") || strings.Contains(s, " RENAME ") {
		return errors.New("migrate: refused to run a statement that does not only add (a bug in Torii): " + statement)
	}
	return nil
}

// lacks returns what tables have not of the columns of Torii's, as "table.column".
func (m migration) lacks(have catalog, tables []string) []string {
	var lacks []string
	for _, t := range filter(m.want, func(t *schema.Table) bool { return slices.Contains(tables, t.Name) }) {
		for _, c := range t.Columns {
			if !have.has(t.Name, c.Name) {
				lacks = append(lacks, t.Name+"."+c.Name)
			}
		}
	}
	return lacks
}

func filter(tables []*schema.Table, keep func(*schema.Table) bool) []*schema.Table {
	return slices.DeleteFunc(slices.Clone(tables), func(t *schema.Table) bool { return !keep(t) })
}
