package migrate

import (
	"database/sql"
	"fmt"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/torii-go/torii/ent"
)

// poolOf returns the pool behind a client, whoever opened it.
func poolOf(client *ent.Client) (string, *sql.DB, error) {
	d := client.Driver()
	for {
		debug, ok := d.(*dialect.DebugDriver)
		if !ok {
			break
		}
		d = debug.Driver
	}
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
