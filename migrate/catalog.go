package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

// column is what the migration asks of a column that exists.
type column struct {
	name     string
	required bool // an INSERT that does not name it fails
}

// catalog holds the columns of the tables, and of views of their names, that exist.
type catalog map[string][]column

func (c catalog) has(table, name string) bool {
	return slices.ContainsFunc(c[table], func(col column) bool { return strings.EqualFold(col.name, name) })
}

// Each query gives table, column, and 1 if the column is required. %s is the list of
// quoted names. Tables are looked for where an unqualified CREATE TABLE would go.
var catalogQueries = map[string]string{
	dialect.SQLite: `SELECT lower(m.name), c.name, c."notnull" AND c.dflt_value IS NULL AND NOT c.hidden AND NOT c.pk
		FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c
		WHERE m.type IN ('table', 'view') AND lower(m.name) IN (%s)`,
	dialect.Postgres: `SELECT c.relname, a.attname,
			CASE WHEN a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' THEN 1 ELSE 0 END
		FROM pg_catalog.pg_class c
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname IN (%s)`,
	dialect.MySQL: `SELECT table_name, column_name,
			is_nullable = 'NO' AND column_default IS NULL AND extra NOT LIKE '%%auto_increment%%' AND extra NOT LIKE '%%GENERATED%%'
		FROM information_schema.columns
		WHERE table_schema = DATABASE() AND table_name IN (%s)`,
}

func readCatalog(ctx context.Context, d dialect.Driver, tables []string) (catalog, error) {
	quoted := make([]string, len(tables))
	for i, name := range tables {
		quoted[i] = "'" + name + "'" // names of our own: letters and underscores
	}
	var rows entsql.Rows
	query := fmt.Sprintf(catalogQueries[d.Dialect()], strings.Join(quoted, ", "))
	if err := d.Query(ctx, query, []any{}, &rows); err != nil {
		return nil, fmt.Errorf("migrate: read the catalog: %w", err)
	}
	defer rows.Close()
	c := catalog{}
	for rows.Next() {
		var table string
		var col column
		if err := rows.Scan(&table, &col.name, &col.required); err != nil {
			return nil, fmt.Errorf("migrate: read the catalog: %w", err)
		}
		c[table] = append(c[table], col)
	}
	return c, rows.Err()
}
