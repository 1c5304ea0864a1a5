package migrate

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect"
)

// target is a DSN made safe: what to open, and how.
type target struct {
	dialect string
	driver  string // the database/sql driver's name
	dsn     string
	readDSN string   // for the readers of a SQLite file
	path    string   // of a SQLite file
	setup   []string // run on each new connection
	// direct returns dsn with the start-up option that proves a connection direct; nil
	// where that is not needed or cannot be.
	direct func(value string) string
}

// The drivers that Open knows, the preferred one of a dialect first.
var drivers = []struct {
	name, dialect, path string
	read                func(string) (target, error)
}{
	{"sqlite3", dialect.SQLite, "github.com/mattn/go-sqlite3", mattnDSN},
	{"sqlite", dialect.SQLite, "modernc.org/sqlite", moderncDSN},
	{"postgres", dialect.Postgres, "github.com/lib/pq", pqDSN},
	{"pgx", dialect.Postgres, "github.com/jackc/pgx/v5/stdlib", pgxDSN},
	{"mysql", dialect.MySQL, "github.com/go-sql-driver/mysql", mysqlDSN},
}

// resolve finds the driver and makes the DSN safe. Its errors never contain the DSN,
// which holds a password.
func resolve(driver, dsn string) (target, error) {
	byURL := schemeDialect(dsn)
	if driver == "" && byURL == "" {
		return target{}, fmt.Errorf("migrate: no driver is named and the DSN is not a URL " +
			"(sqlite:, file:, postgres://, postgresql://, mysql:// or mariadb://)")
	}
	installed := sql.Drivers()
	var missing string
	for _, d := range drivers {
		if driver != d.name && (driver != "" || byURL != d.dialect) {
			continue
		}
		if byURL != "" && byURL != d.dialect {
			return target{}, fmt.Errorf("migrate: driver %q cannot open a URL for %s", driver, byURL)
		}
		if !slices.Contains(installed, d.name) {
			if missing == "" {
				missing = fmt.Sprintf("migrate: no driver %q is registered; add to the program: import _ %q", d.name, d.path)
			}
			continue
		}
		t, err := d.read(dsn)
		if err != nil {
			return target{}, fmt.Errorf("migrate: %s DSN: %w", d.name, err)
		}
		t.dialect, t.driver = d.dialect, d.name
		return t, nil
	}
	if missing != "" {
		return target{}, fmt.Errorf("%s", missing)
	}
	return target{}, fmt.Errorf("migrate: driver %q is not known (sqlite3, sqlite, postgres, pgx or mysql); open the pool yourself and use OpenDB", driver)
}

// schemeDialect tells the dialect of a URL, "" of anything else. A DSN of MySQL can
// begin with "mysql:", so servers need the slashes.
func schemeDialect(dsn string) string {
	for _, s := range []struct{ prefix, dialect string }{
		{"sqlite:", dialect.SQLite}, {"sqlite3:", dialect.SQLite}, {"file:", dialect.SQLite},
		{"postgres://", dialect.Postgres}, {"postgresql://", dialect.Postgres},
		{"mysql://", dialect.MySQL}, {"mariadb://", dialect.MySQL},
	} {
		if strings.HasPrefix(dsn, s.prefix) {
			return s.dialect
		}
	}
	return ""
}

// refuse joins what is wrong with a DSN into one error, nil if nothing is.
func refuse(refused []string) error {
	if len(refused) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(refused, "; "))
}
