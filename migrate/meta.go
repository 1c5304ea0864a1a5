package migrate

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/torii-go/torii/ent/authmeta"
)

// meta is what auth_meta says.
type meta struct {
	table        string          // auth_meta's name
	version      int             // 0: none yet
	tables       map[string]bool // that are Torii's
	sessionsOnly bool            // see SessionsOnly
}

const (
	versionKey      = "schema_version"
	sessionsOnlyKey = "sessions_only"
	tableKey        = "table:" // and the table's name
)

// readMeta returns what auth_meta says, or ErrForeignTable if it is somebody else's.
// One that is empty is ours: its creation was cut off before the first row.
func (m migration) readMeta(ctx context.Context, d dialect.Driver, c catalog) (meta, error) {
	known := meta{table: m.prefix.name(authmeta.Table), tables: map[string]bool{}}
	if c[known.table] == nil {
		return known, nil
	}
	foreign := foreignTables(d.Dialect(), known.table, known.table)
	for _, name := range authmeta.Columns {
		if !c.has(known.table, name) {
			return known, foreign
		}
	}
	var rows entsql.Rows
	if err := d.Query(ctx, "SELECT id, value FROM "+known.table, []any{}, &rows); err != nil {
		return known, fmt.Errorf("migrate: read %s: %w", known.table, err)
	}
	defer rows.Close()
	empty := true
	for ; rows.Next(); empty = false {
		var id, value string
		if err := rows.Scan(&id, &value); err != nil {
			return known, fmt.Errorf("migrate: read %s: %w", known.table, err)
		}
		if name, ok := strings.CutPrefix(id, tableKey); ok {
			known.tables[name] = true
		}
		if id == versionKey {
			known.version, _ = strconv.Atoi(value)
		}
		if id == sessionsOnlyKey {
			known.sessionsOnly = true
		}
	}
	if err := rows.Err(); err != nil {
		return known, fmt.Errorf("migrate: read %s: %w", known.table, err)
	}
	if !empty && !known.tables[known.table] {
		return known, foreign
	}
	return known, nil
}

// unclaimed returns the tables that exist and are not known to be Torii's. Of
// auth_meta itself readMeta has judged.
func (m meta) unclaimed(c catalog) []string {
	var names []string
	for name := range c {
		if !m.tables[name] && name != m.table {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// claim returns the statement that lists tables as Torii's, and may record that there
// are to be no others: in one statement, so that no start is cut off in between. The
// texts are constants of ours; they are spelled out so that Plan shows what Up runs.
func (m meta) claim(name string, tables []string, version int, sessionsOnly bool) string {
	values := make([]string, len(tables))
	for i, table := range tables {
		values[i] = fmt.Sprintf("('%s%s', '%d', '%s')", tableKey, table, version, nowText(name))
	}
	if sessionsOnly {
		values = append(values, fmt.Sprintf("('%s', '1', '%s')", sessionsOnlyKey, nowText(name)))
	}
	return "INSERT INTO " + m.table + " (id, value, updated_at) VALUES " + strings.Join(values, ", ")
}

// setVersion returns the statement that records the version.
func (m meta) setVersion(name string, version int) string {
	if m.version == 0 {
		return fmt.Sprintf("INSERT INTO %s (id, value, updated_at) VALUES ('%s', '%d', '%s')", m.table, versionKey, version, nowText(name))
	}
	return fmt.Sprintf("UPDATE %s SET value = '%d', updated_at = '%s' WHERE id = '%s'", m.table, version, nowText(name), versionKey)
}

// nowText is a time as the drivers write it.
func nowText(name string) string {
	layout := "2006-01-02 15:04:05.999999-07:00"
	if name == dialect.MySQL {
		layout = "2006-01-02 15:04:05.999999"
	}
	return utc(time.Now()).Format(layout)
}
