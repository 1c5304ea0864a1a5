package main

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/lib/pq"
	_ "github.com/mattn/go-sqlite3"
)

// defaultDSN has what migrate.OpenDB asks of a pool of SQLite's, foreign keys, and what
// it cannot see but advises: transactions that lock when they begin, and patience with
// the one that writes.
const defaultDSN = "file:todos.db?_foreign_keys=on&_txlock=immediate&_busy_timeout=10000&_journal_mode=WAL"

// database is the application's pool, which Torii shares, and how SQL differs.
type database struct {
	*sql.DB
	dialect string // which is the driver's name, for these three drivers
}

func openDatabase(driver, dsn string) (*database, error) {
	if driver != "sqlite3" && driver != "postgres" && driver != "mysql" {
		return nil, fmt.Errorf("driver %q is not known: say sqlite3, postgres or mysql", driver)
	}
	pool, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(16) // servers have a limit, and a pool has none by itself
	pool.SetMaxIdleConns(16)
	return &database{pool, driver}, nil
}

// createTable makes the table of todos if it is not there. A list goes with its owner,
// by the database's hand.
func (db *database) createTable(ctx context.Context) error {
	id, words, index := "varchar(64)", "varchar(200)", ""
	if db.dialect == "mysql" {
		// A column that refers to another must be of its very type: here that includes
		// the character set and collation of users.id.
		id += " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
		words += " CHARACTER SET utf8mb4"
		index = ", INDEX todos_owner (owner_id, created_at)"
	}
	_, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS todos (
		id         `+id+` NOT NULL PRIMARY KEY,
		owner_id   `+id+` NOT NULL,
		words      `+words+` NOT NULL,
		done       boolean NOT NULL,
		created_at bigint NOT NULL,
		FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE CASCADE`+index+`
	)`)
	if err == nil && index == "" {
		_, err = db.ExecContext(ctx, "CREATE INDEX IF NOT EXISTS todos_owner ON todos (owner_id, created_at)")
	}
	return err
}

// exec runs a statement and returns how many rows it found.
func (db *database) exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := db.ExecContext(ctx, db.bind(query), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// bind writes the placeholders of a query as the database wants them.
func (db *database) bind(query string) string {
	if db.dialect != "postgres" {
		return query
	}
	var b strings.Builder
	for i, part := range strings.Split(query, "?") {
		if i > 0 {
			b.WriteString("$" + strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	return b.String()
}
