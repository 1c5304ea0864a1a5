package main

import (
	"slices"
	"testing"

	"entgo.io/ent/dialect"
)

func TestSplit(t *testing.T) {
	for _, row := range []struct {
		name, dialect, text string
		want                []string
	}{
		{"two lines", dialect.SQLite, "SELECT 1;\nSELECT 2;\n", []string{"SELECT 1", "SELECT 2"}},
		{"no last semicolon", dialect.MySQL, "SELECT 1; SELECT 2", []string{"SELECT 1", "SELECT 2"}},
		{"comments alone", dialect.Postgres, "-- nothing\n", nil},
		{"a semicolon in a text", dialect.Postgres, "SELECT ';';SELECT 2;", []string{"SELECT ';'", "SELECT 2"}},
		{"a backslash on MySQL", dialect.MySQL, `SELECT 'it\'s;'; SELECT 2;`, []string{`SELECT 'it\'s;'`, "SELECT 2"}},
		{"dollar quotes", dialect.Postgres, "DO $$ BEGIN a; END $$; SELECT 2;", []string{"DO $$ BEGIN a; END $$", "SELECT 2"}},
		{"a trigger", dialect.SQLite, "CREATE TRIGGER a AFTER INSERT ON b BEGIN SELECT 1; SELECT 2; END; SELECT 3;",
			[]string{"CREATE TRIGGER a AFTER INSERT ON b BEGIN SELECT 1; SELECT 2; END", "SELECT 3"}},
		{"a transaction", dialect.SQLite, "BEGIN; SELECT 1; COMMIT;", []string{"BEGIN", "SELECT 1", "COMMIT"}},
		{"another delimiter", dialect.MySQL, "DELIMITER //\nSELECT 1; SELECT 2//\nDELIMITER ;\nSELECT 3;", []string{"SELECT 1; SELECT 2", "SELECT 3"}},
	} {
		got, err := split(row.dialect, row.text)
		if err != nil || !slices.Equal(got, row.want) {
			t.Errorf("%s: got %q, %v, want %q", row.name, got, err, row.want)
		}
	}
	if got, err := split(dialect.SQLite, "CREATE TABLE a (b"); err == nil {
		t.Errorf("an open bracket: got %q, want an error", got)
	}
}

func TestGooseStatements(t *testing.T) {
	const up = "-- +goose Up\n"
	for _, row := range []struct {
		name, text string
		want       []string
	}{
		{"only the first half", up + "SELECT 1;\nSELECT 2;\n-- +goose Down\nSELECT 3;\n", []string{"SELECT 1", "SELECT 2"}},
		{"several lines", up + "SELECT\n 1;\n", []string{"SELECT\n 1"}},
		{"the word Down", up + "SELECT countDown;\n", []string{"SELECT countDown"}},
		{"a comment behind the end", up + "SELECT 1; -- one\nSELECT 2;\n", []string{"SELECT 1; -- one", "SELECT 2"}},
		{"comments between", "-- +goose NO TRANSACTION\n" + up + "-- one\nSELECT 1;\n\n", []string{"SELECT 1"}},
		{"a block", up + "-- +goose StatementBegin\nSELECT 1;\n-- two\nSELECT 2;\n-- +goose StatementEnd\nSELECT 3;\n", []string{"SELECT 1;\n-- two\nSELECT 2", "SELECT 3"}},
		{"no last semicolon", up + "SELECT 1\n", []string{"SELECT 1"}},
		{"nothing", up + "-- +goose Down\nSELECT 1;\n", nil},
	} {
		got, err := gooseStatements(row.text)
		if err != nil || !slices.Equal(got, row.want) {
			t.Errorf("%s: got %q, %v, want %q", row.name, got, err, row.want)
		}
	}
	for _, text := range []string{"SELECT 1;\n", up + "-- +goose StatementBegin\nSELECT 1;\n", up + "-- +goose StatementBegin\nSELECT 1;\n-- +goose Down\n"} {
		if got, err := gooseStatements(text); err == nil {
			t.Errorf("%q: got %q, want an error", text, got)
		}
	}
}

func TestUndo(t *testing.T) {
	for _, row := range []struct {
		name, dialect string
		in, want      []string
	}{
		{"a table takes its indexes along", dialect.SQLite, []string{"CREATE TABLE `a` (`b` text)", "CREATE UNIQUE INDEX `i` ON `a` (`b`)"}, []string{"DROP TABLE `a`"}},
		{"the last first", dialect.SQLite, []string{"CREATE TABLE `a` (`b` text)", "CREATE TABLE `c` (`b` text)"}, []string{"DROP TABLE `c`", "DROP TABLE `a`"}},
		{"constraints before tables", dialect.Postgres, []string{`CREATE TABLE "a" ("b" text)`, `ALTER TABLE "a" ADD CONSTRAINT "k" FOREIGN KEY ("b") REFERENCES "c" ("d")`},
			[]string{`ALTER TABLE "a" DROP CONSTRAINT "k"`, `DROP TABLE "a"`}},
		{"what a table that stays has got", dialect.Postgres, []string{`ALTER TABLE "a" ADD COLUMN "b" text NULL, ADD COLUMN "c" text NULL`, `CREATE INDEX "i" ON "a" ("b")`},
			[]string{`DROP INDEX "i"`, `ALTER TABLE "a" DROP COLUMN "c"`, `ALTER TABLE "a" DROP COLUMN "b"`}},
		{"the same on MySQL", dialect.MySQL,
			[]string{"ALTER TABLE `a` ADD COLUMN `b` varchar(9) NULL, ADD UNIQUE INDEX `i` (`b`), ADD CONSTRAINT `k` FOREIGN KEY (`b`) REFERENCES `c` (`d`)", "CREATE INDEX `j` ON `a` (`b`)"},
			[]string{"DROP INDEX `j` ON `a`", "ALTER TABLE `a` DROP FOREIGN KEY `k`", "DROP INDEX `i` ON `a`", "ALTER TABLE `a` DROP COLUMN `b`"}},
		{"rows of auth_meta", dialect.SQLite,
			[]string{"INSERT INTO auth_meta (id, value, updated_at) VALUES ('table:a', '1', '2026-01-02'), ('sessions_only', '1', '2026-01-02')", "UPDATE auth_meta SET value = '2' WHERE id = 'schema_version'"},
			[]string{"DELETE FROM auth_meta WHERE id IN ('table:a', 'sessions_only')"}},
		{"rows of an auth_meta that goes", dialect.SQLite,
			[]string{"CREATE TABLE `auth_meta` (`id` text)", "INSERT INTO auth_meta (id, value, updated_at) VALUES ('table:a', '1', '2026-01-02')"}, []string{"DROP TABLE `auth_meta`"}},
	} {
		if got := undo(row.dialect, row.in); !slices.Equal(got, row.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", row.name, got, row.want)
		}
	}
}
