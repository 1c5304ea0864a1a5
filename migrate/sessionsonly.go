package migrate

import (
	"context"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"

	"github.com/torii-go/torii/ent/authmeta"
	"github.com/torii-go/torii/ent/session"
	"github.com/torii-go/torii/ent/user"
)

// SessionsOnly is for a second database that holds session rows and nothing else, so
// that what sign-ins and visits write stays away from the one that holds the users. The
// client is given to sessions.Config.Store; the client of the users is opened as ever,
// without this option, and stays as it is, its own auth_sessions included.
//
// The database gets auth_sessions, without the foreign key to users, and auth_meta,
// which records that this is all. [Up], [Plan], [Verify] and [Adopt] on this client do
// the same. With [SkipMigration] the option still tells them what to do.
//
// No foreign key ties a session to its user any more. When Torii deletes or disables
// somebody, that crosses over: the sessions end in the other database too, once the
// users' has decided. A row of users that is deleted by hand leaves its sessions behind.
//
// The error wraps [ErrSessionsOnly], and nothing has been changed, when the database
// holds Torii's users, and when one that was made with the option is opened without it.
// Sessions that exist are not moved here; whoever has one signs in again.
func SessionsOnly() Option {
	return func(o *options) error {
		o.sessionsOnly = true
		return nil
	}
}

// sessionTables are desired's for such a database, in copies of their own: desired
// keeps its foreign key.
var sessionTables = func() []*schema.Table {
	all, err := schema.CopyTables(desired)
	if err != nil {
		panic(err) // the generated code contradicts itself
	}
	tables := filter(all, func(t *schema.Table) bool { return t.Name == session.Table || t.Name == authmeta.Table })
	for _, t := range tables {
		t.ForeignKeys = nil
	}
	return tables
}()

// fits refuses a database that auth_meta records as the other kind. One that records
// nothing yet is of neither.
func (m migration) fits(name string, known meta) error {
	switch {
	case m.sessionsOnly && !known.sessionsOnly && len(known.tables) > 0:
		return fmt.Errorf("%w: the database holds Torii's users and was not made for sessions only; nothing was changed. "+
			"Give the sessions %s, or leave out migrate.SessionsOnly()", ErrSessionsOnly, room(name))
	case !m.sessionsOnly && known.sessionsOnly:
		return fmt.Errorf("%w: the database was made for sessions only; nothing was changed. "+
			"Open it with migrate.SessionsOnly(), or name the database that holds the users", ErrSessionsOnly)
	}
	return nil
}

// adoptable refuses tables that somebody made for the other kind of database, of which
// auth_meta records nothing.
func (m migration) adoptable(ctx context.Context, d *single, have catalog, known meta) error {
	sessions, users := m.prefix.name(session.Table), m.prefix.name(user.Table)
	if !m.sessionsOnly {
		if len(known.tables) == 0 && have[sessions] != nil && have[users] == nil {
			return fmt.Errorf("%w: %s is there and %s is not; nothing was changed. "+
				"Adopt it on a client that is opened with migrate.SessionsOnly()", ErrSessionsOnly, sessions, users)
		}
		return nil
	}
	keys, err := userKeys(ctx, d, sessions)
	if err == nil && len(keys) > 0 {
		err = fmt.Errorf("%w: %s has a foreign key on %s (%s), as beside users; nothing was changed. "+
			"Drop the key, or adopt the table on a client that is opened without migrate.SessionsOnly()",
			ErrSessionsOnly, sessions, session.FieldUserID, keys[0])
	}
	return err
}

// Each query gives the foreign keys on user_id of auth_sessions, whose name is %s.
// SQLite does not tell their names.
var userKeyQueries = map[string]string{
	dialect.SQLite: `SELECT "from" FROM pragma_foreign_key_list('%s') WHERE lower("from") = 'user_id'`,
	dialect.Postgres: `SELECT f.conname FROM pg_catalog.pg_constraint f
		JOIN pg_catalog.pg_class c ON c.oid = f.conrelid
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (f.conkey)
		WHERE f.contype = 'f' AND n.nspname = current_schema() AND c.relname = '%s' AND a.attname = 'user_id'`,
	dialect.MySQL: `SELECT constraint_name FROM information_schema.key_column_usage
		WHERE table_schema = DATABASE() AND table_name = '%s' AND column_name = 'user_id'
		AND referenced_table_name IS NOT NULL`,
}

func userKeys(ctx context.Context, d *single, table string) ([]string, error) {
	var rows entsql.Rows
	if err := d.Query(ctx, fmt.Sprintf(userKeyQueries[d.dialect], table), []any{}, &rows); err != nil {
		return nil, fmt.Errorf("migrate: read the foreign keys: %w", err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("migrate: read the foreign keys: %w", err)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names, rows.Err()
}
