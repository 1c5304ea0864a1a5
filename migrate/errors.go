package migrate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect"
)

// ErrForeignTable is returned, wrapped with the table's name and the cures, when a
// table has the name of one of Torii's and is not known to be Torii's. Nothing has
// been changed.
var ErrForeignTable = errors.New("migrate: a table is not Torii's")

// ErrLocked is returned, wrapped, when another process held the migration lock for
// more than a minute.
var ErrLocked = errors.New("migrate: another process holds the migration lock")

// ErrSessionsOnly is returned, wrapped with the cure, when a database that was made with
// [SessionsOnly] is opened without it, or one that holds Torii's users with it. Nothing
// has been changed.
var ErrSessionsOnly = errors.New("migrate: the option SessionsOnly does not fit the database")

// room says what keeps tables of one name apart.
func room(name string) string {
	const prefix = "a prefix of its own (migrate.Prefix) or "
	switch name {
	case dialect.Postgres:
		return prefix + "a schema of its own (search_path=torii in the DSN; CREATE SCHEMA torii first)"
	case dialect.MySQL:
		return prefix + "a database of its own"
	}
	return prefix + "a file of its own"
}

// foreignTables names the cures that fit the dialect. meta is auth_meta's name.
func foreignTables(name, meta string, tables ...string) error {
	return fmt.Errorf("%w: %s exists and %s does not list it; nothing was changed. "+
		"Rename that table, or give Torii %s. If it was made from Torii's own schema, call migrate.Adopt once "+
		"(restored without %[3]s) or migrate with migrate.Host (your Ent schema extends Torii's)",
		ErrForeignTable, strings.Join(tables, ", "), meta, room(name))
}

// incompleteTables is for tables that would be adopted if they were complete.
func incompleteTables(name, meta string, lacks []string) error {
	return fmt.Errorf("%w; not adopted, for it lacks what your Ent schema gets from Torii's type as a mixin: %s",
		foreignTables(name, meta, tablesOf(lacks)...), strings.Join(lacks, ", "))
}

// tablesOf returns the tables of "table.column" texts.
func tablesOf(columns []string) []string {
	var tables []string
	for _, c := range columns {
		if table, _, _ := strings.Cut(c, "."); !slices.Contains(tables, table) {
			tables = append(tables, table)
		}
	}
	return tables
}

// isBusy reports whether SQLite refused because somebody else is writing. The package
// knows no driver, so it goes by the text, which is SQLite's own.
func isBusy(err error) bool {
	return err != nil && containsAny(err.Error(), "database is locked", "database table is locked", "database schema is locked", "SQLITE_BUSY")
}

// isOvertaken reports whether MySQL refused because a statement came second: GET_LOCK
// does not reach across the nodes of a Galera cluster, so there two may migrate at once.
func isOvertaken(err error) bool {
	return err != nil && containsAny(err.Error(), "Error 1050", "Error 1060", "Error 1061", "Error 1062", "Error 1826", "Error 1213", "errno: 121")
}

func containsAny(s string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}
