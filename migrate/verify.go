package migrate

import (
	"context"
	"errors"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/session"
	"github.com/torii-go/torii/ent/user"
)

// Kind says what is wrong with a database.
type Kind string

// What [Verify] finds.
const (
	MissingTable       Kind = "missing table"
	MissingColumn      Kind = "missing column"
	MissingIndex       Kind = "missing index"
	MissingForeignKey  Kind = "missing foreign key"
	UnwantedForeignKey Kind = "unwanted foreign key" // on user_id, in a database of SessionsOnly
	RequiredColumn     Kind = "required column"      // not Torii's, NOT NULL and without a default
	ForeignKeysOff     Kind = "foreign keys off"     // SQLite, on the pool's connections
)

// Finding is one thing that is wrong, and its cure.
type Finding struct {
	Kind  Kind
	Table string // "" for ForeignKeysOff
	Name  string // of the column, index or foreign key
	Cure  string
}

// String returns the finding as a sentence.
func (f Finding) String() string {
	where := f.Table
	if f.Name != "" {
		where += "." + f.Name
	}
	return strings.TrimSpace(string(f.Kind)+" "+where) + ": " + f.Cure
}

// VerifyError lists what [Verify] found.
type VerifyError struct{ Findings []Finding }

// Error returns one line for each finding.
func (e *VerifyError) Error() string {
	lines := []string{"migrate: the database does not fit:"}
	for _, f := range e.Findings {
		lines = append(lines, "\t"+f.String())
	}
	return strings.Join(lines, "\n")
}

// Verify changes nothing. It returns a [*VerifyError] if the database lacks something
// of Torii's, or has what Torii's writes would fail on. Types are not compared: a host
// may widen a column. The error wraps [ErrSessionsOnly] if the database is not of the
// kind that the client was opened for.
func Verify(ctx context.Context, client *ent.Client) error {
	name, db, m, err := migrationOf(client)
	if err != nil {
		return err
	}
	var findings []Finding
	err = looking(ctx, name, db, func(d *single) error {
		findings, err = verify(ctx, d, m)
		return err
	})
	if err == nil && len(findings) > 0 {
		err = &VerifyError{findings}
	}
	return err
}

func verify(ctx context.Context, d *single, m migration) ([]Finding, error) {
	have, err := readCatalog(ctx, d, tableNames(m.want))
	if err != nil {
		return nil, err
	}
	known, err := m.readMeta(ctx, d, have)
	if err == nil {
		err = m.fits(d.dialect, known)
	}
	if err != nil && !errors.Is(err, ErrForeignTable) { // what that one lacks is a finding
		return nil, err
	}
	var findings []Finding
	if d.dialect == dialect.SQLite {
		on, err := foreignKeys(ctx, d)
		if err != nil {
			return nil, err
		}
		if !on {
			findings = append(findings, Finding{Kind: ForeignKeysOff, Cure: cureForeignKeys})
		}
	}
	lacking, err := create(ctx, d, m.want, nil)
	if err != nil {
		return nil, err
	}
	findings = append(findings, missing(d.dialect, lacking)...)
	if m.sessionsOnly {
		keys, err := userKeys(ctx, d, m.prefix.name(session.Table))
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			findings = append(findings, Finding{UnwantedForeignKey, m.prefix.name(session.Table), key, "the users are in another database; drop it"})
		}
	}
	return append(findings, m.required(have)...), nil
}

// required finds the columns that Torii's inserts do not know and would have to.
func (m migration) required(have catalog) []Finding {
	var findings []Finding
	users := m.prefix.name(user.Table)
	for _, t := range m.want {
		cure := "it is NOT NULL without a default and not Torii's, so Torii's inserts fail; " +
			"make it nullable (in an Ent schema Optional()), or give it a default of the database's (Default with a constant, or entsql.DefaultExpr)"
		if t.Name == users {
			if m.hostFills {
				continue
			}
			cure += ", or have users created by your own Ent client (entauth)"
		}
		for _, c := range have[t.Name] {
			ours := slices.ContainsFunc(t.Columns, func(w *schema.Column) bool { return strings.EqualFold(w.Name, c.name) })
			if c.required && !ours {
				findings = append(findings, Finding{RequiredColumn, t.Name, c.name, cure})
			}
		}
	}
	return findings
}

// missing turns what a migration would add into findings.
func missing(name string, lacking []atlas.Change) []Finding {
	const cure = "run migrate.Up (migrate.Host if your own Ent schema extends Torii's), or apply the SQL of migrate.Plan"
	var findings []Finding
	for _, change := range lacking {
		switch c := change.(type) {
		case *atlas.AddTable:
			findings = append(findings, Finding{MissingTable, c.T.Name, "", cure})
		case *atlas.ModifyTable:
			for _, change := range c.Changes {
				f := Finding{Table: c.T.Name, Cure: cure}
				switch a := change.(type) {
				case *atlas.AddColumn:
					f.Kind, f.Name = MissingColumn, a.C.Name
				case *atlas.AddIndex:
					f.Kind, f.Name = MissingIndex, a.I.Name
				case *atlas.AddForeignKey:
					f.Kind, f.Name = MissingForeignKey, a.F.Symbol
					if name == dialect.SQLite {
						f.Cure = "SQLite adds none to a table that exists; make the table anew with it (sqlite.org/lang_altertable.html, section 7)"
					}
				}
				findings = append(findings, f)
			}
		}
	}
	return findings
}

const cureForeignKeys = "open SQLite with _fk=1 (mattn/go-sqlite3) or _pragma=foreign_keys(1) (modernc.org/sqlite)"

func foreignKeys(ctx context.Context, d *single) (bool, error) {
	if d.enforced.Valid {
		return d.enforced.Bool, nil
	}
	var on bool
	err := d.ask(ctx, "PRAGMA foreign_keys", &on) // past d's own answer
	return on, err
}
