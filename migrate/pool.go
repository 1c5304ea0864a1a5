package migrate

import (
	"database/sql"
	"fmt"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/torii-go/torii/ent"
)

// driverOf returns the driver of a client, out of what Debug puts around it.
func driverOf(client *ent.Client) dialect.Driver {
	d := client.Driver()
	for {
		debug, ok := d.(*dialect.DebugDriver)
		if !ok {
			return d
		}
		d = debug.Driver
	}
}

// migrationOf returns what is to be reached on the pool behind a client.
func migrationOf(client *ent.Client) (string, *sql.DB, migration, error) {
	m := migration{want: desired, version: Version}
	if d, ok := driverOf(client).(*pooled); ok && d.sessionsOnly {
		m.want, m.sessionsOnly = sessionTables, true
	}
	name, db, err := poolOf(client)
	return name, db, m, err
}

// poolOf returns the pool behind a client, whoever opened it.
func poolOf(client *ent.Client) (string, *sql.DB, error) {
	d := driverOf(client)
	switch d := d.(type) {
	case interface{ pool() *sql.DB }:
		return d.(dialect.Driver).Dialect(), d.pool(), nil
	case *entsql.Driver:
		if db, ok := d.ExecQuerier.(*sql.DB); ok {
			return d.Dialect(), db, nil
		}
	}
	return "", nil, fmt.Errorf("migrate: the client stands on a %T, which has no pool of connections; "+
		"use the client that Open or OpenDB returned (not one of a transaction)", d)
}
