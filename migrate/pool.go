package migrate

import (
	"database/sql"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/torii-go/torii/ent"
)

// bare returns a driver out of what Debug and Client put around it.
func bare(d dialect.Driver) dialect.Driver {
	for {
		switch outer := d.(type) {
		case *dialect.DebugDriver:
			if outer == nil {
				return nil
			}
			d = outer.Driver
		case *hosted:
			d = outer.Driver
		default:
			return d
		}
	}
}

// migrationOf returns what is to be reached on the pool behind a client.
func migrationOf(client *ent.Client) (string, *sql.DB, migration, error) {
	m := migration{want: desired, version: Version}
	name, db, err := poolOf(client.Driver())
	if d, ok := bare(client.Driver()).(*pooled); ok && err == nil {
		if d.sessionsOnly {
			m.want, m.sessionsOnly = sessionTables, true
		}
		m.prefix = d.prefix
		m.want, err = m.prefix.tables(m.want)
	}
	return name, db, m, err
}

var errNilDriver = errors.New("migrate: the driver, or its pool of connections, is nil")

// poolOf returns the pool behind a driver, whoever opened it.
func poolOf(d dialect.Driver) (string, *sql.DB, error) {
	inner := bare(d)
	var db *sql.DB
	switch d := inner.(type) {
	case nil:
		return "", nil, errNilDriver
	case *pooled:
		db = d.pool()
	case *entsql.Driver:
		if d == nil {
			return "", nil, errNilDriver
		}
		var ok bool
		if db, ok = d.ExecQuerier.(*sql.DB); ok && db == nil {
			return "", nil, errNilDriver
		}
	}
	if db == nil {
		return "", nil, fmt.Errorf("migrate: the client stands on a %T, which has no pool of connections; "+
			"use one that Open, OpenDB or Driver returned, or Ent's own on a *sql.DB (not one of a transaction)", inner)
	}
	name, err := dialectOf(inner.Dialect())
	return name, db, err
}
