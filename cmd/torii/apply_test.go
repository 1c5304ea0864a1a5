package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqltool"
	"entgo.io/ent/dialect"
)

// apply migrates a database as the folder's tool does, by Atlas' own readers of the
// formats and not by ours.
func apply(t *testing.T, pool *sql.DB, format, path string) {
	t.Helper()
	switch format {
	case "golang-migrate": // whole files
		for _, name := range glob(t, path, "*.up.sql") {
			exec(t, pool, content(t, name))
		}
		return
	case "atlas":
		dir, err := migrate.NewLocalDir(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := migrate.Validate(dir); err != nil {
			t.Fatalf("atlas.sum: %v", err)
		}
		applyDir(t, pool, dir)
	case "goose":
		dir, err := sqltool.NewGooseDir(path)
		if err != nil {
			t.Fatal(err)
		}
		applyDir(t, pool, dir)
	}
}

func applyDir(t *testing.T, pool *sql.DB, dir migrate.Dir) {
	t.Helper()
	files, err := dir.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		statements, err := f.Stmts()
		if err != nil {
			t.Fatal(err)
		}
		exec(t, pool, statements...)
	}
}

// revert takes back what the files of Torii's have done, the last one first.
func revert(t *testing.T, pool *sql.DB, format, path string) {
	t.Helper()
	pattern := map[string]string{"goose": "*_torii.sql", "golang-migrate": "*_torii.down.sql"}[format]
	names := glob(t, path, pattern)
	for i := len(names) - 1; i >= 0; i-- {
		text := content(t, names[i])
		if format == "goose" {
			_, text, _ = strings.Cut(text, "-- +goose Down\n")
		}
		for s := range strings.SplitSeq(text, ";\n") {
			if s = strings.TrimSpace(s); s != "" {
				exec(t, pool, s)
			}
		}
	}
}

func glob(t *testing.T, path, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(path, pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("no %s in %s (%v)", pattern, path, err)
	}
	return names
}

func content(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// write puts files into a folder: name, text, name, text, …
func write(t *testing.T, path string, files ...string) {
	t.Helper()
	for i := 0; i+1 < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(path, files[i]), []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// sum brings atlas.sum up to date, as "atlas migrate hash" does.
func sum(t *testing.T, path string) {
	t.Helper()
	dir, err := migrate.NewLocalDir(path)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := dir.Checksum()
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate.WriteSumFile(dir, hash); err != nil {
		t.Fatal(err)
	}
}

// tables lists the tables and views that a database has.
func tables(t *testing.T, pool *sql.DB, name string) []string {
	t.Helper()
	query := map[string]string{
		dialect.SQLite:   "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name",
		dialect.Postgres: "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind IN ('r', 'v', 'S') AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' ORDER BY relname",
		dialect.MySQL:    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name",
	}[name]
	rows, err := pool.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}
