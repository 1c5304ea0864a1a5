package migrate

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect"
)

// check connects, and on SQLite sees that the driver has understood the DSN: drivers
// other than the known ones register under the same name, and skip what they do not
// know.
func (t target) check(ctx context.Context, db *sql.DB, reader bool) error {
	if err := db.PingContext(ctx); err != nil {
		return t.explain(fmt.Errorf("migrate: connect: %w", err))
	}
	if t.dialect != dialect.SQLite {
		return nil
	}
	want := map[string]string{"foreign_keys": "1"}
	if t.path != "" {
		want["journal_mode"] = "wal"
	}
	if reader {
		want["query_only"] = "1"
	}
	for pragma, value := range want {
		var got string
		if err := db.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil {
			return t.explain(fmt.Errorf("migrate: PRAGMA %s: %w", pragma, err))
		}
		if !strings.EqualFold(got, value) {
			return fmt.Errorf("migrate: PRAGMA %s is %s after opening, want %s: the driver registered as %q does not take the parameters of a known one, "+
				"or the file system does not allow it", pragma, got, value, t.driver)
		}
	}
	return checkPool(ctx, t.dialect, db)
}

// checkPool sees that a pool has what Torii cannot do without.
func checkPool(ctx context.Context, name string, db *sql.DB) error {
	conn, err := connect(ctx, db)
	if err != nil {
		return err
	}
	defer conn.Close()
	switch name {
	case dialect.SQLite:
		return checkSQLiteConn(ctx, conn)
	case dialect.MySQL:
		return checkMySQLConn(ctx, conn)
	}
	return conn.PingContext(ctx)
}

func checkSQLiteConn(ctx context.Context, conn *sql.Conn) error {
	var on bool
	if err := conn.QueryRowContext(ctx, "PRAGMA foreign_keys").Scan(&on); err != nil {
		return fmt.Errorf("migrate: PRAGMA foreign_keys: %w", err)
	}
	if !on {
		return fmt.Errorf("migrate: foreign keys are off: %s", cureForeignKeys)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 60_000_000, time.UTC)
	var text string
	if err := conn.QueryRowContext(ctx, "SELECT CAST(? AS TEXT)", at).Scan(&text); err != nil {
		return fmt.Errorf("migrate: ask for the format of times: %w", err)
	}
	if want := "2026-01-02 03:04:05.06+00:00"; text != want {
		return fmt.Errorf("migrate: the driver writes times as %q, want %q: open modernc.org/sqlite with _time_format=sqlite", text, want)
	}
	return nil
}

func checkMySQLConn(ctx context.Context, conn *sql.Conn) error {
	var got any
	if err := conn.QueryRowContext(ctx, "SELECT CAST('2026-01-02 03:04:05.060000' AS DATETIME(6))").Scan(&got); err != nil {
		return fmt.Errorf("migrate: ask for a time: %w", err)
	}
	at, ok := got.(time.Time)
	if !ok {
		return fmt.Errorf("migrate: times come back as %T: add parseTime=true to the DSN", got)
	}
	if !at.Equal(time.Date(2026, 1, 2, 3, 4, 5, 60_000_000, time.UTC)) {
		return fmt.Errorf("migrate: times come back in the zone %s: remove loc from the DSN, or say loc=UTC", at.Location())
	}
	return nil
}
