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
func readMeta(ctx context.Context, d dialect.Driver, c catalog) (meta, error) {
	m := meta{tables: map[string]bool{}}
	if c[authmeta.Table] == nil {
		return m, nil
	}
	foreign := foreignTables(d.Dialect(), []string{authmeta.Table})
	for _, name := range authmeta.Columns {
		if !c.has(authmeta.Table, name) {
			return m, foreign
		}
	}
	var rows entsql.Rows
	if err := d.Query(ctx, "SELECT id, value FROM auth_meta", []any{}, &rows); err != nil {
		return m, fmt.Errorf("migrate: read auth_meta: %w", err)
	}
	defer rows.Close()
	empty := true
	for ; rows.Next(); empty = false {
		var id, value string
		if err := rows.Scan(&id, &value); err != nil {
			return m, fmt.Errorf("migrate: read auth_meta: %w", err)
		}
		if name, ok := strings.CutPrefix(id, tableKey); ok {
			m.tables[name] = true
		}
		if id == versionKey {
			m.version, _ = strconv.Atoi(value)
		}
		if id == sessionsOnlyKey {
			m.sessionsOnly = true
		}
	}
	if err := rows.Err(); err != nil {
		return m, fmt.Errorf("migrate: read auth_meta: %w", err)
	}
	if !empty && !m.tables[authmeta.Table] {
		return m, foreign
	}
	return m, nil
}

// unclaimed returns the tables that exist and are not known to be Torii's. Of
// auth_meta itself readMeta has judged.
func (m meta) unclaimed(c catalog) []string {
	var names []string
	for name := range c {
		if !m.tables[name] && name != authmeta.Table {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// claim returns the statement that lists tables as Torii's, and may record that there
// are to be no others: in one statement, so that no start is cut off in between. The texts are constants of
// ours; they are spelled out so that Plan shows what Up runs.
func claim(name string, tables []string, version int, sessionsOnly bool) string {
	values := make([]string, len(tables))
	for i, table := range tables {
		values[i] = fmt.Sprintf("('%s%s', '%d', '%s')", tableKey, table, version, nowText(name))
	}
	if sessionsOnly {
		values = append(values, fmt.Sprintf("('%s', '1', '%s')", sessionsOnlyKey, nowText(name)))
	}
	return "INSERT INTO auth_meta (id, value, updated_at) VALUES " + strings.Join(values, ", ")
}

// setVersion returns the statement that records the version.
func setVersion(name string, old, version int) string {
	if old == 0 {
		return fmt.Sprintf("INSERT INTO auth_meta (id, value, updated_at) VALUES ('%s', '%d', '%s')", versionKey, version, nowText(name))
	}
	return fmt.Sprintf("UPDATE auth_meta SET value = '%d', updated_at = '%s' WHERE id = '%s'", version, nowText(name), versionKey)
}

// nowText is a time as the drivers write it.
func nowText(name string) string {
	layout := "2006-01-02 15:04:05.999999-07:00"
	if name == dialect.MySQL {
		layout = "2006-01-02 15:04:05.999999"
	}
	return utc(time.Now()).Format(layout)
}
