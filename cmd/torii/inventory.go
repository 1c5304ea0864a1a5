package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

// object is something in a database, with its kind and its quoted and qualified name
// as DROP takes them.
type object struct{ kind, name string }

// Each query gives kind and name of what is in the database, in the order in which it
// can be dropped. On PostgreSQL what belongs to something else, to an extension or as an
// identity's sequence to its table, goes with that.
var inventoryQueries = map[string]string{
	dialect.Postgres: `SELECT kind, name FROM (
		SELECT 1 AS step, 'SCHEMA' AS kind, quote_ident(nspname) AS name, oid, 'pg_namespace'::regclass AS class
			FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
		UNION ALL SELECT 2, CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
				WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END,
				format('%I.%I', n.nspname, c.relname), c.oid, 'pg_class'::regclass
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
		UNION ALL SELECT 3, 'ROUTINE', format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), p.oid, 'pg_proc'::regclass
			FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
			WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
		UNION ALL SELECT 4, 'TYPE', format('%I.%I', n.nspname, t.typname), t.oid, 'pg_type'::regclass
			FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
			WHERE (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
		UNION ALL SELECT 5, 'EXTENSION', quote_ident(extname), oid, 'pg_extension'::regclass FROM pg_extension
	) o WHERE NOT EXISTS (SELECT FROM pg_depend d
		WHERE d.objid = o.oid AND d.classid = o.class AND d.deptype IN ('e', 'i') AND d.refobjid <> d.objid)
	ORDER BY step, name`,
	dialect.MySQL: "SELECT kind, CONCAT('`', REPLACE(part, '`', '``'), '`.`', REPLACE(name, '`', '``'), '`') FROM (" +
		`SELECT 1 AS step, CASE table_type WHEN 'VIEW' THEN 'VIEW' WHEN 'SEQUENCE' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
				table_schema AS part, table_name AS name FROM information_schema.tables
		UNION ALL SELECT 2, routine_type, routine_schema, routine_name FROM information_schema.routines
		UNION ALL SELECT 3, 'EVENT', event_schema, event_name FROM information_schema.events
	) o WHERE part = DATABASE() ORDER BY step, name`,
}

func inventory(ctx context.Context, d dialect.Driver) ([]object, error) {
	var rows entsql.Rows
	if err := d.Query(ctx, inventoryQueries[d.Dialect()], []any{}, &rows); err != nil {
		return nil, fmt.Errorf("look at what is in the database: %w", err)
	}
	defer rows.Close()
	var list []object
	for rows.Next() {
		var o object
		if err := rows.Scan(&o.kind, &o.name); err != nil {
			return nil, fmt.Errorf("look at what is in the database: %w", err)
		}
		list = append(list, o)
	}
	return list, rows.Err()
}

// furniture may be in a database that counts as empty: making it can need rights that
// a migration has not.
func (o object) furniture() bool { return o.kind == "EXTENSION" || o.kind == "SCHEMA" }

// drop removes the objects of after that are not in before, by name.
func drop(ctx context.Context, d dialect.Driver, before, after []object) error {
	tx, err := d.Tx(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	cascade := " CASCADE"
	if d.Dialect() == dialect.MySQL {
		cascade = ""
		// Of this connection, which is not used for anything else.
		if err := tx.Exec(ctx, "SET FOREIGN_KEY_CHECKS = 0", []any{}, nil); err != nil {
			return err
		}
	}
	for _, o := range after {
		if slices.Contains(before, o) {
			continue
		}
		// What went with another one is gone already.
		if err := tx.Exec(ctx, "DROP "+o.kind+" IF EXISTS "+o.name+cascade, []any{}, nil); err != nil {
			return fmt.Errorf("drop %s %s: %w", strings.ToLower(o.kind), o.name, err)
		}
	}
	return tx.Commit()
}
